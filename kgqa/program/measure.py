"""What members of a set are compared by: a value, or an aggregate of what a path reaches."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

__all__ = ["SUMMARIES", "Aggregate", "Measure", "Path", "Step"]


class Step(NamedTuple):
    """A step along the relations with this text (their label), or against them (`inverse`).

    Relations with equal texts are one step, as in the relation paths of `kgqa.constraint`.
    """

    relation: str
    inverse: bool = False

    def turned(self) -> Step:
        """The step in the other direction."""
        return Step(self.relation, not self.inverse)


Path: TypeAlias = tuple[Step, ...]
"""Steps one after the other; the empty path stays where it is."""


class Aggregate(StrEnum):
    """What is made of the ends of a path: their own values, their number, or a summary of their values."""

    VALUE = "value"
    COUNT = "count"
    TOTAL = "total"
    AVERAGE = "average"
    HIGHEST = "highest"
    LOWEST = "lowest"


SUMMARIES = (Aggregate.TOTAL, Aggregate.AVERAGE, Aggregate.HIGHEST, Aggregate.LOWEST)
"""The aggregates that summarise values."""


@dataclass(frozen=True)
class Measure:
    """A number or date for each member of a set.

    Without `by`, that of the member itself: the value at the end of `path` (of several values the one that
    counts most: the highest for "most", the lowest for "least", any for a comparison), or the `aggregate` of
    all that the path reaches. With `by`, the set is grouped by the ends of the path `by`, the measure is of
    these ends, and what is aggregated is reached from the members of the group; `COUNT` over an empty path
    counts the members. A count is 0 where nothing is reached ("fewer than two friends" has those with none);
    all else is missing there.
    """

    path: Path = ()
    aggregate: Aggregate = Aggregate.VALUE
    by: Path = ()

    def __post_init__(self) -> None:
        if not self.path and not (self.by and self.aggregate is Aggregate.COUNT):
            raise ValueError("a measure needs a path, unless it counts the members of groups")
        if self.by and self.aggregate is Aggregate.VALUE:
            raise ValueError("groups need an aggregate")
