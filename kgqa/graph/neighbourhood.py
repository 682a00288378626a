"""The subgraph around some entities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgqa.errors import check_names
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.protocol import KnowledgeGraph
from kgqa.graph.statement import Name, Node, NodeKind, Quad, RelationName, Statement, Triple

__all__ = ["subgraph"]


def subgraph(graph: KnowledgeGraph, topics: Iterable[str], hops: int) -> IndexedGraph:
    """The triples on walks of at most `hops` hops from `topics`, in any direction.

    Needs only the `KnowledgeGraph` protocol, so it also loads part of a remote graph into memory. Labels
    are kept; aliases and sources of facts only for an `IndexedGraph`.
    Raises `UnknownEntityError` for an unknown topic and `ValueError` for negative `hops`.
    """
    check_names(topics, "topics")
    if hops < 0:
        raise ValueError(f"hops must not be negative, got {hops}")
    return GraphBuilder(mediators=r"(?!)").add_all(_around(graph, topics, hops)).build()


def _around(graph: KnowledgeGraph, topics: Iterable[str], hops: int) -> Iterator[Statement]:
    layer = dict.fromkeys(topics)
    visited: set[str] = set()
    relations: set[str] = set()
    for entity in layer:
        yield from _names(graph, entity)
    for _ in range(hops):
        visited.update(layer)
        following: dict[str, None] = {}
        for entity in layer:
            for hop in graph.hops(entity):
                if hop.relation not in relations:
                    relations.add(hop.relation)
                    yield RelationName(hop.relation, graph.relation_label(hop.relation))
                if hop.entity not in visited and hop.entity not in following:
                    following[hop.entity] = None
                    yield from _names(graph, hop.entity)
                yield from _sourced(graph, hop.triple(entity))
        layer = following


def _sourced(graph: KnowledgeGraph, triple: Triple) -> Iterator[Triple | Quad]:
    sources = graph.sources(triple) if isinstance(graph, IndexedGraph) else ()
    return (Quad(*triple, source) for source in sources) if sources else iter((triple,))


def _names(graph: KnowledgeGraph, entity: str) -> Iterator[Statement]:
    label = graph.label(entity)
    if label is None:
        yield Node(entity, NodeKind.BLANK)
        return
    yield Name(entity, label)
    if isinstance(graph, IndexedGraph):
        if graph.kind(entity) is not NodeKind.RESOURCE:
            yield Node(entity, graph.kind(entity))
        for alias in graph.alias_texts(entity):
            yield Name(entity, alias, alias=True)
