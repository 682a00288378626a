"""The grammar of paths (GCR): `e0 -> r1 -> e1 <- r2 <- e2`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain as concatenate
from itertools import product
from math import prod
from typing import NamedTuple

from kgqa.constraint.grammars.grammar import NO_STEPS, BoundedGrammar, NameChoices, Opening
from kgqa.constraint.tables.reach import WalkPosition
from kgqa.constraint.tables.step_rows import Steps
from kgqa.constraint.verbalize import arrow
from kgqa.graph import Chain, Grounding
from kgqa.graph.adjacency import Ids
from kgqa.graph.grounding import as_hop

__all__ = ["PathGrammar"]


class PathLink(NamedTuple):
    """Steps over unnamed entities to a named one."""

    steps: Steps
    entity: int


class PathNode(NamedTuple):
    """A path prefix: its links, and the steps since the last name."""

    start: int
    links: tuple[PathLink, ...] = ()
    steps: Steps = ()


class PathGrammar(BoundedGrammar):
    """Paths of 1 to `hops` hops from any of `topics` (entity numbers) to a named entity.

    A path never enters its own start unless `allow_return`; other entities may occur twice.
    "Graph-constrained Reasoning" (GCR, ICML 2025).
    """

    root = PathNode(-1)

    def openings(self, node: PathNode) -> list[Opening]:
        """The topics, at the root."""
        if node.start >= 0:
            return []
        return [
            Opening((), topic, PathNode(topic))
            for topic in self._topics
            if len(self._reach.onward(self._position(PathNode(topic))))
        ]

    def names(self, node: PathNode) -> NameChoices | None:
        """The names of the entities that the last step reaches."""
        if not node.steps:
            return None
        return NameChoices((arrow(bool(node.steps[-1] & 1)),), self._reach.named(self._position(node)))

    def steps(self, node: PathNode) -> Ids:
        """The steps that may follow."""
        return NO_STEPS if node.start < 0 else self._reach.onward(self._position(node))

    def after_name(self, node: PathNode, entity: int) -> PathNode:
        """The path with one more link."""
        return PathNode(node.start, (*node.links, PathLink(node.steps, entity)))

    def after_step(self, node: PathNode, step: int) -> PathNode:
        """The path with one more step."""
        return PathNode(node.start, node.links, (*node.steps, step))

    def accepts(self, node: PathNode) -> bool:
        """Whether the text ends with the name of an entity that the path reaches."""
        return bool(node.links) and not node.steps

    def ends(self, node: PathNode) -> Mapping[int, int]:
        """The end of the path: one entity."""
        ways = (grounding.count(end) for grounding, end in self._groundings(node))
        return {node.links[-1].entity: prod(ways)}

    def chains(self, node: PathNode, end: int | None) -> Iterator[Chain]:
        """One chain for each choice of unnamed entities."""
        if end is not None and end != node.links[-1].entity:
            return
        walks = [list(grounding.walks(goal)) for grounding, goal in self._groundings(node)]
        start = self._graph.entity(node.start)
        for parts in product(*walks):
            yield Chain(start, tuple(as_hop(self._graph, edge) for edge in concatenate(*parts)))

    def _position(self, node: PathNode) -> WalkPosition:
        here = node.links[-1].entity if node.links else node.start
        used = sum([len(link.steps) for link in node.links]) + len(node.steps)
        return WalkPosition(here, self._avoid(node.start), node.steps, self._hops - used, True)

    def _groundings(self, node: PathNode) -> Iterator[tuple[Grounding, int]]:
        here = node.start
        for link in node.links:
            steps = self._reach.ground_steps(link.steps)
            yield Grounding(self._graph, here, steps, self._avoid(node.start), silent=True), link.entity
            here = link.entity
