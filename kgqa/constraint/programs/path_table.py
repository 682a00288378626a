"""The paths from a set, with what clauses need to know of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from kgqa.constraint.programs.path_level import Bools, PathLevel, Rows
from kgqa.constraint.programs.reached import Reached
from kgqa.constraint.programs.step_columns import Facts, Numbers, StepColumns
from kgqa.graph.adjacency import Ids
from kgqa.program import Path, Step

__all__ = ["LONGEST", "PathTable"]

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


class PathTable:
    """The paths from the members of a set that clauses may take, filled level by level.

    Of a large set only a sample of the members is read: every path found is one of the set, but not all are
    found.
    """

    def __init__(self, members: Ids, columns: StepColumns, grow: Callable[[int], None]) -> None:
        self.columns = columns
        self._grow = grow
        self.sampled = int(columns.degrees(members).sum()) > 4 * MOST_EDGES
        """Whether not all facts were looked at."""
        if self.sampled and len(members) > SAMPLED:
            members = members[np.linspace(0, len(members) - 1, SAMPLED).astype(np.int64)]
        self.members = members
        edges = columns.graph.outward.degrees(members)
        self._few_edges = not self.sampled and int(edges.sum()) <= MOST_EDGES
        first = PathLevel.root(columns, members)
        self.root = Reached(members, first, 0, ())
        self._levels = [first]
        self._children: list[list[int]] = []
        self._reached: dict[tuple[int, int], Reached] = {(0, 0): self.root}
        self._groups: dict[tuple[Path, Path], int] = {}

    @cached_property
    def small(self) -> bool:
        """Whether paths may have more than one step."""
        return self._few_edges and len(self.columns.steps_of(self.members)) <= MOST_STEPS

    def level(self, depth: int) -> PathLevel:
        """The paths of so many steps."""
        while len(self._levels) <= depth:
            last = self._levels[-1]
            self._levels.append(self._next(last))
            children = self._levels[-1].parents.searchsorted(np.arange(len(last) + 1))
            self._children.append(children.tolist())
        return self._levels[depth]

    def children(self, depth: int, number: int) -> range:
        """The places, in the next level, of the paths that go on from one."""
        self.level(depth + 1)
        return range(*self._children[depth][number : number + 2])

    def reached(self, depth: int, number: int) -> Reached:
        """What a path of a level reaches."""
        found = self._reached.get((depth, number))
        if found is None:
            level = self.level(depth)
            above = self.reached(depth - 1, int(level.parents[number]))
            path = (*above.path, self.columns.steps[int(level.steps[number])])
            found = self._reached[depth, number] = Reached(self.members, level, number, path)
        return found

    def at(self, path: Path) -> Reached | None:
        """What a path reaches; `None` for one that clauses may not take."""
        number = 0
        for depth, step in enumerate(path):
            found = self._child(depth, number, step)
            if found is None:
                return None
            number = found
        return self.reached(len(path), number)

    def groups_with_value(self, by: Reached, reached: Reached) -> int:
        """How many of the ends of one path are of members with a value at another."""
        key = by.path, reached.path
        if key not in self._groups:
            valued = np.zeros(len(self.members), dtype=np.bool_)
            if reached.low is not None:
                valued[reached.owners[~np.isnan(reached.low)]] = True
            self._groups[key] = len(np.unique(by.ends[valued[by.owners]]))
        return self._groups[key]

    def _child(self, depth: int, number: int, step: Step) -> int | None:
        places, wanted = self.children(depth, number), self.columns.number_of(step)
        steps = self._levels[depth + 1].steps[places.start : places.stop]
        at = int(steps.searchsorted(wanted))
        return places.start + at if at < len(steps) and steps[at] == wanted else None

    def _going_on(self, level: PathLevel) -> Bools:
        """Which paths may have one more step."""
        if not level.depth:
            return np.ones(len(level), dtype=np.bool_)
        if level.depth > LONGEST or not len(level):
            return np.zeros(len(level), dtype=np.bool_)
        found = level.greatest(self.columns.degrees(level.ends)) <= MOST_NEIGHBOURS
        if level.depth == LONGEST:
            found &= level.against
        if not self.small:
            found &= ~level.any_of(self.columns.graph.has_name(level.ends))
        return found

    def _next(self, level: PathLevel) -> PathLevel:
        going = self._going_on(level)
        if not going.any():
            nothing = np.empty(0, dtype=np.int64)
            return level.next(Rows(nothing, nothing, nothing, np.empty(0, dtype=np.int32)), 0)
        kept = slice(None) if going.all() else np.repeat(going, level.sizes)
        ends, owners, of = level.ends[kept], level.owners[kept], level.of[kept]
        first = not level.depth
        nodes, back = (ends, np.arange(len(ends))) if first else np.unique(ends, return_inverse=True)
        facts = self.columns.facts(nodes, most=SAMPLED if self.sampled else None)
        rows = Rows(of, back, owners, ends)
        if first:
            found = _following(rows, facts)
        else:
            pairs = np.bincount(of, (facts.first[1:] - facts.first[:-1])[back], minlength=len(level))
            large = np.flatnonzero(pairs > MOST_PAIRS)
            found = self._together(level, rows.without(large), facts)
            if len(large):
                parts = [found, *(self._apart(level, path, rows, facts) for path in large.tolist())]
                found = Rows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
        following = level.next(found, len(self.members))
        self._grow(4 * len(following.ends))
        return following

    def _together(self, level: PathLevel, rows: Rows, facts: Facts) -> Rows:
        """The rows of the next level behind paths that go on with all that may follow.

        Here and in `_apart`, `rows` have the places of their ends among the facts instead of steps.
        """
        found = _following(rows, facts)
        return found.where(self._may_follow(found.steps, level.steps[found.parents], level.depth))

    def _apart(self, level: PathLevel, path: int, rows: Rows, facts: Facts) -> Rows:
        """The rows of the next level behind one path, of steps that its ends have not too often."""
        rows = rows.where(slice(*rows.parents.searchsorted([path, path + 1]).tolist()))
        return _following(rows, self._few(facts, rows.steps, int(level.steps[path]), level.depth))

    def _few(self, facts: Facts, back: Numbers, came: int, depth: int) -> Facts:
        """The facts that one path goes on with; `back` are the places of its ends, once for each member."""
        counts = np.bincount(back, minlength=len(facts.first) - 1)
        nodes = np.flatnonzero(counts)
        rows, at = _expanded(facts.first, nodes)
        steps = facts.steps[at]
        pairs = np.bincount(steps, counts[nodes][rows], minlength=len(self.columns.steps))
        keep = self._may_follow(steps, came, depth) & (pairs[steps] <= MOST_PAIRS)
        left = np.bincount(nodes[rows[keep]], minlength=len(counts))
        return Facts(np.concatenate([[0], np.cumsum(left)]), steps[keep], facts.ends[at[keep]])

    def _may_follow(self, steps: Numbers, came: int | Numbers, depth: int) -> Bools:
        """Whether steps do not go back, nor on from values, nor against a relation a third time."""
        of_values = self.columns.valued_steps[came] & (steps % 2 == 1)
        keep: Bools = (steps != (came ^ 1)) & ~of_values
        return keep & (steps % 2 == 0) if depth == LONGEST else keep


def _following(rows: Rows, facts: Facts) -> Rows:
    """One row for each fact of the end of each row, whose places among the facts are in place of steps."""
    at_row, at = _expanded(facts.first, rows.steps)
    return Rows(rows.parents[at_row], facts.steps[at], rows.owners[at_row], facts.ends[at])


def _expanded(first: Numbers, back: Numbers) -> tuple[Numbers, Numbers]:
    """For each fact of each row's node, the place of the row and of the fact."""
    lengths = (first[1:] - first[:-1])[back]
    shift = first[:-1][back] - (np.cumsum(lengths) - lengths)
    return np.repeat(np.arange(len(back)), lengths), np.arange(int(lengths.sum())) + np.repeat(shift, lengths)
