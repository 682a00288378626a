"""Sets of nodes, each kept once, with what was computed for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Self, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.programs.path_table import PathTable
from kgqa.constraint.programs.step_columns import Onward, StepColumns
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Ids
from kgqa.program import Clause, Executor, Nodes, Step

__all__ = ["MemberSet", "MemberSets", "steps_on"]

MOST_KEPT = 4_000_000
"""Numbers (members, and rows of tables) that are kept with a graph before they are found anew."""

T = TypeVar("T")


class MemberSet:
    """A set of nodes (int32, sorted). Equal sets of a `MemberSets` are one object, unless memory ran out.

    `facts` caches what was computed for it, by key. Nothing in it depends on the question that is decoded.
    """

    __slots__ = ("__dict__", "facts", "ids", "sets", "size")

    def __init__(self, ids: Ids, sets: MemberSets) -> None:
        self.ids = ids
        self.size = len(ids)
        self.sets = sets
        self.facts: dict[object, object] = {}

    def fact(self, key: object, find: Callable[[], T]) -> T:
        """The cached result for this key, computed at its first use."""
        if key not in self.facts:
            self.facts[key] = find()
            self.sets.grow(20)
        return cast(T, self.facts[key])

    @cached_property
    def onward(self) -> list[Step]:
        """The steps that some member has."""
        return self.reached.steps if "reached" in vars(self) else self.sets.columns.steps_of(self.ids)

    @cached_property
    def reached(self) -> Onward:
        """What each step reaches."""
        found = self.sets.columns.reached(self.ids)
        self.sets.grow(len(found.ends))
        return found

    def after(self, step: Step) -> MemberSet:
        """What a step reaches."""
        return self.fact(step, lambda: self.sets.of(self.sets.executor.follow(self.ids, (step,))))

    def after_clause(self, clause: Clause) -> MemberSet:
        """What a clause keeps."""
        return self.fact(clause, lambda: self.sets.of(self.sets.executor.apply(clause, self.ids)))

    @cached_property
    def table(self) -> PathTable:
        """The paths from the members."""
        return PathTable(self.ids, self.sets.columns, self.sets.grow)

    def mask(self) -> NDArray[np.bool_]:
        """Which nodes of the graph are members."""
        found = np.zeros(self.sets.executor.graph.entity_count, dtype=np.bool_)
        found[self.ids] = True
        return found

    @cached_property
    def dividing_classes(self) -> list[tuple[Nodes, int]]:
        """The classes that some members belong to, but not all, with the number of those that do."""
        graph, classes = self.sets.executor.graph, self.sets.executor.classes
        direct = set(classes.classes_of(self.ids).tolist())
        mask = self.mask()
        found = []
        for named in classes.named:
            if direct.isdisjoint(named.nodes):
                continue
            instances = classes.instances_of(named.nodes)
            inside = int(mask[instances].sum())
            if 0 < inside < self.size:
                found.append((tuple(graph.entity(node) for node in named.nodes), inside))
        return found


class MemberSets:
    """The sets that programs over one graph went through, with what is known of them, in bounded memory."""

    def __init__(self, graph: IndexedGraph, inverse: bool) -> None:
        self.executor = Executor.of(graph)
        self.columns = StepColumns(self.executor, inverse)
        self._known: dict[bytes, MemberSet] = {}
        self._facts: dict[object, object] = {}
        self._kept = 0

    @classmethod
    def of_graph(cls, graph: IndexedGraph, inverse: bool) -> Self:
        """The sets of a graph, kept with it."""
        found = cast("dict[bool, Self]", graph.derived.setdefault(cls, {}))
        if inverse not in found:
            found[inverse] = cls(graph, inverse)
        return found[inverse]

    def of(self, ids: Ids) -> MemberSet:
        """The set with these members (int32, sorted)."""
        key = ids.tobytes()
        found = self._known.get(key)
        if found is None:
            if self._kept > MOST_KEPT:
                self._known.clear()
                self._facts.clear()
                self._kept = 0
            self._kept += 2 * len(ids) + 100
            found = self._known[key] = MemberSet(ids, self)
        return found

    def fact(self, key: object, find: Callable[[], T]) -> T:
        """The cached result for this key, computed at its first use."""
        if key not in self._facts:
            self._facts[key] = find()
            self._kept += 20
        return cast(T, self._facts[key])

    def grow(self, numbers: int) -> None:
        """Count so many more numbers that a set keeps, for the bound on memory."""
        self._kept += numbers


def steps_on(members: MemberSet, came: Step | None, direct: bool) -> list[Step]:
    """The steps that programs take from a set that the step `came` led to, `direct` without a clause since.

    From values these are only those to what has one of them, and only directly.
    """
    columns = members.sets.columns
    if came is None or not columns.to_values(came):
        return members.onward
    forward = [step for step in members.onward if not step.inverse]
    if forward or not direct:
        return forward
    return [step for step in members.onward if columns.of_values(step)]
