"""All chains of a grammar, listed one by one through the protocol of `KnowledgeGraph`.

This is what GCR does and what `KGTrie` stores; tests compare `Walk` with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from kgqa.constraint.verbalize import Segments, TextLink, verbalize_links, verbalize_path, verbalize_relations
from kgqa.graph import Chain, Hop, KnowledgeGraph

__all__ = ["Listed", "list_chains", "list_paths", "list_relation_paths"]


class Listed(NamedTuple):
    """A chain and the segments of its text."""

    segments: Segments
    chain: Chain


def list_paths(
    graph: KnowledgeGraph, topics: Sequence[str], hops: int, inverse: bool = True, allow_return: bool = False
) -> Iterator[Listed]:
    """The language of `PathGrammar`: its size grows as the graph's degree to the power of `hops`."""
    for topic in dict.fromkeys(topics):
        for walk in _walks(graph, topic, hops, inverse, None if allow_return else topic):
            if graph.label(walk[-1].entity) is not None:
                chain = Chain(topic, walk)
                yield Listed(verbalize_path(graph, chain), chain)


def list_relation_paths(
    graph: KnowledgeGraph, topics: Sequence[str], hops: int, inverse: bool = True, allow_return: bool = False
) -> Iterator[Listed]:
    """The language of `RelationGrammar`: each text once for each of its chains."""
    for topic in dict.fromkeys(topics):
        for walk in _walks(graph, topic, hops, inverse, None if allow_return else topic):
            if graph.label(walk[-1].entity) is not None:
                chain = Chain(topic, walk)
                yield Listed(verbalize_relations(graph, chain), chain)


def list_chains(
    graph: KnowledgeGraph, topics: Sequence[str], hops: int, inverse: bool = True, allow_return: bool = False
) -> Iterator[Listed]:
    """The language of `ChainGrammar`."""
    pool = tuple(dict.fromkeys(topics))
    yield from _links_after(graph, (), (), pool, hops, inverse, allow_return)


def _links_after(
    graph: KnowledgeGraph,
    earlier: tuple[TextLink, ...],
    parts: tuple[tuple[Hop, ...], ...],
    topics: tuple[str, ...],
    hops: int,
    inverse: bool,
    allow_return: bool,
) -> Iterator[Listed]:
    start = earlier[0].source if earlier else None
    for source in dict.fromkeys((*topics, *(link.end for link in earlier))):
        avoid = None if allow_return else (start if start is not None else source)
        for walk in _walks(graph, source, hops, inverse, avoid, silent=True):
            if graph.label(walk[-1].entity) is None:
                continue
            link = TextLink.of(graph, source, walk)
            if link in earlier or link.reversed() in earlier:
                continue
            longer = (*earlier, link), (*parts, walk)
            yield _listed_chain(graph, *longer)
            yield from _links_after(graph, *longer, topics, hops - len(walk), inverse, allow_return)


def _listed_chain(
    graph: KnowledgeGraph, links: tuple[TextLink, ...], parts: tuple[tuple[Hop, ...], ...]
) -> Listed:
    sources: list[str] = []
    for link, walk in zip(links, parts, strict=True):
        sources += (link.source, *(hop.entity for hop in walk[:-1]))
    hops = tuple(hop for walk in parts for hop in walk)
    return Listed(verbalize_links(graph, links), Chain(links[0].source, hops, tuple(sources)))


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
