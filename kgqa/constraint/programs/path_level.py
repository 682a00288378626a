"""The paths of one length from the members of a set, as arrays."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.programs.step_columns import Numbers, StepColumns
from kgqa.graph import ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program.sets import first_of_runs

__all__ = ["MEASURABLE", "Bools", "Floats", "PathLevel", "Rows"]

MEASURABLE = (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION)
"""The kinds of values that programs of the grammar compare and sum: all but booleans."""

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


class Rows(NamedTuple):
    """Paths to ends: the path gone on from, the last step, the place of the member, the end; of each row."""

    parents: Numbers
    steps: Numbers
    owners: Numbers
    ends: Ids

    def where(self, keep: Bools | slice) -> Rows:
        """Some of the rows."""
        return Rows(self.parents[keep], self.steps[keep], self.owners[keep], self.ends[keep])

    def without(self, paths: Numbers) -> Rows:
        """The rows that do not go on from these paths."""
        return self.where(~np.isin(self.parents, paths)) if len(paths) else self


class PathLevel:
    """Paths of `depth` steps, sorted by the path that each goes on from and by its last step.

    Of each path, `parents` has the place of the path before its last step in the level before, `steps` the
    number of that step, and `against` whether all of its steps go against relations. Its rows are those
    from `firsts[path]` to `firsts[path + 1]`: the distinct pairs of a member (`owners`, its place) and an end
    (`ends`), sorted.
    """

    def __init__(
        self, columns: StepColumns, depth: int, rows: Rows, firsts: Numbers, above: PathLevel | None = None
    ) -> None:
        self.columns = columns
        self.depth = depth
        self.parents, self.steps, self.owners, self.ends = rows
        self.firsts = firsts
        self.sizes: Numbers = np.diff(firsts)
        self.against: Bools = np.ones(len(self.steps), dtype=np.bool_)
        if above is not None:
            self.against = above.against[self.parents] & (self.steps % 2 == 1)

    @classmethod
    def root(cls, columns: StepColumns, members: Ids) -> Self:
        """The empty path, which ends where it starts."""
        nothing = np.array([-1])
        rows = Rows(nothing, nothing, np.arange(len(members)), members)
        return cls(columns, 0, rows, np.array([0, len(members)]))

    def next(self, rows: Rows, members: int) -> Self:
        """The paths with one more step, from rows in any order; `members` is how many there are."""
        width, entities = len(self.columns.steps), self.columns.graph.entity_count
        paths, pairs = rows.parents * width + rows.steps, rows.owners * entities + rows.ends
        most = members * entities
        if len(self) * width * most < 2**62:
            keys = np.sort(paths * most + pairs)
            paths, pairs = np.divmod(keys[first_of_runs(keys)], most)
        else:
            order = np.lexsort((pairs, paths))
            paths, pairs = paths[order], pairs[order]
            keep = np.ones(len(paths), dtype=np.bool_)
            np.logical_or(paths[1:] != paths[:-1], pairs[1:] != pairs[:-1], out=keep[1:])
            paths, pairs = paths[keep], pairs[keep]
        firsts = first_of_runs(paths)
        parents, steps = np.divmod(paths[firsts], width)
        owners, ends = np.divmod(pairs, entities)
        found = Rows(parents, steps, owners, ends.astype(np.int32))
        return type(self)(self.columns, self.depth + 1, found, np.append(firsts, len(paths)), self)

    def __len__(self) -> int:
        return len(self.steps)

    @cached_property
    def of(self) -> Numbers:
        """The path of each row."""
        return np.repeat(np.arange(len(self)), self.sizes)

    @cached_property
    def having(self) -> Numbers:
        """How many members have an end."""
        return self._owners_of(np.ones(len(self.ends), dtype=np.bool_))

    @cached_property
    def plural(self) -> Bools:
        """Whether some member has several ends."""
        return np.asarray(self.sizes > self.having)

    @cached_property
    def several(self) -> Bools:
        """Which paths have at least two different ends."""
        if not len(self):
            return np.zeros(0, dtype=np.bool_)
        first = self.firsts[:-1]
        found: Bools = np.minimum.reduceat(self.ends, first) < np.maximum.reduceat(self.ends, first)
        return found

    @property
    def low(self) -> Floats:
        """The low bound of the value of each row, NaN where its end has none."""
        return self._values[0]

    @property
    def high(self) -> Floats:
        """The high bound of the value of each row."""
        return self._values[1]

    @property
    def kinds(self) -> NDArray[np.int8]:
        """What the values of each path are (`ValueKind`)."""
        return self._values[2]

    @property
    def valued(self) -> Numbers:
        """How many members have a value."""
        return self._values[3]

    @cached_property
    def comparable(self) -> Bools:
        """Which paths lead to numbers, dates or durations."""
        return self.of_kinds(MEASURABLE)

    def of_kinds(self, kinds: Iterable[ValueKind]) -> Bools:
        """Which paths lead to values of one of these kinds."""
        wanted = np.zeros(len(ValueKind), dtype=np.bool_)
        for kind in kinds:
            wanted[kind] = True
        return wanted[self.kinds]

    def any_of(self, rows: Bools) -> Bools:
        """Which paths have one of these rows."""
        return np.asarray(np.logical_or.reduceat(rows, self.firsts[:-1])) if len(self) else rows[:0]

    def greatest(self, numbers: Numbers) -> Numbers:
        """The greatest number among the rows of each path."""
        return np.asarray(np.maximum.reduceat(numbers, self.firsts[:-1])) if len(self) else numbers[:0]

    def unequal(self, members: Bools) -> Bools:
        """Of which paths some of these members have more ends than others of them."""
        rows = np.flatnonzero(members[self.owners])
        found = np.zeros(len(self), dtype=np.bool_)
        if not len(rows):
            return found
        of, owners = self.of[rows], self.owners[rows]
        runs = first_of_runs(of * len(members) + owners)
        counts, paths = np.diff(np.append(runs, len(rows))), of[runs]
        first = first_of_runs(paths)
        with_ends = np.diff(np.append(first, len(paths)))
        least = np.where(with_ends < np.count_nonzero(members), 0, np.minimum.reduceat(counts, first))
        found[paths[first]] = np.maximum.reduceat(counts, first) > least
        return found

    @cached_property
    def _values(self) -> tuple[Floats, Floats, NDArray[np.int8], Numbers]:
        low, high = np.full(len(self.ends), np.nan), np.full(len(self.ends), np.nan)
        kinds = np.zeros(len(self), dtype=np.int8)
        if not self.depth or not len(self):
            return low, high, kinds, np.zeros(len(self), dtype=np.int64)
        for step in np.unique(self.steps[self.columns.valued_steps[self.steps]]).tolist():
            paths = self.steps == step
            rows = np.repeat(paths, self.sizes)
            path = (self.columns.steps[step],)
            low[rows], high[rows], kinds[paths] = self.columns.executor.end_values(path, self.ends[rows])
        valued = self._owners_of(~np.isnan(low))
        kinds[valued == 0] = ValueKind.NONE
        return low, high, kinds, valued

    def _owners_of(self, rows: Bools) -> Numbers:
        """How many members some rows of each path belong to."""
        of, owners = self.of[rows], self.owners[rows]
        fresh = np.ones(len(of), dtype=np.bool_)
        np.logical_or(of[1:] != of[:-1], owners[1:] != owners[:-1], out=fresh[1:])
        return np.bincount(of[fresh], minlength=len(self))
