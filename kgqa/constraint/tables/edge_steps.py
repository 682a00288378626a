"""Steps over the edges of a graph as they are stored, with nothing computed beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

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
        steps, ends = self._leaving(entities, None)
        open_ends = ends != avoid
        steps, ends = steps[open_ends], ends[open_ends]
        named = self._graph.has_name(ends)
        if named.all():
            return distinct(steps, self._steps.count)
        leads = np.zeros(self._steps.count, dtype=np.bool_)
        seen = np.empty(0, dtype=np.int64)
        for left in range(budget, 0, -1):
            leads[steps[named]] = True
            still = ~named & ~leads[steps]
            if left == 1 or not still.any():
                break
            pairs = np.unique(steps[still].astype(np.int64) * self._graph.entity_count + ends[still])
            pairs = pairs[~np.isin(pairs, seen)]
            seen = np.concatenate([seen, pairs])
            before, entities = np.divmod(pairs, self._graph.entity_count)
            steps, ends = self._leaving(entities, before)
            open_ends = ends != avoid
            steps, ends = steps[open_ends], ends[open_ends]
            named = self._graph.has_name(ends)
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

    def _leaving(self, entities: NDArray[Any], steps: NDArray[Any] | None) -> tuple[NDArray[Any], Ids]:
        """The edges that leave some entities: where they end, by their own step or by those given."""
        parts = list(self._edges(entities, steps))
        return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])

    def _edges(
        self, entities: NDArray[Any], steps: NDArray[Any] | None
    ) -> Iterator[tuple[NDArray[Any], Ids]]:
        for inverse in self._directions:
            if steps is None and len(entities) == 1:  # a slice
                relations, targets = self._adjacency(inverse).row(int(entities[0]))
                yield self._steps.text_of[relations] * 2 + inverse, targets
                continue
            owners, relations, targets = self._adjacency(inverse).gather(entities)
            yield self._steps.text_of[relations] * 2 + inverse if steps is None else steps[owners], targets

    def _adjacency(self, inverse: bool) -> Adjacency:
        return self._graph.inward if inverse else self._graph.outward
