"""Well-formed chains, as DoG speaks them: `1. < e0 -> r1 -> e1 > 2. < e0 <- r2 <- e2 >`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain as concatenate
from itertools import product
from math import prod
from typing import NamedTuple

from kgqa.constraint.bounded_grammar import BoundedGrammar
from kgqa.constraint.grammar import Edge
from kgqa.constraint.reach import Steps
from kgqa.constraint.text import LINK_END, arrow, entity_text, link_start, topic_text
from kgqa.graph import Chain, Grounding
from kgqa.graph.grounding import as_hop

__all__ = ["ChainGrammar"]


class Link(NamedTuple):
    """A spoken link: steps over unnamed entities from one named entity to another."""

    source: int
    steps: Steps
    entity: int

    def reversed(self) -> Link:
        """The same facts, walked the other way."""
        return Link(self.entity, tuple(step ^ 1 for step in reversed(self.steps)), self.source)


class ChainNode(NamedTuple):
    """A chain so far: its links, and the link that is being spoken (source -1: none)."""

    links: tuple[Link, ...] = ()
    source: int = -1
    steps: Steps = ()


class ChainGrammar(BoundedGrammar):
    """Chains of links that use 1 to `hops` triples in all.

    A link leaves a topic or any entity that an earlier link ends at, and is spoken from there: the
    known entity first, whichever way its triple points. It ends at a named entity; unnamed ones on
    the way are not spoken. No link is said twice, forwards or backwards. No link enters the chain's
    start (the source of its first link) unless `returns`. The end of a chain is that of its last
    link. "Decoding on Graphs" (DoG, ACL 2025).
    """

    root = ChainNode()

    def edges(self, node: ChainNode) -> list[Edge]:
        """Between links, the entities to go on from; inside one, names just reached and steps on."""
        if node.source < 0:
            opening = link_start(len(node.links) + 1)
            return [
                ((opening, topic_text(self._graph, self._graph.entity(source))), candidate)
                for source in dict.fromkeys((*self._topics, *(link.entity for link in node.links)))
                for candidate in [ChainNode(node.links, source)]
                if self._leads_on(candidate)
            ]
        found: list[Edge] = []
        if node.steps:
            pointer = arrow(bool(node.steps[-1] & 1))
            for entity in self._new_ends(node):
                text = entity_text(self._graph.labels[entity])
                link = Link(node.source, node.steps, entity)
                found.append(((pointer, text, LINK_END), ChainNode((*node.links, link))))
        for step in self._reach.onward(*self._place(node)):
            candidate = ChainNode(node.links, node.source, (*node.steps, step))
            if self._leads_on(candidate):
                found.append(((arrow(bool(step & 1)), self._reach.text(step)), candidate))
        return found

    def accepts(self, node: ChainNode) -> bool:
        """Whether a link has just been closed."""
        return bool(node.links) and node.source < 0

    def ends(self, node: ChainNode) -> Mapping[int, int]:
        """The end of the last link."""
        ways = (grounding.ends[link.entity] for grounding, link in self._groundings(node))
        return {node.links[-1].entity: prod(ways)}

    def chains(self, node: ChainNode, end: int | None) -> Iterator[Chain]:
        """One chain for every way over unnamed entities."""
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
        """Whether the open link of a node can be closed with something new."""
        onward = self._reach.onward(*self._place(node))
        if not any(link.steps[: len(node.steps)] == node.steps for link in self._said(node)):
            return bool(node.steps) or bool(onward)
        return bool(node.steps and self._new_ends(node)) or any(
            self._leads_on(ChainNode(node.links, node.source, (*node.steps, step))) for step in onward
        )

    def _new_ends(self, node: ChainNode) -> list[int]:
        reached = self._reach.frontier(*self._place(node))
        said = {link.entity for link in self._said(node) if link.steps == node.steps}
        return [entity for entity in reached[self._graph.named[reached]].tolist() if entity not in said]

    def _said(self, node: ChainNode) -> list[Link]:
        """The links from the open link's source that must not be said again."""
        return [
            link
            for spoken in node.links
            for link in (spoken, spoken.reversed())
            if link.source == node.source
        ]

    def _place(self, node: ChainNode) -> tuple[int, int, Steps, int, bool]:
        used = sum(len(link.steps) for link in node.links) + len(node.steps)
        return node.source, self._avoid(self._start(node)), node.steps, self._hops - used, True

    def _start(self, node: ChainNode) -> int:
        return node.links[0].source if node.links else node.source

    def _groundings(self, node: ChainNode) -> Iterator[tuple[Grounding, Link]]:
        for link in node.links:
            steps = self._reach.ground_steps(link.steps)
            yield (
                Grounding(self._graph, link.source, steps, self._avoid(self._start(node)), silent=True),
                link,
            )
