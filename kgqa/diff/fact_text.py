"""Facts and entities as people and programs read them."""

from __future__ import annotations

from typing import Any

from kgqa.graph import IndexedGraph, Triple, clean_name

__all__ = ["entity_name", "fact_object", "shown_fact"]


def shown_fact(fact: Triple, graph: IndexedGraph) -> str:
    """A fact by its names, in one line."""
    names = (
        entity_name(fact.head, graph),
        graph.relation_label(fact.relation),
        entity_name(fact.tail, graph),
    )
    return " -> ".join(clean_name(name) or "·" for name in names)


def fact_object(fact: Triple, graph: IndexedGraph) -> dict[str, Any]:
    """A fact as JSON values: its identifiers and its names."""
    names = [graph.label(fact.head), graph.relation_label(fact.relation), graph.label(fact.tail)]
    return {"fact": list(fact), "names": names}


def entity_name(entity: str, graph: IndexedGraph) -> str:
    """The name of an entity; of one without a name, or that the graph has not, the identifier."""
    return (graph.label(entity) if entity in graph.entities else None) or entity
