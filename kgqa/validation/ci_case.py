"""What a CI system is told of one thing that was checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

__all__ = ["CiCase", "Finding"]


class Finding(NamedTuple):
    """Something that was found, by the name of its kind, in one line; a note does not make the case fail."""

    rule: str
    text: str
    level: Literal["error", "note"] = "error"


@dataclass(frozen=True)
class CiCase:
    """A chain, program or question with what was found about it. `line` is that of its file, 0 for none."""

    title: str
    line: int
    findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings for which it fails."""
        return tuple(finding for finding in self.findings if finding.level == "error")
