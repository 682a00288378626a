"""How many facts a node has."""

from __future__ import annotations

from collections.abc import Mapping

from kgqa.graph.indexed_graph import IndexedGraph

__all__ = ["degree_of", "know_degrees"]

_KNOWN = "known degrees"


def degree_of(graph: IndexedGraph, number: int) -> int:
    """The number of facts of a node, in both directions."""
    known = graph.derived.get(_KNOWN)
    if isinstance(known, dict) and number in known:
        return int(known[number])
    return graph.outward.degree(number) + graph.inward.degree(number)


def know_degrees(graph: IndexedGraph, degrees: Mapping[str, int]) -> None:
    """Say how many facts some nodes have in the whole graph, of which `graph` is a part."""
    graph.derived[_KNOWN] = {graph.entity_id(entity): number for entity, number in degrees.items()}
