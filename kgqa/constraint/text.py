"""How chains are verbalized: the segments of their texts.

Every segment carries its boundary space in front. A hop is verbalized as `" -> relation -> name"`
along its triple and `" <- relation <- name"` against it; a mediator's name is left out.
"""

from __future__ import annotations

from kgqa.graph import KnowledgeGraph, clean_name

__all__ = ["LINK_END", "arrow", "entity_text", "link_start", "relation_text", "topic_text"]

LINK_END = " >"
"""The segment that closes one link of a branching chain."""


def arrow(inverse: bool) -> str:
    """The segment in front of a relation and of the name that it leads to."""
    return " <-" if inverse else " ->"


def link_start(number: int) -> str:
    """The segment that opens the link with this number (from 1) of a branching chain."""
    return f" {number}. <"


def entity_text(label: str) -> str:
    """The segment of an entity with this label."""
    return " " + clean_name(label)


def topic_text(graph: KnowledgeGraph, entity: str) -> str:
    """The segment of a topic entity: a mediator that somebody asks about goes by its identifier."""
    return entity_text(graph.label(entity) or clean_name(entity) or "?")


def relation_text(graph: KnowledgeGraph, relation: str) -> str:
    """The segment of a relation: its label, or its identifier where the label says nothing."""
    return " " + (clean_name(graph.relation_label(relation)) or clean_name(relation))
