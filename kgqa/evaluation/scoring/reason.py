"""Why a gold answer counted as found."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Reason"]

SHOWN = 60


@dataclass(frozen=True)
class Reason:
    """The rule under which a gold answer was found, and where.

    `line` is the place of what was said in the output (from 1; 0: no single line). `wanted` and
    `found` are the two texts as they were compared.
    """

    gold: str
    rule: str
    said: str
    line: int
    wanted: str
    found: str

    def describe(self) -> str:
        """One line for a reader; long texts are cut around what was found.

        >>> Reason("Niger", "gold is a substring of the line", "Nigeria", 2, "niger", "nigeria").describe()
        "'Niger': gold is a substring of the line; line 2 'nigeria'"
        """
        where = f"line {self.line} " if self.line else ""
        return f"{self.gold!r}: {self.rule}; {where}{_around(self.found, self.wanted)!r}"


def _around(text: str, part: str) -> str:
    if len(text) <= SHOWN:
        return text
    at = max(0, text.find(part))
    start = max(0, min(at - SHOWN // 3, len(text) - SHOWN))
    stop = max(at + len(part) if len(part) <= SHOWN else 0, start + SHOWN)
    return f"{'…' if start else ''}{text[start:stop]}{'…' if stop < len(text) else ''}"
