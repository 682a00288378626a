"""The command line: a skin over the library."""

from kgqa.cli.app import main

__all__ = ["main"]
