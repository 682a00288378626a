"""The entities of a type."""

from __future__ import annotations

from kgqa.graph import KnowledgeGraph, fold_name
from kgqa.program import TYPE_RELATIONS

__all__ = ["entities_of_type"]


def entities_of_type(graph: KnowledgeGraph, kind: str, by: str | None = None) -> frozenset[str]:
    """The entities with the relation `by` to the type `kind` (identifiers); may be empty.

    Without `by`, all relations named in `TYPE_RELATIONS` count. Instances of subtypes are not
    included. Raises `UnknownEntityError` or `UnknownRelationError`.

    >>> from kgqa.graph import GraphBuilder, Triple
    >>> graph = GraphBuilder.of([Triple("Vienna", "instance of", "city")])
    >>> entities_of_type(graph, "city")
    frozenset({'Vienna'})
    """
    relations = _type_relations(graph, kind) if by is None else [by]
    return frozenset(
        triple.head for relation in relations for triple in graph.match(relation=relation, tail=kind)
    )


def _type_relations(graph: KnowledgeGraph, kind: str) -> list[str]:
    steps = {step.relation for step in graph.relations(kind) if step.inverse}
    known = set(map(fold_name, TYPE_RELATIONS))
    return sorted(r for r in steps if not known.isdisjoint(map(fold_name, (r, graph.relation_label(r)))))
