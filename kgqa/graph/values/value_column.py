"""Columns of untyped sources that hold numbers, dates, durations or booleans throughout."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import separate_words
from kgqa.graph.values.cell_values import Cells, read_cells
from kgqa.graph.values.node_values import NodeValues
from kgqa.graph.values.value import ValueKind

__all__ = ["TypedColumns", "find_columns", "is_about_time"]

Ids = NDArray[np.int32]
Floats = NDArray[np.float64]

_TIME_WORDS = frozenset(
    {
        *("year", "years", "yr", "date", "dates", "since", "inception"),
        *("born", "birth", "died", "death", "founded", "founding", "established", "formed"),
        *("released", "release", "published", "publication", "premiered", "debut"),
        *("built", "opened", "closed", "started", "ended", "launched", "introduced", "appeared"),
        *("invented", "discovered", "inaugurated"),
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


def find_columns(
    graph: IndexedGraph,
    values: NodeValues,
    relations: Ids,
    tails: Ids,
    candidates: NDArray[np.bool_],
    known: Cells,
    unit_names: list[str],
) -> tuple[TypedColumns, Cells]:
    """The columns among candidates, given the distinct pairs of a relation and a tail, sorted; and the cells.

    A relation is a column if each of its tails is a cell that shows a value of one kind (and of one unit).
    Cells are resources without an IRI and plain literals; these are strings, which can only be dates. Four
    digits are years among dates, and where the relation's name speaks of time; else they are numbers.
    """
    count = len(candidates)
    chosen = candidates[relations]
    cells = read_cells(graph, values, np.unique(tails[chosen]), known, unit_names)
    pairs, at = relations[chosen], np.searchsorted(cells["cell_nodes"], tails[chosen])
    strings = values.at("plain", cells["cell_nodes"])
    column_kinds = _column_kinds(graph, pairs, at, cells, strings, count)
    has = column_kinds != ValueKind.NONE
    found = has[pairs]
    pairs, at = pairs[found], at[found]
    low, high = cells["cell_low"][at], cells["cell_high"][at]
    years = (column_kinds[pairs] == ValueKind.DATE) & (cells["cell_kinds"][at] != ValueKind.DATE)
    low[years], high[years] = cells["cell_year_low"][at[years]], cells["cell_year_high"][at[years]]
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(pairs, minlength=count), out=offsets[1:])
    columns = np.flatnonzero(has).astype(np.int32)
    units = cells["cell_units"][at[offsets[columns]]]
    nodes = cells["cell_nodes"][at]
    return TypedColumns(columns, column_kinds[columns], units, has, offsets, nodes, low, high), cells


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


def _with_any(relations: Ids, marks: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    """Which relations have a pair with a mark; bool of shape (count,)."""
    found = np.zeros(count, dtype=np.bool_)
    found[relations[marks]] = True
    return found


def _column_kinds(
    graph: IndexedGraph,
    pairs: Ids,
    at: NDArray[np.int64],
    cells: Cells,
    strings: NDArray[np.bool_],
    count: int,
) -> NDArray[np.uint8]:
    """The kind of each relation that is a column; NONE for the others."""
    kinds = cells["cell_kinds"][at]
    is_date, is_year = kinds == ValueKind.DATE, ~np.isnan(cells["cell_year_low"][at])
    present = np.zeros(count, dtype=np.bool_)
    present[pairs] = True
    result = np.zeros(count, dtype=np.uint8)
    for kind in (ValueKind.NUMBER, ValueKind.DURATION, ValueKind.BOOLEAN):
        others = (kinds != kind) | strings[at]
        result[present & ~_with_any(pairs, others, count)] = kind
    units = np.zeros(count, dtype=np.uint8)
    units[pairs] = cells["cell_units"][at]
    result[_with_any(pairs, cells["cell_units"][at] != units[pairs], count)] = ValueKind.NONE
    dates = present & ~_with_any(pairs, ~(is_date | is_year), count)
    has_date = _with_any(pairs, is_date, count)
    for relation in np.flatnonzero(present).tolist():
        names = (re.split("[/#]", graph.relation(relation))[-1], graph.relation_labels[relation])
        if any(map(is_about_identifiers, names)):
            result[relation] = ValueKind.NONE
        elif dates[relation] and (has_date[relation] or any(map(is_about_time, names))):
            result[relation] = ValueKind.DATE
    return result
