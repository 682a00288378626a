"""The command line; all logic is in the packages below."""

from kgqa.cli.app import main

__all__ = ["main"]
