"""Columns of untyped sources that hold numbers, dates, durations or booleans throughout."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import separate_words
from kgqa.graph.statement import NodeKind
from kgqa.graph.values.cell import guess_value, guess_year
from kgqa.graph.values.value import ValueKind

__all__ = ["TypedColumns", "find_columns", "is_about_time"]

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]

LONGEST_CELL = 64
_STARTS = np.zeros(256, dtype=np.bool_)
_STARTS[list(b"0123456789+-.tTfFPA \xe2")] = True
"""First bytes of the cells that `guess_value` finds a value in."""

_IRIS = ("http://", "https://", "urn:")
_TIME_WORDS = frozenset(
    {
        *("year", "years", "yr", "date", "dates", "since", "inception"),
        *("born", "birth", "died", "death", "founded", "founding", "established", "formed"),
        *("released", "release", "published", "publication", "premiered", "debut"),
        *("built", "opened", "closed", "started", "ended"),
    }
)
"""Words in the names of relations whose four-digit cells are years."""

_TIME_NAMES = (["from"], ["to"], ["until"], ["start"], ["end"], ["begin"], ["vintage"])
"""The whole names of other such relations."""

_IDENTIFIER_WORDS = frozenset(
    {
        *("id", "ids", "identifier", "code", "codes", "key", "uuid", "isbn", "issn", "ean", "sku"),
        *("zip", "postcode", "zipcode", "phone", "telephone", "fax"),
    }
)
"""Words that end the names of relations whose cells are identifiers, whatever they look like."""


@dataclass(frozen=True)
class TypedColumns:
    """The relations that are columns of values, and the value of each of their distinct tails.

    `relations`, `kinds` and `units` have one entry a column. `has` is bool of shape (relations of the
    graph,). The tails of relation `r` are `nodes[offsets[r]:offsets[r + 1]]`, sorted, with `low` and `high`.
    """

    relations: Ids
    kinds: NDArray[np.uint8]
    units: NDArray[np.uint8]
    has: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    nodes: Ids
    low: Floats
    high: Floats

    def fill(self, relations: Ids, tails: Ids, low: Floats, high: Floats) -> None:
        """Write the values of tails under these relations to `low` and `high`, where these are columns."""
        wanted = np.flatnonzero(self.has[relations])
        owners = np.repeat(np.arange(len(self.has)), np.diff(self.offsets))
        keys = (owners << 32) | self.nodes
        at = np.searchsorted(keys, (relations[wanted].astype(np.int64) << 32) | tails[wanted])
        low[wanted], high[wanted] = self.low[at], self.high[at]


@dataclass(frozen=True)
class _Cells:
    """What the cells of nodes show; arrays with one entry a node, in the order of `nodes`."""

    nodes: Ids
    kinds: NDArray[np.uint8]
    low: Floats
    high: Floats
    units: NDArray[np.uint8]
    year_low: Floats
    year_high: Floats
    strings: NDArray[np.bool_]


def find_columns(
    graph: IndexedGraph,
    plain: NDArray[np.bool_],
    relations: Ids,
    tails: Ids,
    kinds: NDArray[np.uint8],
    unit_names: list[str],
) -> TypedColumns:
    """The columns among relations, given the distinct pairs of a relation and a tail, sorted.

    A relation is a column if each of its tails is a cell that shows a value of one kind (and of one unit).
    Cells are resources without an IRI and plain literals; these are strings, which can only be dates. Four
    digits are years among dates, and where the relation's name speaks of time; else they are numbers.
    """
    count = len(kinds)
    cells = _can_be_cells(graph, plain)
    kept = ~_with_any(relations, ~cells[tails], count) & np.isin(kinds, (ValueKind.NONE, ValueKind.TEXT))
    chosen = kept[relations]
    read = _read_cells(graph, plain, np.unique(tails[chosen]), unit_names)
    pairs, at = relations[chosen], np.searchsorted(read.nodes, tails[chosen])
    column_kinds = _column_kinds(graph, pairs, at, read, count)
    has = column_kinds != ValueKind.NONE
    found = has[pairs]
    pairs, at = pairs[found], at[found]
    low, high = read.low[at], read.high[at]
    years = (column_kinds[pairs] == ValueKind.DATE) & (read.kinds[at] != ValueKind.DATE)
    low[years], high[years] = read.year_low[at[years]], read.year_high[at[years]]
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(pairs, minlength=count), out=offsets[1:])
    columns = np.flatnonzero(has).astype(np.int32)
    units = read.units[at[offsets[columns]]]
    return TypedColumns(columns, column_kinds[columns], units, has, offsets, read.nodes[at], low, high)


def is_about_time(relation: str) -> bool:
    """Whether the name of a relation says that its four-digit numbers are years.

    >>> is_about_time("release_year"), is_about_time("population")
    (True, False)
    """
    words = separate_words(relation)
    return not _TIME_WORDS.isdisjoint(words) or separate_words(relation.split(".")[-1]) in _TIME_NAMES


def is_about_identifiers(relation: str) -> bool:
    """Whether the name of a relation says that its cells are identifiers.

    >>> is_about_identifiers("postal_code"), is_about_identifiers("population")
    (True, False)
    """
    return not _IDENTIFIER_WORDS.isdisjoint(separate_words(relation)[-1:])


def _can_be_cells(graph: IndexedGraph, plain: NDArray[np.bool_]) -> NDArray[np.bool_]:
    starts, lengths = graph.labels.offsets[:-1], np.diff(graph.labels.offsets)
    cells: NDArray[np.bool_] = (
        ((graph.kinds == NodeKind.RESOURCE) | plain) & (lengths > 0) & (lengths <= LONGEST_CELL)
    )
    cells[cells] = _STARTS[graph.labels.data[starts[cells]]]
    return cells


def _with_any(relations: Ids, marks: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Which relations have a pair with a mark; bool of shape (count,)."""
    found = np.zeros(count, dtype=np.bool_)
    found[relations[marks]] = True
    return found


def _read_cells(graph: IndexedGraph, plain: NDArray[np.bool_], nodes: Ids, unit_names: list[str]) -> _Cells:
    units = {unit: position for position, unit in enumerate(unit_names)}
    rows: list[tuple[Any, ...]] = []
    for node in nodes.tolist():
        text = graph.labels[node]
        if not plain[node] and graph.entity(node).startswith(_IRIS):
            rows.append((ValueKind.TEXT, np.nan, np.nan, 0, np.nan, np.nan))
            continue
        value = guess_value(text)
        year = guess_year(text) if value.kind in (ValueKind.NUMBER, ValueKind.TEXT) else None
        unit = units.setdefault(value.unit, len(units))
        rows.append((value.kind, value.low, value.high, unit, *(year or (np.nan, np.nan))))
    unit_names[:] = units
    kinds, low, high, unit_positions, year_low, year_high = (
        np.array([row[part] for row in rows], dtype=kind)
        for part, kind in enumerate((np.uint8, float, float, np.uint8, float, float))
    )
    return _Cells(nodes, kinds, low, high, unit_positions, year_low, year_high, plain[nodes])


def _column_kinds(
    graph: IndexedGraph, pairs: Ids, at: NDArray[np.int64], read: _Cells, count: int
) -> NDArray[np.uint8]:
    """The kind of each relation that is a column; NONE for the others."""
    kinds = read.kinds[at]
    is_date, is_year = kinds == ValueKind.DATE, ~np.isnan(read.year_low[at])
    present = np.zeros(count, dtype=np.bool_)
    present[pairs] = True
    result = np.zeros(count, dtype=np.uint8)
    for kind in (ValueKind.NUMBER, ValueKind.DURATION, ValueKind.BOOLEAN):
        others = (kinds != kind) | read.strings[at]
        result[present & ~_with_any(pairs, others, count)] = kind
    units = np.zeros(count, dtype=np.uint8)
    units[pairs] = read.units[at]
    result[_with_any(pairs, read.units[at] != units[pairs], count)] = ValueKind.NONE
    dates = present & ~_with_any(pairs, ~(is_date | is_year), count)
    has_date = _with_any(pairs, is_date, count)
    for relation in np.flatnonzero(present).tolist():
        names = (re.split("[/#]", graph.relation(relation))[-1], graph.relation_labels[relation])
        if any(map(is_about_identifiers, names)):
            result[relation] = ValueKind.NONE
        elif dates[relation] and (has_date[relation] or any(map(is_about_time, names))):
            result[relation] = ValueKind.DATE
    return result
