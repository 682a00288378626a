"""Entities by a name that may be incomplete or misspelt."""

from __future__ import annotations

from kgqa.graph import IndexedGraph
from kgqa.linking import SpellingIndex
from kgqa.service.name_completion import FoundName, complete_name, found_name

__all__ = ["find_names"]

MIN_SIMILARITY = 0.7
MOST_COMPARED = 200
"""Characters of a text that is compared with names."""


def find_names(graph: IndexedGraph, text: str, limit: int = 10) -> list[FoundName]:
    """What `complete_name` finds; where that is nothing, the entities with names of similar spelling.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> [found.name for found in find_names(graph, "Wiliam Dieterle")]
    ['William Dieterle']
    """
    found = complete_name(graph, text, limit)
    if found or not text.strip():
        return found
    alike = SpellingIndex.of(graph).search(text[:MOST_COMPARED], MIN_SIMILARITY, limit)
    entities = dict.fromkeys(entity for name, _ in alike for entity in graph.find(name))
    return [found_name(graph, graph.entity_id(entity)) for entity in entities][:limit]
