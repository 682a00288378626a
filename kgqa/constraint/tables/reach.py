"""The steps that a walk over the graph can take without reaching a dead end."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple, Self

import numpy as np

from kgqa.cache_memory import cache_bytes
from kgqa.constraint.tables.array_cache import ArrayCache
from kgqa.constraint.tables.edge_steps import EdgeSteps
from kgqa.constraint.tables.graph_tokens import GraphTokens
from kgqa.constraint.tables.nearest import Nearest
from kgqa.constraint.tables.step_rows import NamedEntities, StepRows, Steps, distinct
from kgqa.constraint.tables.step_texts import StepTexts
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.graph import GroundStep, IndexedGraph
from kgqa.graph.adjacency import Ids, holds

__all__ = ["Reach", "WalkPosition"]

MOST_ROWS, MOST_CHANGED_ROWS = 2_000_000, 100_000
"""Graphs with more triples are read edge by edge: what `StepRows` makes of them would take too long.

The second is for graphs with changes, of which no stored table is there yet."""

TOKENIZERS = 4
"""Tokenizers whose tables are kept at the same time."""

ONWARD_SHARE, ENTITIES_SHARE = 0.016, 0.128
"""What the caches of steps and of entities may take, as shares of the memory of all caches."""

_NOTHING: Ids = np.empty(0, dtype=np.int32)


class WalkPosition(NamedTuple):
    """A position of a walk: `steps` after `start`, with `budget` hops left.

    The walk must not enter `avoid` (-1: no such entity). With `silent` all entities after the steps
    are unnamed.
    """

    start: int
    avoid: int
    steps: Steps
    budget: int
    silent: bool


class Reach:
    """The steps from which a walk can still reach a named entity.

    Relations with equal texts are one step. A walk gets stuck at an unnamed entity from which no
    named entity is within the remaining hops; steps that lead only to such entities, or only to the
    avoided entity, are never offered.

    Of a graph with more than `most_rows` triples nothing is computed beforehand (`EdgeSteps`).
    """

    def __init__(self, graph: IndexedGraph, inverse: bool = True, most_rows: int | None = None) -> None:
        if most_rows is None:
            most_rows = MOST_CHANGED_ROWS if graph.changed else MOST_ROWS
        self.graph = graph
        self.inverse = inverse
        self.steps = StepTexts.of(graph)
        self._edges = EdgeSteps(graph, self.steps, inverse) if len(graph) > most_rows else None
        self._nearest_without = lru_cache(maxsize=2)(self._build_nearest_without)
        self._onward = ArrayCache(self._build_onward, cache_bytes(ONWARD_SHARE))
        self._entities = ArrayCache(self._build_entities, cache_bytes(ENTITIES_SHARE))
        self._graph_tokens: dict[str, GraphTokens] = {}
        if self._edges is None:
            self.rows, self._nearest, self._all_named  # noqa: B018  (built now, not during a question)

    @cached_property
    def rows(self) -> StepRows:
        """The groups of edges; nothing needs them that reads a graph edge by edge."""
        return StepRows.of(self.graph)

    @cached_property
    def _all_named(self) -> bool:
        return bool(self.graph.named.all())

    @cached_property
    def _nearest(self) -> Nearest:
        return Nearest.of(self.rows, self.graph.named, self.inverse)

    @classmethod
    def of(cls, graph: IndexedGraph, inverse: bool = True) -> Self:
        """The reach of a graph, built once and kept with the graph."""
        reach = graph.derived.get((cls, inverse))
        if not isinstance(reach, cls):
            reach = graph.derived[cls, inverse] = cls(graph, inverse)
        return reach

    def graph_tokens(self, tokenizer: Tokenizer) -> GraphTokens:
        """The token tables of the graph, built once for each tokenizer fingerprint."""
        found = self._graph_tokens.get(tokenizer.fingerprint)
        if found is None:
            found = GraphTokens(self.graph, self.steps, tokenizer, on_demand=self._edges is not None)
            while len(self._graph_tokens) >= TOKENIZERS:
                self._graph_tokens.pop(next(iter(self._graph_tokens)))
            self._graph_tokens[tokenizer.fingerprint] = found
        return found

    def ground_steps(self, steps: Steps) -> tuple[GroundStep, ...]:
        """The steps in the form that `Grounding` takes."""
        return tuple(GroundStep(self.steps.relations[step >> 1], bool(step & 1)) for step in steps)

    def takes(self, entity: int, step: int) -> bool:
        """Whether an entity has a step."""
        adjacency = self.graph.inward if step & 1 else self.graph.outward
        return any(len(adjacency.over(entity, relation)) for relation in self.steps.relations[step >> 1])

    def entities(self, position: WalkPosition) -> Ids:
        """The entities that a walk may be at, without duplicates, in no order."""
        return self._entities((position.start, position.avoid, position.steps, position.silent))

    def named(self, position: WalkPosition) -> NamedEntities:
        """The named entities after at least one step, reached over unnamed ones only."""
        steps = position.steps
        if self._edges is not None:
            before = self._entities((position.start, position.avoid, steps[:-1], True))
            ends = self._edges.over(before, steps[-1])
            return NamedEntities(-1, (position.avoid,), ends[self.graph.has_name(ends)])
        if len(steps) == 1:
            return NamedEntities(self.rows.group(position.start, steps[0]), (position.avoid,), _NOTHING)
        before = self._entities((position.start, position.avoid, steps[:-1], True))
        reached = self.rows.reached_named(self.rows.groups_over(before, steps[-1]))
        return NamedEntities(-1, (position.avoid,), reached)

    def any_of(self, named: NamedEntities) -> bool:
        """Whether there is at least one such entity."""
        if named.group < 0:
            return len(named.entities) > int(np.isin(list(set(named.without)), named.entities).sum())
        low, high = int(self.rows.starts[named.group]), int(self.rows.silent[named.group])
        targets = self.rows.targets[low:high]
        closed = [e for e in set(named.without) if holds(targets, e)]
        return high - low > len(closed)

    def onward(self, position: WalkPosition) -> Ids:
        """The steps that may follow, without duplicates."""
        if self._edges is None and position.silent and position.steps and self._all_named:
            return _NOTHING
        return self._onward(position)

    def _build_onward(self, position: WalkPosition) -> Ids:
        start, avoid, steps, budget, _ = position
        if budget < 1:
            return _NOTHING
        if self._edges is not None:
            entities = self.entities(position)
            return self._edges.onward(entities, avoid, budget) if len(entities) else _NOTHING
        nearest = self._nearest
        if avoid >= 0 and not self.graph.has_name(np.array([avoid])).item():
            nearest = self._nearest_without(avoid)
        if not steps:
            low, high = self.rows.offsets[start : start + 2].tolist()
            taken = self.rows.steps[low:high]
            leading: Ids = taken[nearest.leads(slice(low, high), avoid, budget)]
            return leading
        entities = self.entities(position)
        if not len(entities):
            return _NOTHING
        groups = self.rows.groups_of(entities)
        groups = groups[nearest.leads(groups, avoid, budget)]
        return distinct(self.rows.steps[groups], self.rows.step_count)

    def _build_entities(self, key: tuple[int, int, Steps, bool]) -> Ids:
        start, avoid, steps, silent = key
        if not steps:
            return np.array([start], dtype=np.int32)
        if self._edges is not None:
            before = self._entities((start, avoid, steps[:-1], silent))
            reached = self._edges.over(before, steps[-1])
            kept: Ids = reached[reached != avoid]
            return kept[~self.graph.has_name(kept)] if silent else kept
        if len(steps) == 1:
            group = self.rows.group(start, steps[0])
            groups = np.array([group] if group >= 0 else [], dtype=np.int64)
        else:
            groups = self.rows.groups_over(self._entities((start, avoid, steps[:-1], silent)), steps[-1])
        reached = self.rows.reached_unnamed(groups) if silent else self.rows.reached(groups)
        entities: Ids = reached[reached != avoid]
        return entities

    def _build_nearest_without(self, entity: int) -> Nearest:
        return Nearest.of(self.rows, self.graph.named, self.inverse, without=entity)
