"""Columns of text, however wide the terminal is."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["aligned"]


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Rows of equally many cells: the first column to the left, the others to the right; nothing is cut.

    >>> print(aligned([["", "n"], ["strict", "12"]]))
             n
    strict  12
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    )
    return "\n".join(lines)
