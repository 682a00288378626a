"""Which entities are of a type."""

from __future__ import annotations

from kgqa.errors import DataError
from kgqa.graph import KnowledgeGraph, fold_name

__all__ = ["TYPE_RELATIONS", "entities_of_type"]

TYPE_RELATIONS = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    "rdf:type",
    "http://www.wikidata.org/prop/direct/P31",
    "P31",
    "type.object.type",
    "instance of",
    "instance_of",
    "is a",
    "is_a",
    "type",
)
"""Relations that say what something is, by identifier."""


def entities_of_type(graph: KnowledgeGraph, kind: str, by: str | None = None) -> frozenset[str]:
    """The entities from which the relation `by` leads to `kind` (identifiers); empty if from none.

    Without `by` all of `TYPE_RELATIONS` that the graph has are looked at. Types of types do not
    count. Raises `UnknownEntityError` or `UnknownRelationError`, and `DataError` for a graph that
    has no relation of types.

    >>> from kgqa.graph import GraphBuilder, Triple
    >>> graph = GraphBuilder.of([Triple("Vienna", "instance of", "city")])
    >>> entities_of_type(graph, "city")
    frozenset({'Vienna'})
    """
    relations = [by] if by is not None else _type_relations(graph, kind)
    return frozenset(
        triple.head for relation in relations for triple in graph.match(relation=relation, tail=kind)
    )


def _type_relations(graph: KnowledgeGraph, kind: str) -> list[str]:
    steps = {step.relation for step in graph.relations(kind) if step.inverse}
    known = set(map(fold_name, TYPE_RELATIONS))
    found = sorted(r for r in steps if fold_name(r) in known or fold_name(graph.relation_label(r)) in known)
    if not found:
        raise DataError(
            f"no relation of types (rdf:type, instance of, type ...) leads to {kind!r}; name the relation"
        )
    return found
