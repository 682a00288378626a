"""Which steps lead on, and where to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.text import relation_text
from kgqa.graph import GroundStep, IndexedGraph
from kgqa.graph.adjacency import Ids

__all__ = ["Reach", "Steps"]

Steps = tuple[int, ...]
"""Spoken steps as numbers: twice the number of the relation's text, plus one where inverse."""


class Reach:
    """The steps that a walk may take without ever getting stuck.

    Relations with one text are one step. A walk gets stuck at an unnamed entity from which no
    named one can be reached within the hops that are left; such entities are never entered, and
    neither is the entity `avoid` (none: -1).
    """

    def __init__(self, graph: IndexedGraph, inverse: bool = True) -> None:
        self.graph = graph
        spoken = [relation_text(graph, graph.relation(number)) for number in range(graph.relation_count)]
        self._texts = sorted(set(spoken))
        place = {text: number for number, text in enumerate(self._texts)}
        self._text_of = np.array([place[text] for text in spoken], dtype=np.int32)
        self._relations: list[tuple[int, ...]] = [()] * len(self._texts)
        for number, text in enumerate(self._text_of.tolist()):
            self._relations[text] = (*self._relations[text], number)
        self._directions = ((graph.outward, 0), (graph.inward, 1)) if inverse else ((graph.outward, 0),)
        # Bounded by count: an entry is a few arrays of the size of a neighbourhood.
        self.frontier = lru_cache(maxsize=4096)(self._frontier)
        self.onward = lru_cache(maxsize=4096)(self._onward)

    def text(self, step: int) -> str:
        """The segment of a step's relation."""
        return self._texts[step >> 1]

    def ground_steps(self, steps: Steps) -> tuple[GroundStep, ...]:
        """The steps in the form that `Grounding` walks."""
        return tuple(GroundStep(self._relations[step >> 1], bool(step & 1)) for step in steps)

    def _frontier(self, start: int, avoid: int, steps: Steps, budget: int, silent: bool) -> Ids:
        """The entities at the end of `steps`, sorted, from which a walk can end in `budget` hops.

        With `silent` the entities between `start` and the end are unnamed ones.
        """
        if not steps:
            return np.array([start], dtype=np.int32)
        return self.onward(start, avoid, steps[:-1], budget + 1, silent)[steps[-1]]

    def _onward(self, start: int, avoid: int, steps: Steps, budget: int, silent: bool) -> Mapping[int, Ids]:
        """The steps that lead on from `frontier(...)` and where to; with `silent`, from its unnamed part."""
        if budget < 1:
            return {}
        sources: Ids = self.frontier(start, avoid, steps, budget, silent)
        if silent and steps:
            sources = sources[~self.graph.named[sources]]
        found = [
            (self._text_of[relations] * 2 + inverse, targets)
            for adjacency, inverse in self._directions
            for _, relations, targets in [adjacency.gather(sources)]
        ]
        taken = np.concatenate([pair[0] for pair in found]).astype(np.int64)
        targets = np.concatenate([pair[1] for pair in found])
        keep = targets != avoid
        pairs = np.unique(taken[keep] * self.graph.entity_count + targets[keep])
        taken, targets = pairs // self.graph.entity_count, (pairs % self.graph.entity_count).astype(np.int32)
        alive = self._alive(targets, avoid, budget - 1)
        taken, targets = taken[alive], targets[alive]
        if not len(taken):
            return {}
        steps_found, first = np.unique(taken, return_index=True)
        return dict(zip(steps_found.tolist(), np.split(targets, first[1:]), strict=True))

    def _alive(self, entities: Ids, avoid: int, budget: int) -> NDArray[np.bool_]:
        """Which entities are named, or lead over unnamed ones to a named one in `budget` hops."""
        alive = self.graph.named[entities]
        if budget < 1 or alive.all():
            return alive
        stuck, place = np.unique(entities[~alive], return_inverse=True)
        saved = np.zeros(len(stuck), dtype=np.bool_)
        for adjacency, _ in self._directions:
            owners, _, targets = adjacency.gather(stuck)
            owners, targets = owners[targets != avoid], targets[targets != avoid]
            saved[owners[self._alive(targets, avoid, budget - 1)]] = True
        alive = alive.copy()
        alive[~alive] = saved[place]
        return alive
