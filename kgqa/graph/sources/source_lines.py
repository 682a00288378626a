"""Facts and their sources in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kgqa.graph.chain import Chain, Hop
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.sources.named_sources import source_title
from kgqa.graph.statement import Triple

__all__ = ["source_lines"]


def source_lines(graph: IndexedGraph, facts: Iterable[Triple]) -> Iterator[str]:
    """Facts by the sources that say them, in lines for a terminal.

    >>> from kgqa.graph import GraphBuilder, Quad
    >>> graph = GraphBuilder.of([Quad("Kismet", "directed_by", "William Dieterle", "films")])
    >>> print(*source_lines(graph, graph), sep="\\n")
    from films:
        Kismet -[directed_by]-> William Dieterle
    """
    by_sources: dict[tuple[str, ...], list[Triple]] = {}
    for fact in dict.fromkeys(facts):
        by_sources.setdefault(graph.sources(fact), []).append(fact)
    for sources, said in by_sources.items():
        yield f"from {', '.join(source_title(graph, source) for source in sources) or 'no source'}:"
        for head, relation, tail in said:
            yield f"    {Chain(head, (Hop(relation, tail),)).to_text(graph)}"
