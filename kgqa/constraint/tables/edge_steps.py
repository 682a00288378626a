"""Steps over the edges of a graph as they are stored, with nothing computed beforehand."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.tables.step_rows import distinct
from kgqa.constraint.tables.step_texts import StepTexts
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Adjacency, Ids

__all__ = ["EdgeSteps"]


class EdgeSteps:
    """Finds steps and what they reach from the rows of the entities that a walk is at.

    Slower for an entity that many walks pass than the groups of `StepRows`, but ready at once: what it reads
    of a graph is proportional to the rows of those entities.
    """

    def __init__(self, graph: IndexedGraph, steps: StepTexts, inverse: bool) -> None:
        self._graph = graph
        self._steps = steps
        self._directions = (False, True) if inverse else (False,)

    def onward(self, entities: Ids, avoid: int, budget: int) -> Ids:
        """The steps from some entities by which a named one is reached within `budget` hops, sorted.

        All between are unnamed, and `avoid` is never entered.
        """
        leads = np.zeros(self._steps.count, dtype=np.bool_)
        steps, ends = self._distinct(*self._leaving(entities, None), avoid)
        seen = np.empty(0, dtype=np.int64)
        for left in range(budget, 0, -1):
            named = self._graph.has_name(ends)
            leads[steps[named]] = True
            still = ~named & ~leads[steps]
            steps, ends = steps[still], ends[still]
            if left == 1 or not len(ends):
                break
            pairs = steps.astype(np.int64) * self._graph.entity_count + ends
            fresh = ~np.isin(pairs, seen)
            seen = np.concatenate([seen, pairs[fresh]])
            steps, ends = self._distinct(*self._leaving(ends[fresh], steps[fresh]), avoid)
        return np.flatnonzero(leads).astype(np.int32)

    def over(self, entities: Ids, step: int) -> Ids:
        """What one step reaches from some entities, sorted."""
        adjacency = self._adjacency(bool(step & 1))
        relations = self._steps.relations[step >> 1]
        if len(entities) == 1:
            found = [adjacency.over(int(entities[0]), relation) for relation in relations]
            return distinct(np.concatenate(found), self._graph.entity_count)
        _, taken, targets = adjacency.gather(entities)
        return distinct(targets[self._steps.text_of[taken] == step >> 1], self._graph.entity_count)

    def _leaving(self, entities: Ids, steps: Ids | None) -> tuple[Ids, Ids]:
        """The edges that leave some entities: where they end, by their own step or by those given."""
        parts = list(self._edges(entities, steps))
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _edges(self, entities: Ids, steps: Ids | None) -> Iterator[tuple[Ids, Ids]]:
        for inverse in self._directions:
            owners, relations, targets = self._adjacency(inverse).gather(entities)
            yield self._steps.text_of[relations] * 2 + inverse if steps is None else steps[owners], targets

    def _distinct(self, steps: Ids, ends: Ids, avoid: int) -> tuple[Ids, Ids]:
        keys: NDArray[np.int64] = steps.astype(np.int64) * self._graph.entity_count + ends
        keys = np.unique(keys[ends != avoid])
        found, ends = np.divmod(keys, max(1, self._graph.entity_count))
        return found.astype(np.int32), ends.astype(np.int32)

    def _adjacency(self, inverse: bool) -> Adjacency:
        return self._graph.inward if inverse else self._graph.outward
