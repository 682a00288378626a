"""The paths from a set, with what clauses need to know of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.programs.step_columns import Facts, Numbers, StepColumns
from kgqa.graph import Value, ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program import Aggregate, Measured, Nodes, Path
from kgqa.program.aggregation import aggregated
from kgqa.program.summary_value import average

__all__ = ["PathTable", "Reached"]

LONGEST = 2
"""Steps of a path in a clause, to which one along a relation is added behind two against relations."""
MOST_EDGES = 50_000
"""Of sets with more edges, paths in clauses have one step; more than four times as many are sampled."""
MOST_STEPS = 48
"""Of sets with more kinds of steps, paths in clauses have one step."""
MOST_PAIRS = 20_000
"""A path goes on with a step that its ends have at most so many times, an end once for each member."""
MOST_NEIGHBOURS = 200_000
"""A path does not go on through nodes with more facts."""
SAMPLED = 1_000
"""Of large sets, so many members are looked at; of each, so many facts of a relation."""

Floats = NDArray[np.float64]


class Reached:
    """What one path reaches.

    `owners` (places of members) and `ends` are its distinct pairs, sorted; `low` and `high` the values of the
    ends, NaN where they have none, and `None` where the last step leads to no values. `having` members have
    an end, `valued` a value of the `kind`; with `plural` some member has several ends.
    """

    __slots__ = (
        *(
            "__dict__",
            "children",
            "depth",
            "ends",
            "having",
            "high",
            "kind",
            "low",
            "owners",
            "path",
            "plural",
        ),
        *("step", "table", "valued"),
    )

    def __init__(self, table: PathTable, path: Path, step: int, owners: Numbers, ends: Ids) -> None:
        self.table = table
        self.path = path
        self.depth = len(path)
        self.step = step
        self.owners = owners
        self.ends = ends
        self.children: list[Reached] = []
        self.having = self.valued = 0
        self.plural = False
        self.kind = ValueKind.NONE
        self.low: Floats | None = None
        self.high: Floats | None = None
        self.differs: dict[Aggregate, bool] = {}
        self.measures: dict[Aggregate, Measured] = {}
        self.averages: dict[Aggregate, Value | None] = {}
        self.few: list[tuple[str, Nodes]] | None = None
        """The names of its ends, where they are few and were asked for."""

    @property
    def after(self) -> list[Reached]:
        """The paths with one more step."""
        self.table.fill(self.depth + 1)
        return self.children

    @cached_property
    def nodes(self) -> Ids:
        """The distinct ends, sorted."""
        return np.unique(self.ends) if self.depth else self.ends

    def measured(self, aggregate: Aggregate) -> Measured:
        """The measures of the members: an aggregate of the ends of the path."""
        found = self.measures.get(aggregate)
        if found is None:
            members = self.table.members
            if aggregate is Aggregate.COUNT:
                counts = np.bincount(self.owners, minlength=len(members)).astype(np.float64)
                found = Measured(members, counts, counts, counts, counts, len(members), ValueKind.NUMBER)
            else:
                assert self.low is not None
                assert self.high is not None
                known = ~np.isnan(self.low)
                values = self.low[known], self.high[known]
                found = aggregated(aggregate, members, self.owners[known], *values, self.kind)
            self.measures[aggregate] = found
        return found

    def average(self, aggregate: Aggregate) -> Value | None:
        """The average of the measures, as a condition compares with it."""
        if aggregate not in self.averages:
            if aggregate is Aggregate.VALUE:
                assert self.low is not None
                numbers, kind = self.low[~np.isnan(self.low)], self.kind
            else:
                measured = self.measured(aggregate)
                numbers, kind = measured.low, measured.kind
            self.averages[aggregate] = average(numbers, kind)
        return self.averages[aggregate]

    def count(self, rows: NDArray[np.bool_]) -> int:
        """How many members some of the pairs belong to."""
        owners = self.owners[rows]
        return int((owners[1:] != owners[:-1]).sum()) + 1 if len(owners) else 0


class PathTable:
    """The paths from the members of a set that clauses may take, filled level by level.

    Of a large set only a sample of the members is read: every path found is one of the set, but not all are
    found.
    """

    def __init__(self, members: Ids, columns: StepColumns, grow: Callable[[int], None]) -> None:
        self.columns = columns
        self._grow = grow
        degrees = columns.degrees(members)
        self.sampled = int(degrees.sum()) > 4 * MOST_EDGES
        """Whether not all facts were looked at."""
        if self.sampled and len(members) > SAMPLED:
            members = members[np.linspace(0, len(members) - 1, SAMPLED).astype(np.int64)]
        self.members = members
        edges = columns.graph.outward.offsets[members + 1] - columns.graph.outward.offsets[members]
        self._few_edges = not self.sampled and int(edges.sum()) <= MOST_EDGES
        self.root = Reached(self, (), -1, np.arange(len(members)), members)
        self._levels: list[list[Reached]] = [[self.root]]
        self._by_path: dict[Path, Reached] = {(): self.root}
        self._groups: dict[tuple[Path, Path], int] = {}

    @cached_property
    def small(self) -> bool:
        """Whether paths may have more than one step."""
        return self._few_edges and len(self.columns.steps_of(self.members)) <= MOST_STEPS

    def at(self, path: Path) -> Reached | None:
        """What a path reaches; `None` for one that clauses may not take."""
        self.fill(len(path))
        return self._by_path.get(path)

    def fill(self, depth: int) -> None:
        """Find the paths of up to so many steps."""
        while len(self._levels) <= depth:
            self._levels.append(self._next(self._levels[-1]))

    def groups_with_value(self, by: Reached, reached: Reached) -> int:
        """How many of the ends of one path are of members with a value at another."""
        key = by.path, reached.path
        if key not in self._groups:
            valued = np.zeros(len(self.members), dtype=np.bool_)
            if reached.low is not None:
                valued[reached.owners[~np.isnan(reached.low)]] = True
            self._groups[key] = len(np.unique(by.ends[valued[by.owners]]))
        return self._groups[key]

    def _goes_on(self, reached: Reached) -> bool:
        if reached.depth > LONGEST or (reached.depth == LONGEST and not all(s.inverse for s in reached.path)):
            return False
        if not reached.depth:
            return True
        if not self.small and self.columns.graph.named[reached.nodes].any():
            return False
        return int(self.columns.degrees(reached.nodes).max(initial=0)) <= MOST_NEIGHBOURS

    def _next(self, level: Sequence[Reached]) -> list[Reached]:
        parents = [reached for reached in level if self._goes_on(reached)]
        if not parents:
            return []
        first = not parents[0].depth
        ends = np.concatenate([reached.ends for reached in parents])
        nodes, back = (ends, np.arange(len(ends))) if first else np.unique(ends, return_inverse=True)
        facts = self.columns.facts(nodes, most=SAMPLED if self.sampled else None)
        owners = np.concatenate([reached.owners for reached in parents])
        parent = np.repeat(np.arange(len(parents)), [len(reached.ends) for reached in parents])
        came = np.array([reached.step for reached in parents])
        if first or int((facts.first[1:] - facts.first[:-1])[back].sum()) <= MOST_PAIRS:
            rows, at = _expanded(facts.first, back)
            parent, owners, steps, targets = parent[rows], owners[rows], facts.steps[at], facts.ends[at]
            if not first:
                keep = self._may_follow(steps, came[parent], parents[0].depth)
                parent, owners, steps, targets = parent[keep], owners[keep], steps[keep], targets[keep]
            return self._grouped(parents, parent, steps, owners, targets)
        parts = []
        start = 0
        for number, reached in enumerate(parents):
            own = slice(start, start + len(reached.ends))
            start = own.stop
            part = self._few(facts, back[own], came[number], reached.depth)
            rows, at = _expanded(part.first, back[own])
            parts.append((np.full(len(rows), number), part.steps[at], owners[own][rows], part.ends[at]))
        return self._grouped(parents, *(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def _few(self, facts: Facts, back: Numbers, came: int, depth: int) -> Facts:
        """The facts that one path goes on with; `back` are the places of its ends, once for each member."""
        weights = np.bincount(back, minlength=len(facts.first) - 1)
        place = np.repeat(np.arange(len(weights)), facts.first[1:] - facts.first[:-1])
        pairs = np.bincount(facts.steps, weights[place], minlength=len(self.columns.steps))
        keep = self._may_follow(facts.steps, came, depth) & (pairs[facts.steps] <= MOST_PAIRS)
        first = np.concatenate([[0], np.cumsum(keep)])[facts.first]
        return Facts(first, facts.steps[keep], facts.ends[keep])

    def _may_follow(self, steps: Numbers, came: int | Numbers, depth: int) -> NDArray[np.bool_]:
        """Whether steps do not go back, nor on from values, nor against a relation a third time."""
        of_values = self.columns.valued_steps[came] & (steps % 2 == 1)
        keep: NDArray[np.bool_] = (steps != (came ^ 1)) & ~of_values
        return keep & (steps % 2 == 0) if depth == LONGEST else keep

    def _grouped(
        self, parents: list[Reached], parent: Numbers, steps: Numbers, owners: Numbers, targets: Ids
    ) -> list[Reached]:
        """The children of some paths, from rows of a parent, a step, a member and an end."""
        if not len(parent):
            return []
        width = len(self.columns.steps)
        paths, of = np.unique(parent * width + steps, return_inverse=True)
        entities = self.columns.graph.entity_count
        pairs = owners * entities + targets
        most = len(self.members) * entities
        if len(paths) * most < 2**62:
            keys = np.unique(of * most + pairs)
            of, pairs = keys // most, keys % most
        else:
            order = np.lexsort((pairs, of))
            of, pairs = of[order], pairs[order]
            keep = np.concatenate([[True], (of[1:] != of[:-1]) | (pairs[1:] != pairs[:-1])])
            of, pairs = of[keep], pairs[keep]
        owners, targets = pairs // entities, (pairs % entities).astype(np.int32)
        self._grow(4 * len(of))
        fresh = np.concatenate([[True], (of[1:] != of[:-1]) | (owners[1:] != owners[:-1])])
        having = np.bincount(of[fresh], minlength=len(paths)).tolist()
        firsts = np.searchsorted(of, np.arange(len(paths) + 1)).tolist()
        found = []
        for number, path in enumerate(paths.tolist()):
            above, step = parents[path // width], path % width
            low, high = firsts[number], firsts[number + 1]
            child = Reached(
                self, (*above.path, self.columns.steps[step]), step, owners[low:high], targets[low:high]
            )
            child.having = having[number]
            child.plural = high - low > having[number]
            above.children.append(child)
            self._by_path[child.path] = child
            found.append(child)
        self._add_values(found)
        return found

    def _add_values(self, level: list[Reached]) -> None:
        """The values at the ends of paths, those with the same last step together."""
        by_step: dict[int, list[Reached]] = {}
        for reached in level:
            if reached.step % 2 == 0:
                by_step.setdefault(reached.step, []).append(reached)
        for step, group in by_step.items():
            if not self.columns.comparable[step // 2]:
                continue
            ends = np.concatenate([reached.ends for reached in group])
            path = (self.columns.steps[step],)
            low, high, kind = self.columns.executor.end_values(path, ends)
            known = ~np.isnan(low)
            start = 0
            for reached in group:
                stop = start + len(reached.ends)
                reached.low, reached.high = low[start:stop], high[start:stop]
                reached.valued = reached.count(known[start:stop])
                reached.kind = kind if reached.valued else ValueKind.NONE
                start = stop


def _expanded(first: Numbers, back: Numbers) -> tuple[Numbers, Numbers]:
    """For each fact of each row's node, the place of the row and of the fact."""
    lengths = (first[1:] - first[:-1])[back]
    shift = first[:-1][back] - (np.cumsum(lengths) - lengths)
    return np.repeat(np.arange(len(back)), lengths), np.arange(int(lengths.sum())) + np.repeat(shift, lengths)
