"""All chains of a language, one after the other.

The plain way, over any `KnowledgeGraph` and through its protocol alone: it is what GCR does, what
`KGTrie` stores, and what the walk is held against.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kgqa.constraint.text import LINK_END, arrow, entity_text, link_start, relation_text, topic_text
from kgqa.graph import Chain, Hop, KnowledgeGraph

__all__ = ["Listed", "list_chains", "list_paths", "list_relation_paths"]

Segments = tuple[str, ...]


class Listed(NamedTuple):
    """A chain and the segments of its text."""

    segments: Segments
    chain: Chain


def list_paths(
    graph: KnowledgeGraph, topics: Sequence[str], hops: int, inverse: bool = True, returns: bool = False
) -> Iterator[Listed]:
    """The language of `PathGrammar`: grows as the graph's degree to the power of `hops`."""
    for topic in dict.fromkeys(topics):
        for walk in _walks(graph, topic, hops, inverse, None if returns else topic):
            if graph.label(walk[-1].entity) is not None:
                segments = (topic_text(graph, topic), *_spoken(graph, walk))
                yield Listed(segments, Chain(topic, walk))


def list_relation_paths(
    graph: KnowledgeGraph, topics: Sequence[str], hops: int, inverse: bool = True, returns: bool = False
) -> Iterator[Listed]:
    """The language of `RelationGrammar`: each text comes once with every chain behind it."""
    for topic in dict.fromkeys(topics):
        for walk in _walks(graph, topic, hops, inverse, None if returns else topic):
            if graph.label(walk[-1].entity) is not None:
                steps = (s for hop in walk for s in (arrow(hop.inverse), relation_text(graph, hop.relation)))
                yield Listed(tuple(steps), Chain(topic, walk))


def list_chains(
    graph: KnowledgeGraph, topics: Sequence[str], hops: int, inverse: bool = True, returns: bool = False
) -> Iterator[Listed]:
    """The language of `ChainGrammar`."""
    pool = tuple(dict.fromkeys(topics))
    yield from _links_after(graph, (), (), pool, hops, inverse, returns)


class _Link(NamedTuple):
    source: str
    steps: tuple[tuple[str, bool], ...]
    end: str


def _links_after(
    graph: KnowledgeGraph,
    said: tuple[_Link, ...],
    parts: tuple[tuple[Hop, ...], ...],
    topics: tuple[str, ...],
    hops: int,
    inverse: bool,
    returns: bool,
) -> Iterator[Listed]:
    start = said[0].source if said else None
    for source in dict.fromkeys((*topics, *(link.end for link in said))):
        avoid = None if returns else (start if start is not None else source)
        for walk in _walks(graph, source, hops, inverse, avoid, silent=True):
            if graph.label(walk[-1].entity) is None:
                continue
            link = _Link(
                source, tuple((relation_text(graph, h.relation), h.inverse) for h in walk), walk[-1].entity
            )
            back = _Link(link.end, tuple((text, not way) for text, way in reversed(link.steps)), source)
            if link in said or back in said:
                continue
            longer = (*said, link), (*parts, walk)
            yield _listed_chain(graph, *longer)
            yield from _links_after(graph, *longer, topics, hops - len(walk), inverse, returns)


def _listed_chain(
    graph: KnowledgeGraph, links: tuple[_Link, ...], parts: tuple[tuple[Hop, ...], ...]
) -> Listed:
    segments: list[str] = []
    sources: list[str] = []
    for number, (link, walk) in enumerate(zip(links, parts, strict=True), 1):
        sources += (link.source, *(hop.entity for hop in walk[:-1]))
        segments += (link_start(number), topic_text(graph, link.source), *_spoken(graph, walk), LINK_END)
    hops = tuple(hop for walk in parts for hop in walk)
    return Listed(tuple(segments), Chain(links[0].source, hops, tuple(sources)))


def _walks(
    graph: KnowledgeGraph, start: str, hops: int, inverse: bool, avoid: str | None, silent: bool = False
) -> Iterator[tuple[Hop, ...]]:
    """Every walk of 1 to `hops` hops; with `silent`, over unnamed entities only."""
    stack: list[tuple[str, tuple[Hop, ...]]] = [(start, ())]
    while stack:
        entity, walk = stack.pop()
        if walk:
            yield walk
        if len(walk) == hops or (silent and walk and graph.label(entity) is not None):
            continue
        stack += [
            (hop.entity, (*walk, hop))
            for hop in graph.hops(entity)
            if (inverse or not hop.inverse) and hop.entity != avoid
        ]


def _spoken(graph: KnowledgeGraph, walk: tuple[Hop, ...]) -> Iterator[str]:
    for hop in walk:
        yield arrow(hop.inverse)
        yield relation_text(graph, hop.relation)
        label = graph.label(hop.entity)
        if label is not None:
            yield arrow(hop.inverse)
            yield entity_text(label)
