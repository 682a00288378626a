"""A report of bad lines that were skipped, and of what a reader guessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kgqa.errors import ParseError

__all__ = ["Skip", "SkipReport"]


@dataclass(frozen=True, order=True)
class Skip:
    """A line that was skipped (1-based; a row in a table), and the reason."""

    source: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.source}, line {self.line}: {self.reason}"


@dataclass
class SkipReport:
    """Collects up to `limit` bad lines, from one or more files; iterates over them in order.

    `notes` has one line for each thing that a reader guessed or left out, with the option that changes it.

    >>> report = SkipReport(limit=1)
    >>> report.add("kb.tsv", 7, "2 fields instead of 3")
    >>> [str(skip) for skip in report]
    ['kb.tsv, line 7: 2 fields instead of 3']
    """

    limit: int = 0
    skips: list[Skip] = field(default_factory=list)
    notes: list[str] = field(default_factory=list, init=False)

    def __len__(self) -> int:
        return len(self.skips)

    def __iter__(self) -> Iterator[Skip]:
        return iter(self.skips)

    def add(self, source: str | Path, line: int, reason: str) -> None:
        """Skip a bad line. Raises `ParseError` if `limit` lines were skipped before."""
        if len(self.skips) >= self.limit:
            if self.limit:
                reason += f"; this is bad line number {self.limit + 1}, at most {self.limit} may be skipped"
            raise ParseError(source, line, reason)
        self.skips.append(Skip(str(source), line, reason))

    def note(self, source: object, text: str) -> None:
        """Say what was guessed."""
        self.notes.append(" ".join(f"{source}: {text}".split()))
