"""What one path from the members of a set reaches."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from kgqa.constraint.programs.path_level import Bools, Floats, PathLevel
from kgqa.constraint.programs.step_columns import Numbers
from kgqa.graph import Value, ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program import Aggregate, Measured, Nodes, Path
from kgqa.program.aggregation import aggregated
from kgqa.program.summary_value import average

__all__ = ["Reached"]


class Reached:
    """A path of a level: `owners` (places of `members`) and `ends` are its distinct pairs, sorted.

    `low` and `high` are the values of the ends, NaN where they have none, and `None` where the last step
    leads to no values. `having` members have an end, `valued` a value of the `kind`; with `plural` some
    member has several ends.
    """

    def __init__(self, members: Ids, level: PathLevel, number: int, path: Path) -> None:
        self.members = members
        self.level = level
        self.number = number
        self.path = path
        self.depth = level.depth
        first, last = level.firsts[number : number + 2].tolist()
        self._rows = slice(first, last)
        self.differs: dict[Aggregate, bool] = {}
        self._measures: dict[Aggregate, Measured] = {}
        self._averages: dict[Aggregate, Value | None] = {}
        self.few: list[tuple[str, Nodes]] | None = None
        """The names of its ends, where they are few and were asked for."""

    @cached_property
    def owners(self) -> Numbers:
        """The places of members, one for each end."""
        return self.level.owners[self._rows]

    @cached_property
    def ends(self) -> Ids:
        """The ends of each member."""
        return self.level.ends[self._rows]

    @cached_property
    def low(self) -> Floats | None:
        """The low bounds of the values of the ends."""
        return self.level.low[self._rows] if self._to_values else None

    @cached_property
    def high(self) -> Floats | None:
        """The high bounds of the values of the ends."""
        return self.level.high[self._rows] if self._to_values else None

    @property
    def having(self) -> int:
        """How many members have an end."""
        return int(self.level.having[self.number])

    @property
    def plural(self) -> bool:
        """Whether some member has several ends."""
        return bool(self.level.plural[self.number])

    @cached_property
    def kind(self) -> ValueKind:
        """What the values of the ends are."""
        return ValueKind(int(self.level.kinds[self.number]))

    @property
    def valued(self) -> int:
        """How many members have a value."""
        return int(self.level.valued[self.number])

    @cached_property
    def nodes(self) -> Ids:
        """The distinct ends, sorted."""
        return np.unique(self.ends) if self.depth else self.ends

    def measured(self, aggregate: Aggregate) -> Measured:
        """The measures of the members: an aggregate of the ends of the path."""
        found = self._measures.get(aggregate)
        if found is None:
            if aggregate is Aggregate.COUNT:
                counts = np.bincount(self.owners, minlength=len(self.members)).astype(np.float64)
                number = ValueKind.NUMBER
                found = Measured(self.members, counts, counts, counts, counts, len(self.members), number)
            else:
                assert self.low is not None
                assert self.high is not None
                known = ~np.isnan(self.low)
                values = self.low[known], self.high[known]
                found = aggregated(aggregate, self.members, self.owners[known], *values, self.kind)
            self._measures[aggregate] = found
        return found

    def average(self, aggregate: Aggregate) -> Value | None:
        """The average of the measures, as a condition compares with it."""
        if aggregate not in self._averages:
            if aggregate is Aggregate.VALUE:
                assert self.low is not None
                numbers, kind = self.low[~np.isnan(self.low)], self.kind
            else:
                measured = self.measured(aggregate)
                numbers, kind = measured.low, measured.kind
            self._averages[aggregate] = average(numbers, kind)
        return self._averages[aggregate]

    def count(self, rows: Bools) -> int:
        """How many members some of the pairs belong to."""
        owners = self.owners[rows]
        return int(np.count_nonzero(owners[1:] != owners[:-1])) + 1 if len(owners) else 0

    @property
    def _to_values(self) -> bool:
        return bool(self.depth and self.level.columns.valued_steps[self.level.steps[self.number]])
