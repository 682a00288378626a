"""Which steps lead on, and where to."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np

from kgqa.constraint.array_cache import ArrayCache
from kgqa.constraint.graph_tokens import GraphTokens
from kgqa.constraint.named import Named
from kgqa.constraint.nearest import Nearest
from kgqa.constraint.step_rows import StepRows, Steps, distinct
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.graph import GroundStep, IndexedGraph
from kgqa.graph.adjacency import Ids
from kgqa.graph.sorted_search import holds

__all__ = ["Place", "Reach"]

TOKENIZERS = 4
"""Tokenizers whose tables are kept at once."""

ONWARD_BYTES, FRONTIER_BYTES = 16 * 2**20, 128 * 2**20
"""What may be remembered of steps, and of the entities behind them."""

_NOTHING: Ids = np.empty(0, dtype=np.int32)


class Place(NamedTuple):
    """Where a walk is: `steps` after `start`, with `budget` hops left and `avoid` closed (none: -1).

    With `silent` the entities behind the steps are unnamed.
    """

    start: int
    avoid: int
    steps: Steps
    budget: int
    silent: bool


class Reach:
    """The steps that a walk may take without ever getting stuck.

    Relations with one text are one step. A walk gets stuck at an unnamed entity from which no
    named one can be reached within the hops that are left; no step is offered that leads only
    there, or only to the entity that is avoided.
    """

    def __init__(self, graph: IndexedGraph, inverse: bool = True) -> None:
        self.graph = graph
        self.inverse = inverse
        self.rows = StepRows.of(graph)
        self._all_named = bool(graph.named.all())
        self._nearest = Nearest.of(self.rows, graph.named, inverse)
        self._nearest_without = lru_cache(maxsize=2)(self._build_nearest_without)
        self._onward = ArrayCache(self._build_onward, ONWARD_BYTES)
        self._frontier = ArrayCache(self._build_frontier, FRONTIER_BYTES)
        self._graph_tokens: dict[str, GraphTokens] = {}

    @classmethod
    def of(cls, graph: IndexedGraph, inverse: bool = True) -> Self:
        """The reach of a graph, made once and kept with it."""
        reach = graph.derived.get((cls, inverse))
        if not isinstance(reach, cls):
            reach = graph.derived[cls, inverse] = cls(graph, inverse)
        return reach

    def graph_tokens(self, tokenizer: Tokenizer) -> GraphTokens:
        """How a tokenizer spells the graph; made once for each fingerprint."""
        found = self._graph_tokens.get(tokenizer.fingerprint)
        if found is None:
            found = GraphTokens(self.graph, self.rows, tokenizer)
            while len(self._graph_tokens) >= TOKENIZERS:
                self._graph_tokens.pop(next(iter(self._graph_tokens)))
            self._graph_tokens[tokenizer.fingerprint] = found
        return found

    def ground_steps(self, steps: Steps) -> tuple[GroundStep, ...]:
        """The steps in the form that `Grounding` walks."""
        return tuple(GroundStep(self.rows.relations[step >> 1], bool(step & 1)) for step in steps)

    def frontier(self, place: Place) -> Ids:
        """The entities at a place, each once, in no order."""
        return self._frontier((place.start, place.avoid, place.steps, place.silent))

    def named(self, place: Place) -> Named:
        """The named entities at a place behind at least one step, reached over unnamed ones."""
        if len(place.steps) == 1:
            return Named(self.rows.group(place.start, place.steps[0]), (place.avoid,), _NOTHING)
        before = self._frontier((place.start, place.avoid, place.steps[:-1], True))
        reached = self.rows.reached_named(self.rows.groups_over(before, place.steps[-1]))
        return Named(-1, (place.avoid,), reached)

    def any_of(self, named: Named) -> bool:
        """Whether there are named entities at all."""
        if named.group < 0:
            return bool(len(named.entities)) and not set(named.entities.tolist()) <= set(named.without)
        low, high = int(self.rows.starts[named.group]), int(self.rows.silent[named.group])
        targets = self.rows.targets[low:high]
        closed = [e for e in set(named.without) if holds(targets, e)]
        return high - low > len(closed)

    def onward(self, place: Place) -> Ids:
        """The steps that lead on from a place, each once."""
        if place.silent and place.steps and self._all_named:
            return _NOTHING
        return self._onward(place)

    def _build_onward(self, place: Place) -> Ids:
        start, avoid, steps, budget, _ = place
        if budget < 1:
            return _NOTHING
        nearest = self._nearest
        if avoid >= 0 and not self.graph.named[avoid]:
            nearest = self._nearest_without(avoid)
        if not steps:
            low, high = self.rows.offsets[start : start + 2].tolist()
            taken = self.rows.steps[low:high]
            leading: Ids = taken[nearest.leads(slice(low, high), avoid, budget)]
            return leading
        entities = self.frontier(place)
        if not len(entities):
            return _NOTHING
        groups = self.rows.groups_of(entities)
        groups = groups[nearest.leads(groups, avoid, budget)]
        return distinct(self.rows.steps[groups], self.rows.step_count)

    def _build_frontier(self, key: tuple[int, int, Steps, bool]) -> Ids:
        start, avoid, steps, silent = key
        if not steps:
            return np.array([start], dtype=np.int32)
        if len(steps) == 1:
            group = self.rows.group(start, steps[0])
            groups = np.array([group] if group >= 0 else [], dtype=np.int64)
        else:
            groups = self.rows.groups_over(self._frontier((start, avoid, steps[:-1], silent)), steps[-1])
        reached = self.rows.reached_unnamed(groups) if silent else self.rows.reached(groups)
        entities: Ids = reached[reached != avoid]
        return entities

    def _build_nearest_without(self, entity: int) -> Nearest:
        return Nearest.of(self.rows, self.graph.named, self.inverse, without=entity)
