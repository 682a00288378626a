"""Names that begin with what was typed so far."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from kgqa.errors import check_count
from kgqa.graph import IndexedGraph, clean_name, degree_of, fold_name
from kgqa.graph.adjacency import holds
from kgqa.graph.indexed_graph import Difference
from kgqa.linking import BeginningIndex
from kgqa.service.graph_schema import class_name

__all__ = ["FoundName", "complete_name", "found_name"]

MOST_NAMES = 100
MOST_CHARACTERS = 400
"""Of what was typed; the rest is ignored."""
MOST_READ = 20_000
"""Names of a large graph that begin so, of which the most connected are found."""


@dataclass(frozen=True)
class FoundName:
    """An entity that was found by a name: what it is called, its number of facts, the name of its class."""

    entity: str
    name: str
    degree: int
    class_name: str | None

    def to_dict(self) -> dict[str, object]:
        """The entity for JSON."""
        return {"entity": self.entity, "name": self.name, "degree": self.degree, "class": self.class_name}


def complete_name(graph: IndexedGraph, text: str, limit: int = 10) -> list[FoundName]:
    """The entities that a text may be the beginning of the name of, each once.

    First those with exactly this identifier, label or alias, then those of which a name begins so, then those
    with a word that does; of each the most connected first. Case, accents and punctuation are ignored. For no
    text, the most connected entities. Of graphs with more than 2 million entities only names that begin so
    are found. Raises `UsageError` unless `limit` is from 1 to 100.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> [found.name for found in complete_name(graph, "diet")]
    ['William Dieterle']
    """
    check_count(limit, "limit", most=MOST_NAMES)
    found: dict[int, None] = {}
    for number in _found(graph, text[:MOST_CHARACTERS]):
        found[number] = None
        if len(found) == limit:
            break
    return [found_name(graph, number) for number in found]


def _found(graph: IndexedGraph, text: str) -> Iterator[int]:
    exact = [graph.entity_id(match.entity) for match in graph.find_ranked(text)]
    yield from sorted(exact, key=lambda number: -degree_of(graph, number))
    index = BeginningIndex.of(graph.base or graph)
    found = _first_names(graph, text) if index is None else (one.entity for one in index.search(text))
    if graph.difference is not None and index is not None:
        found = _changed(graph, graph.difference, index, text)
    yield from (number for number in found if graph.entity(number) in graph.entities)


def _changed(graph: IndexedGraph, change: Difference, index: BeginningIndex, text: str) -> Iterator[int]:
    """The index as it was built answers for all entities but those whose names changed."""
    old = (one for one in index.search(text) if not holds(change.entities, one.entity))
    new = graph.derive(_changed_names).search(text)
    return (one.entity for one in heapq.merge(old, new))


def _changed_names(graph: IndexedGraph) -> BeginningIndex:
    numbers = np.empty(0, dtype=np.int64) if graph.difference is None else graph.difference.entities
    return BeginningIndex.of_entities(graph, numbers)


def _first_names(graph: IndexedGraph, text: str) -> Iterator[int]:
    names = dict.fromkeys(islice(graph.names.iterkeys(fold_name(text)), MOST_READ))
    numbers = np.unique([number for name in names for number, _ in graph.names.get(name)]).astype(np.int64)
    degrees = graph.outward.degrees(numbers) + graph.inward.degrees(numbers)
    return iter(numbers[np.argsort(-degrees, kind="stable")].tolist())


def found_name(graph: IndexedGraph, number: int) -> FoundName:
    """An entity (by number) as it is listed."""
    entity = graph.entity(number)
    name = clean_name(graph.labels[number]) or entity
    return FoundName(entity, name, degree_of(graph, number), class_name(graph, number))
