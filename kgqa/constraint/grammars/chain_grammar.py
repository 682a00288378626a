"""The grammar of branching chains (DoG): `1. < e0 -> r1 -> e1 > 2. < e0 <- r2 <- e2 >`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain as concatenate
from itertools import product
from math import prod
from typing import NamedTuple

from kgqa.constraint.grammars.grammar import NO_STEPS, BoundedGrammar, NameChoices, Opening
from kgqa.constraint.tables.reach import WalkPosition
from kgqa.constraint.tables.step_rows import NamedEntities, Steps
from kgqa.constraint.verbalize import LINK_END, arrow, link_start
from kgqa.graph import Chain, Grounding
from kgqa.graph.adjacency import Ids
from kgqa.graph.grounding import as_hop

__all__ = ["ChainGrammar"]


class ChainLink(NamedTuple):
    """A link: steps over unnamed entities from one named entity to another."""

    source: int
    steps: Steps
    entity: int

    def reversed(self) -> ChainLink:
        """The same triples, walked in the other direction."""
        return ChainLink(self.entity, tuple(step ^ 1 for step in reversed(self.steps)), self.source)


class ChainNode(NamedTuple):
    """A chain prefix: its links, and the source and steps of the open link (source -1: none is open)."""

    links: tuple[ChainLink, ...] = ()
    source: int = -1
    steps: Steps = ()


class ChainGrammar(BoundedGrammar):
    """Chains of links with 1 to `hops` triples in total.

    A link starts at a topic or at the end of an earlier link and ends at a named entity; unnamed
    entities in between are not written. The known entity comes first, whatever the direction of the
    triple. No link occurs twice, in either direction. No link enters the chain's start (the source
    of its first link) unless `allow_return`. The end of a chain is the end of its last link.
    "Decoding on Graphs" (DoG, ACL 2025).
    """

    root = ChainNode()

    def openings(self, node: ChainNode) -> list[Opening]:
        """Between links: the entities that the next link may start from."""
        if node.source >= 0:
            return []
        opening = link_start(len(node.links) + 1)
        return [
            Opening((opening,), source, candidate)
            for source in dict.fromkeys((*self._topics, *(link.entity for link in node.links)))
            for candidate in [ChainNode(node.links, source)]
            if self._leads_on(candidate)
        ]

    def names(self, node: ChainNode) -> NameChoices | None:
        """The names that the open link may end with, without those that would repeat a link."""
        if not node.steps:
            return None
        return NameChoices((arrow(bool(node.steps[-1] & 1)),), self._new_ends(node), (LINK_END,))

    def steps(self, node: ChainNode) -> Ids:
        """The steps after which the open link can still end without repeating a link."""
        if node.source < 0:
            return NO_STEPS
        onward = self._reach.onward(self._position(node))
        depth = len(node.steps)
        for step in {link.steps[depth] for link in self._links_from_source(node) if len(link.steps) > depth}:
            if not self._leads_on(self.after_step(node, step)):
                onward = onward[onward != step]
        return onward

    def after_name(self, node: ChainNode, entity: int) -> ChainNode:
        """The chain with its open link ended."""
        return ChainNode((*node.links, ChainLink(node.source, node.steps, entity)))

    def after_step(self, node: ChainNode, step: int) -> ChainNode:
        """The chain with one more step in its open link."""
        return ChainNode(node.links, node.source, (*node.steps, step))

    def accepts(self, node: ChainNode) -> bool:
        """Whether the text ends with a complete link."""
        return bool(node.links) and node.source < 0

    def ends(self, node: ChainNode) -> Mapping[int, int]:
        """The end of the last link."""
        ways = (grounding.count(link.entity) for grounding, link in self._groundings(node))
        return {node.links[-1].entity: prod(ways)}

    def chains(self, node: ChainNode, end: int | None) -> Iterator[Chain]:
        """One chain for each choice of unnamed entities."""
        if end is not None and end != node.links[-1].entity:
            return
        walks = [list(grounding.walks(link.entity)) for grounding, link in self._groundings(node)]
        for parts in product(*walks):
            hops = tuple(as_hop(self._graph, edge) for edge in concatenate(*parts))
            sources = [
                source
                for link, part in zip(node.links, parts, strict=True)
                for source in (link.source, *(edge.entity for edge in part[:-1]))
            ]
            names = tuple(self._graph.entity(source) for source in sources)
            yield Chain(names[0], hops, names)

    def _leads_on(self, node: ChainNode) -> bool:
        """Whether the open link of a node can end without repeating a link."""
        depth = len(node.steps)
        again = [link for link in self._links_from_source(node) if link.steps[:depth] == node.steps]
        if depth and (not again or self._reach.any_of(self._new_ends(node))):
            return True
        onward = self._reach.onward(self._position(node))
        if len(onward) > len({link.steps[depth] for link in again if len(link.steps) > depth}):
            return True  # a step that no earlier link takes here
        return any(self._leads_on(self.after_step(node, step)) for step in onward.tolist())

    def _new_ends(self, node: ChainNode) -> NamedEntities:
        named = self._reach.named(self._position(node))
        earlier = {link.entity for link in self._links_from_source(node) if link.steps == node.steps}
        return NamedEntities(named.group, (*named.without, *sorted(earlier)), named.entities)

    def _links_from_source(self, node: ChainNode) -> list[ChainLink]:
        """The links from the open link's source, which must not be repeated."""
        return [
            link
            for earlier in node.links
            for link in (earlier, earlier.reversed())
            if link.source == node.source
        ]

    def _position(self, node: ChainNode) -> WalkPosition:
        used = sum([len(link.steps) for link in node.links]) + len(node.steps)
        return WalkPosition(node.source, self._avoid(self._start(node)), node.steps, self._hops - used, True)

    def _start(self, node: ChainNode) -> int:
        return node.links[0].source if node.links else node.source

    def _groundings(self, node: ChainNode) -> Iterator[tuple[Grounding, ChainLink]]:
        for link in node.links:
            steps = self._reach.ground_steps(link.steps)
            yield (
                Grounding(self._graph, link.source, steps, self._avoid(self._start(node)), silent=True),
                link,
            )
