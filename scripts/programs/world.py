"""A graph as a translator of gold forms sees it: its classes, their relations, its names."""

from __future__ import annotations

from collections import Counter
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from kgqa.graph import IndexedGraph, Value, ValueKind, date_interval, fold_name, open_graph
from kgqa.graph.adjacency import Ids
from kgqa.program import Executor, Nodes, Step

__all__ = ["World", "open_world"]

RDFS_CLASS = "http://www.w3.org/2000/01/rdf-schema#Class"


@cache
def open_world(path: Path) -> World:
    return World(open_graph(path))


class World:
    """Look-ups that gold forms need: nodes by name and class, steps by class, kinds of values."""

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph
        self.executor = Executor.of(graph)
        self.steps = self.executor.steps
        self.steps_of = cache(self._steps_of)
        self.reached = cache(self._reached)
        self.target_classes = cache(self._target_classes)
        self.covers = cache(self._covers)
        self.single = cache(self._single)
        self.leads_only_to = cache(self._leads_only_to)
        self.symmetric = cache(self._symmetric)

    @cached_property
    def classes(self) -> dict[str, Nodes]:
        """The classes of the schema by their names."""
        of_schema = self.executor.classes.instances(self.ids((RDFS_CLASS,)))
        return {self.graph.labels[node]: (self.graph.entity(node),) for node in of_schema.tolist()}

    @cached_property
    def by_name(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for node in range(self.graph.entity_count):
            found.setdefault(fold_name(self.graph.labels[node]), []).append(node)
        return found

    def named(self, name: str) -> Nodes:
        """All nodes with a name, as a program's text means them."""
        return tuple(self.graph.entity(node) for node in self.by_name.get(fold_name(name), ()))

    def label(self, node: str) -> str:
        return str(self.graph.labels[self.graph.entity_id(node)])

    def ids(self, nodes: Nodes) -> Ids:
        return np.array(sorted({self.graph.entity_id(node) for node in nodes}), dtype=np.int32)

    def instances(self, classes: Nodes) -> Ids:
        return self.executor.classes.instances(self.ids(classes))

    def _steps_of(self, classes: Nodes) -> list[Step]:
        members = self.instances(classes)
        return [step for step in self.steps.onward(members) if step.relation not in ("comment",)]

    def _reached(self, classes: Nodes, step: Step) -> Ids:
        return self.steps.reached(self.instances(classes), step)

    def _target_classes(self, classes: Nodes, step: Step) -> frozenset[str]:
        """The schema classes of what a step reaches; empty for literals."""
        ends = self.reached(classes, step)
        found = set()
        for own in self.classes.values():
            if len(np.intersect1d(ends, self.instances(own))):
                found.add(own[0])
        return frozenset(found)

    def _covers(self, classes: Nodes, step: Step) -> bool:
        """Whether every instance of a class has the step."""
        members = self.instances(classes)
        return len(np.unique(self.steps.pairs(members, (step,)).owners)) == len(members)

    def _single(self, classes: Nodes, step: Step) -> bool:
        """Whether the step reaches at most one node from each instance."""
        owners = self.steps.pairs(self.instances(classes), (step,)).owners
        return len(np.unique(owners)) == len(owners)

    def _leads_only_to(self, step: Step, classes: Nodes) -> bool:
        """Whether all that the step reaches, from anywhere, are instances of a class."""
        everything = np.arange(self.graph.entity_count, dtype=np.int32)
        ends = self.steps.reached(everything, step)
        return not len(np.setdiff1d(ends, self.instances(classes)))

    def _symmetric(self, relation: str) -> bool:
        everything = np.arange(self.graph.entity_count, dtype=np.int32)
        pairs = self.steps.pairs(everything, (Step(relation),))
        if not len(pairs.ends):
            return False
        forward = set(zip(pairs.owners.tolist(), pairs.ends.tolist(), strict=True))
        return all((tail, head) in forward for head, tail in forward)

    def kind(self, relation: str) -> ValueKind:
        """What the tails of a relation are compared as."""
        kinds = Counter(
            self.executor.values.relation_kind(number) for number in self.steps.relations(Step(relation))
        )
        kinds.pop(ValueKind.NONE, None)
        return kinds.most_common(1)[0][0] if kinds else ValueKind.NONE

    def constant(self, text: str, kind: ValueKind) -> Value | None:
        """The value of a constant of a gold form, of the kind that a relation has."""
        try:
            if kind is ValueKind.NUMBER:
                number = float(text)
                plain = str(int(number)) if number.is_integer() else repr(number)
                return Value(kind, number, number, plain)
            if kind is ValueKind.DATE:
                parts = [int(part) for part in text.strip().split("T")[0].split(" ")[0].split("-")][:3]
                low, high = date_interval(*parts)
                plain = "-".join(f"{part:0{4 if place == 0 else 2}}" for place, part in enumerate(parts))
                return Value(kind, low, high, plain)
        except ValueError:
            return None
        return None
