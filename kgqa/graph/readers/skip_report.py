"""Bad lines that were skipped, because the caller allowed some."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from kgqa.errors import ParseError

__all__ = ["BadLine", "OnBadLine", "SkipReport", "refuse"]

OnBadLine = Callable[[str, int, str], None]
"""What a reader calls with source, line and reason: it raises, or returns and the line is skipped."""


@dataclass(frozen=True, order=True)
class BadLine:
    """A line that was skipped: which (1-based; a row in a table), and why."""

    source: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.source}, line {self.line}: {self.reason}"


@dataclass
class SkipReport:
    """The bad lines that were skipped, in the order they were met.

    >>> report = SkipReport()
    >>> report.skip("kb.tsv", 7, "2 fields instead of 3", limit=1)
    >>> len(report), str(report.lines[0])
    (1, 'kb.tsv, line 7: 2 fields instead of 3')
    """

    lines: list[BadLine] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[BadLine]:
        return iter(self.lines)

    def skip(self, source: str, line: int, reason: str, limit: int) -> None:
        """Keep a bad line. Raises `ParseError` when `limit` of them are kept already."""
        if len(self.lines) >= limit:
            if limit:
                reason += f"; this is bad line number {limit + 1}, at most {limit} may be skipped"
            raise ParseError(source, line, reason)
        self.lines.append(BadLine(source, line, reason))

    def up_to(self, limit: int) -> OnBadLine:
        """`skip` with this limit: what a reader takes."""
        return partial(self.skip, limit=limit)


def refuse(source: str, line: int, reason: str) -> None:
    """The strictest way with a bad line: raise `ParseError`."""
    raise ParseError(source, line, reason)
