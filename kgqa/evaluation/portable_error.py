"""Errors that cross from one process to another."""

from __future__ import annotations

import pickle

from kgqa.errors import DataError, UsageError

__all__ = ["portable"]


def portable(error: BaseException) -> BaseException:
    """The error, or its message in one that can be sent: some take more arguments than they keep."""
    try:
        kept = str(pickle.loads(pickle.dumps(error)))
    except Exception:
        kept = None
    if kept == str(error):
        return error
    return UsageError(str(error)) if isinstance(error, UsageError) else DataError(str(error))
