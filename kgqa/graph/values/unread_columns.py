"""Columns of cells that are mostly values and are not compared, because some cells are none."""

from __future__ import annotations

from collections import Counter

import numpy as np

from kgqa.graph.adjacency import Ids
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import shorten
from kgqa.graph.relation_facts import FactsByRelation
from kgqa.graph.statement import NodeKind
from kgqa.graph.values.cell import guess_value
from kgqa.graph.values.number import with_point
from kgqa.graph.values.value import Value, ValueKind
from kgqa.graph.values.value_column import is_about_identifiers
from kgqa.graph.values.value_table import ValueTable

__all__ = ["columns_read", "unread_columns"]

LOOKED_AT = 1000
"""Distinct tails of a relation that are looked at."""
MOST_FACTS = 100_000
"""Facts of a relation among which they are found."""
SAMPLED = 20
"""Of these, so many are looked at first: where few of them are values, the others are left alone."""
MOST_RELATIONS = 1000
"""Relations that are looked at."""
LEAST = 3
"""The least number of distinct tails that make a column."""

_SAID = {
    ValueKind.NUMBER: "numbers",
    ValueKind.DATE: "dates",
    ValueKind.DURATION: "durations",
    ValueKind.BOOLEAN: "true or false",
}


def columns_read(graph: IndexedGraph) -> dict[str, str]:
    """What the tails of relations (identifiers) are compared as: "numbers in km", "dates".

    >>> from kgqa.graph import GraphBuilder
    >>> columns_read(GraphBuilder.of([("Nile", "length in km", "6,650"), ("Nile", "mouth", "Rosetta")]))
    {'length in km': 'numbers in km'}
    """
    table = ValueTable.of(graph)
    found = {}
    for relation in table.comparable_relations.tolist():
        said, unit = _SAID[table.relation_kind(relation)], table.unit_of(relation)
        found[graph.relation(relation)] = f"{said} in {unit}" if unit else said
    return found


def unread_columns(graph: IndexedGraph) -> dict[str, str]:
    """Why relations (identifiers) whose tails are mostly numbers, dates or durations have no order.

    Only tails without a datatype count, as in tables. Up to a thousand of each relation are looked at.

    >>> from kgqa.graph import GraphBuilder
    >>> cells = ["12", "15", "about 20", "7"]
    >>> unread_columns(GraphBuilder.of([(f"item {n}", "amount", cell) for n, cell in enumerate(cells)]))
    {'amount': "3 of 4 values are numbers, and 'about 20' is none"}
    """
    table = ValueTable.of(graph)
    facts = FactsByRelation.of_graph(graph)
    found = {}
    for relation in range(min(graph.relation_count, MOST_RELATIONS)):
        if table.relation_kind(relation) not in (ValueKind.NONE, ValueKind.TEXT):
            continue
        if is_about_identifiers(graph.relation_labels[relation]):
            continue
        tails = np.unique(facts.of(relation, MOST_FACTS)[1])[:LOOKED_AT]
        tails = tails[graph.kinds[tails] == NodeKind.RESOURCE]
        if len(tails) < LEAST or not _may_be_values(_labels(graph, tails[:: -(-len(tails) // SAMPLED)])):
            continue
        if why := _why(_labels(graph, tails)):
            found[graph.relation(relation)] = why
    return found


def _labels(graph: IndexedGraph, nodes: Ids) -> list[str]:
    return [graph.labels[node] for node in nodes.tolist()]


def _may_be_values(cells: list[str]) -> bool:
    """Whether a quarter of some cells are values, so that half of all may be."""
    shown = ((cell, guess_value(cell)) for cell in cells)
    return 4 * sum(value.kind in _SAID or _has_comma(cell, value) for cell, value in shown) >= len(cells)


def _why(cells: list[str]) -> str | None:
    """Why some cells are no column of values; None where few of them are values, or all are."""
    read = [guess_value(cell) for cell in cells]
    ((kind, unit), count), *others = Counter((value.kind, value.unit) for value in read).most_common()
    if kind in _SAID and 2 * count >= len(cells) and others:
        other = next(
            c for c, value in zip(cells, read, strict=True) if (value.kind, value.unit) != (kind, unit)
        )
        said = f"{_SAID[kind]} in {unit}" if unit else _SAID[kind]
        return f"{count:,} of {len(cells):,} values are {said}, and {shorten(other, 40)!r} is none"
    commas = [cell for cell, value in zip(cells, read, strict=True) if _has_comma(cell, value)]
    if 2 * len(commas) >= len(cells):
        return f"{commas[0]!r} is no number where a point begins the decimals (--decimal-comma)"
    return None


def _has_comma(cell: str, value: Value) -> bool:
    """Whether a text is a number with a decimal comma."""
    return value.kind is ValueKind.TEXT and guess_value(with_point(cell)).kind is ValueKind.NUMBER
