"""A graph whose nodes without a name are called by their identifiers, as in GCR and RoG."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kgqa.graph import IndexedGraph, clean_name
from kgqa.graph.text_column import TextColumn

__all__ = ["spoken_identifiers"]


def spoken_identifiers(graph: IndexedGraph) -> IndexedGraph:
    """The same graph, in which the identifier of a node without a name (`m.0abc`) is its name.

    Paths then say each node that they pass, and may end at it. Numbers of entities are those of `graph`, and
    names are found as before. All names are held in memory. Made once a graph; it is `graph` itself where
    every node has a name.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Jamaica", "sports.country.athletes", "m.0b64vhp")])
    >>> graph.label("m.0b64vhp"), spoken_identifiers(graph).label("m.0b64vhp")
    (None, 'm.0b64vhp')
    """
    return graph.derive(_spoken)


def _spoken(graph: IndexedGraph) -> IndexedGraph:
    named = graph.has_name(np.arange(graph.entity_count))
    if named.all():
        return graph
    names = (
        graph.labels[number] if has_name else _spelt(graph.entity(number))
        for number, has_name in enumerate(named.tolist())
    )
    checksum = f"{graph.checksum} with spoken identifiers"
    return replace(graph, labels=TextColumn.of(names), checksum=checksum, folder=None, difference=None)


def _spelt(identifier: str) -> str:
    """The identifier, or nothing where no character of it can be seen."""
    return identifier if clean_name(identifier) else ""
