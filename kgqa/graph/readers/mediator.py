"""Mediators that stand for a fact: the relations that lead to them, and what they are called."""

from __future__ import annotations

import hashlib
from pathlib import Path

__all__ = ["STATEMENT", "file_mark", "statement_label"]

STATEMENT = "~statement"
"""The end of the relations that lead to statements."""


def statement_label(label: str) -> str:
    """The name of a relation that leads to the statements of another one."""
    return f"{label} (statement)"


def file_mark(path: Path) -> str:
    """What tells the nodes without a name of this file from those of all others, also of the same name."""
    return f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
