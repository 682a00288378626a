"""Grounding: the entities that a relation path reaches, and the chains that reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Adjacency, Ids, holds
from kgqa.graph.chain import Chain, Hop
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.relation_path import RelationPath

__all__ = ["GroundStep", "Grounding", "ground"]


class GroundStep(NamedTuple):
    """A step over any of some relations (numbers, sorted), along or `inverse` to their triples."""

    relations: tuple[int, ...]
    inverse: bool


class Edge(NamedTuple):
    """A hop in numbers."""

    relation: int
    inverse: bool
    entity: int


@dataclass(frozen=True, eq=False)
class Grounding:
    """All walks from `start` over `steps`.

    No walk enters the entity `avoid` (-1: no entity is avoided). With `silent`, all entities between the
    first and the last have no name.
    """

    graph: IndexedGraph
    start: int
    steps: tuple[GroundStep, ...]
    avoid: int = -1
    silent: bool = False

    @cached_property
    def _inner(self) -> tuple[tuple[Ids, NDArray[np.int64]], ...]:
        """For each number of steps but the last, the entities reached (sorted) and by how many walks."""
        layers = [(np.array([self.start], dtype=np.int32), np.ones(1, dtype=np.int64))]
        for step in self.steps[:-1]:
            layers.append(self._after(step, *layers[-1], silent=self.silent))
        return tuple(layers)

    @cached_property
    def _last(self) -> tuple[Ids, NDArray[np.int64]]:
        """The entities at the end (sorted) and by how many walks they are reached."""
        return self._after(self.steps[-1], *self._inner[-1]) if self.steps else self._inner[0]

    def _after(
        self, step: GroundStep, entities: Ids, walks: NDArray[np.int64], silent: bool = False
    ) -> tuple[Ids, NDArray[np.int64]]:
        owners, targets = self._targets(step, entities)
        keep = targets != self.avoid
        if silent:
            keep &= ~self.graph.has_name(targets)
        reached, inverse = np.unique(targets[keep], return_inverse=True)
        counts = np.zeros(len(reached), dtype=np.int64)
        np.add.at(counts, inverse, walks[owners[keep]])
        return reached, counts

    def _targets(self, step: GroundStep, entities: Ids) -> tuple[NDArray[np.int64], Ids]:
        adjacency = self._adjacency(step)
        if len(entities) == 1:
            found = [adjacency.over(int(entities[0]), relation) for relation in step.relations]
            targets = np.concatenate(found) if found else np.empty(0, dtype=np.int32)
            return np.zeros(len(targets), dtype=np.int64), targets
        owners, relations, targets = adjacency.gather(entities)
        keep = np.isin(relations, step.relations)
        return owners[keep], targets[keep]

    @cached_property
    def ends(self) -> Mapping[int, int]:
        """The numbers of the named entities reached, each with the number of walks to it."""
        entities, walks = self._last
        named = self.graph.has_name(entities)
        return dict(zip(entities[named].tolist(), walks[named].tolist(), strict=True))

    def count(self, end: int) -> int:
        """The number of walks to one entity, computed without enumerating the walks to others."""
        if not self.steps or end == self.avoid:
            return int(not self.steps and end == self.start)
        entities, walks = self._inner[-1]
        if len(entities) == 1:
            ways = sum(
                holds(self._adjacency(self.steps[-1]).over(int(entities[0]), relation), end)
                for relation in self.steps[-1].relations
            )
            return int(walks[0]) * ways
        sources = self._targets(_back(self.steps[-1]), np.array([end], dtype=np.int32))[1]
        at = np.minimum(np.searchsorted(entities, sources), max(0, len(entities) - 1))
        return int(walks[at[entities[at] == sources]].sum()) if len(entities) else 0

    def walks(self, end: int | None = None) -> Iterator[tuple[Edge, ...]]:
        """The walks (to one end, or to any named end), lazily; entities at a step by their identifiers."""
        if end is None:
            wanted = [np.array(sorted(self.ends), dtype=np.int32)]
        else:
            wanted = [np.array([end] if self.count(end) else [], dtype=np.int32)]
        inner = self._inner if self.steps else ()
        for step, (entities, _) in zip(reversed(self.steps), reversed(inner), strict=True):
            if len(entities) == 1:  # the start, where every walk begins
                wanted.append(entities)
            else:
                wanted.append(_common(entities, np.unique(self._targets(_back(step), wanted[-1])[1])))
        wanted.reverse()
        if len(wanted[-1]):
            yield from self._descend(self.start, (), wanted)

    def _descend(
        self, entity: int, so_far: tuple[Edge, ...], wanted: list[Ids]
    ) -> Iterator[tuple[Edge, ...]]:
        depth = len(so_far)
        if depth == len(self.steps):
            yield so_far
            return
        step = self.steps[depth]
        for relation in step.relations:
            targets = self._adjacency(step).over(entity, relation)
            common = _common(targets, wanted[depth + 1]).tolist()
            for target in sorted(common, key=self.graph.entity) if len(common) > 1 else common:
                yield from self._descend(target, (*so_far, Edge(relation, step.inverse, target)), wanted)

    def _adjacency(self, step: GroundStep) -> Adjacency:
        return self.graph.inward if step.inverse else self.graph.outward

    def chains(self, end: str | None = None) -> Iterator[Chain]:
        """The walks as chains, lazily. Raises `UnknownEntityError` for an unknown end."""
        start = self.graph.entity(self.start)
        for walk in self.walks(None if end is None else self.graph.entity_id(end)):
            yield Chain(start, tuple(as_hop(self.graph, edge) for edge in walk))

    @property
    def answers(self) -> Mapping[str, int]:
        """The identifiers of `ends`, sorted, each with its number of walks."""
        return dict(sorted((self.graph.entity(number), walks) for number, walks in self.ends.items()))


def _back(step: GroundStep) -> GroundStep:
    return GroundStep(step.relations, not step.inverse)


def _common(entities: Ids, others: Ids) -> Ids:
    """The intersection of two sorted rows: each element of the shorter one is searched in the longer one."""
    shorter, longer = (entities, others) if len(entities) < len(others) else (others, entities)
    if not len(shorter):
        return shorter
    at = np.minimum(longer.searchsorted(shorter), len(longer) - 1)
    common: Ids = shorter[longer[at] == shorter]
    return common


def as_hop(graph: IndexedGraph, edge: Edge) -> Hop:
    """The hop with these numbers."""
    return Hop(graph.relation(edge.relation), graph.entity(edge.entity), edge.inverse)


def ground(graph: IndexedGraph, path: RelationPath, allow_return: bool = False) -> Grounding:
    """All walks along a relation path; they return to its start only if `allow_return`.

    Raises `UnknownEntityError` or `UnknownRelationError`.

    >>> from kgqa.graph import GraphBuilder, RelationPath, Triple
    >>> graph = GraphBuilder.of([Triple("Paris", "in", "France"), Triple("Lyon", "in", "France")])
    >>> ground(graph, RelationPath.parse("Paris", ["in", "~in"])).answers
    {'Lyon': 1}
    """
    steps = tuple(GroundStep((graph.relation_id(step.relation),), step.inverse) for step in path.steps)
    start = graph.entity_id(path.start)
    return Grounding(graph, start, steps, avoid=-1 if allow_return else start)
