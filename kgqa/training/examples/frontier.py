"""The entities that a relation path reaches, step by step, and the steps that can follow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import IndexedGraph, RelationStep
from kgqa.graph.adjacency import Ids

__all__ = ["Frontier"]


@dataclass(frozen=True, eq=False)
class Frontier:
    """Entities reached from a topic, each with the number of walks to it; never the topic itself."""

    graph: IndexedGraph
    topic: int
    entities: Ids
    walks: NDArray[np.int64]

    @classmethod
    def at(cls, graph: IndexedGraph, topic: str) -> Frontier:
        """The topic itself, before the first step. Raises `UnknownEntityError`."""
        number = graph.entity_id(topic)
        start = np.array([number], dtype=np.int32)
        return cls(graph, number, start, np.ones(1, dtype=np.int64))

    def onward(self) -> Mapping[RelationStep, Frontier]:
        """The steps that can follow, sorted, each with the frontier that it leads to."""
        found: dict[RelationStep, Frontier] = {}
        for adjacency, inverse in ((self.graph.outward, False), (self.graph.inward, True)):
            owners, relations, targets = adjacency.gather(self.entities)
            keep = targets != self.topic
            owners, relations, targets = owners[keep], relations[keep], targets[keep]
            order = np.argsort(relations, kind="stable")
            owners, relations, targets = owners[order], relations[order], targets[order]
            numbers, starts = np.unique(relations, return_index=True)
            stops = [*starts.tolist(), len(relations)][1:]
            for number, start, stop in zip(numbers.tolist(), starts.tolist(), stops, strict=True):
                reached, into = np.unique(targets[start:stop], return_inverse=True)
                walks = np.zeros(len(reached), dtype=np.int64)
                np.add.at(walks, into, self.walks[owners[start:stop]])
                step = RelationStep(self.graph.relation_labels[number], inverse)
                found[step] = Frontier(self.graph, self.topic, reached, walks)
        return dict(sorted(found.items()))

    def along(self, step: RelationStep) -> Frontier:
        """The frontier that one step leads to, over all relations of its label; it may be empty."""
        adjacency = self.graph.inward if step.inverse else self.graph.outward
        owners, relations, targets = adjacency.gather(self.entities)
        keep = np.isin(relations, _labelled(self.graph).get(step.relation, ())) & (targets != self.topic)
        reached, into = np.unique(targets[keep], return_inverse=True)
        walks = np.zeros(len(reached), dtype=np.int64)
        np.add.at(walks, into, self.walks[owners[keep]])
        return Frontier(self.graph, self.topic, reached, walks)

    def ends_named(self) -> bool:
        """Whether one of the entities has a name, as answers do."""
        return bool(self.graph.named[self.entities].any())

    def answers(self) -> list[str]:
        """The names of the entities: those with more walks first, then by name."""
        named = self.graph.named[self.entities]
        pairs = zip(self.walks[named].tolist(), self.entities[named].tolist(), strict=True)
        ranked = sorted((-walks, self.graph.labels[entity]) for walks, entity in pairs)
        return list(dict.fromkeys(name for _, name in ranked))


def _labelled(graph: IndexedGraph) -> Mapping[str, Sequence[int]]:
    """The relations (numbers) of each label."""
    if _labelled not in graph.derived:
        found: dict[str, list[int]] = {}
        for number in range(graph.relation_count):
            found.setdefault(graph.relation_labels[number], []).append(number)
        graph.derived[_labelled] = found
    return cast("Mapping[str, Sequence[int]]", graph.derived[_labelled])
