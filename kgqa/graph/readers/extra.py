"""Packages that are not always installed."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from kgqa.errors import UsageError

__all__ = ["extra_module"]


def extra_module(name: str, extra: str) -> ModuleType:
    """Import a package of one of the extras. Raises `UsageError` naming the extra when it is missing."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        package = name.partition(".")[0]
        raise UsageError(
            f'this needs the package {package}, which is not installed: pip install "kgqa[{extra}]"'
        ) from error
