"""Computes the values of a graph: of its nodes, and of the facts of each relation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Adjacency, Ids
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.values.cell_values import CELL_ARRAYS, Cells, can_be_cells, no_cells
from kgqa.graph.values.node_values import (
    NODE_ARRAYS,
    NodeArrays,
    NodeValues,
    days_by_year,
    read_nodes,
)
from kgqa.graph.values.value import COMPARABLE, ValueKind
from kgqa.graph.values.value_column import TypedColumns, find_columns

__all__ = ["ARRAYS", "Facts", "Pairs", "Survey", "compute_values", "values_of_relations"]

ARRAYS = (
    *("literals", *NODE_ARRAYS),
    *("year_numbers", "year_counts", "relation_kinds", "relation_units", "witnesses"),
    *("column_offsets", "column_nodes", "column_low", "column_high"),
    *("fact_offsets", "fact_heads", "fact_tails", "fact_low", "fact_high"),
    *("head_offsets", "heads"),
    *CELL_ARRAYS,
)

BLOCK = 4_000_000
"""Facts that are looked at a time."""
_WIDTH = max(ValueKind) + 1

Floats = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]


class Pairs(NamedTuple):
    """Distinct pairs of a relation and a tail, sorted by both."""

    relations: Ids
    tails: Ids


class Facts(NamedTuple):
    """Facts, those of a relation in the order of their heads and tails."""

    heads: Ids
    relations: Ids
    tails: Ids


def compute_values(graph: IndexedGraph) -> tuple[Arrays, list[str]]:
    """The arrays of a `ValueTable`, by the names in `ARRAYS`, and the names of units.

    Of the facts only those are held whose relations may have values; the others are looked at block by block.
    """
    names = [""]
    own = read_nodes(graph, None, names)
    nodes = NodeArrays(own)
    survey = Survey(nodes, graph.relation_count)
    possible = np.zeros(graph.entity_count, dtype=np.bool_)
    for start in range(0, graph.entity_count, BLOCK):
        some = np.arange(start, min(start + BLOCK, graph.entity_count))
        possible[some] = can_be_cells(graph, some, own["plain"][some])
    for block in _pair_blocks(graph.inward):
        survey.add(block, possible[block.tails])
    wanted = survey.may_have_values
    parts = [_of_relations(block, wanted) for block in _pair_blocks(graph.inward)]
    relations, tails = map(np.concatenate, zip(_NO_PAIRS, *parts, strict=True))
    order = np.argsort(relations, kind="stable")
    pairs = Pairs(relations[order], tails[order])
    facts = Facts(*map(np.concatenate, zip(_NO_FACTS, *_facts_of(graph.outward, wanted), strict=True)))
    arrays = values_of_relations(
        graph, nodes, survey.kinds, survey.candidates, pairs, facts, no_cells(), names
    )
    years, counts = days_by_year(own)
    literals = np.flatnonzero(own["kinds"]).astype(np.int32)
    arrays |= {"literals": literals, **{name: array[literals] for name, array in own.items()}}
    arrays |= {"year_numbers": years, "year_counts": counts, "witnesses": survey.witnesses}
    return {name: arrays[name] for name in ARRAYS}, names


def values_of_relations(
    graph: IndexedGraph,
    nodes: NodeValues,
    kinds: NDArray[np.uint8],
    candidates: NDArray[np.bool_],
    pairs: Pairs,
    facts: Facts,
    known: Cells,
    unit_names: list[str],
) -> Arrays:
    """The arrays of relations, given the kinds that their literals have, their pairs and their facts.

    `candidates` may be columns of cells. Relations without pairs keep their kinds and have no facts.
    """
    columns, cells = find_columns(graph, nodes, *pairs, candidates, known, unit_names)
    kinds = kinds.copy()
    kinds[columns.relations] = columns.kinds
    units = _relation_units(nodes, pairs, kinds, unit_names)
    units[columns.relations] = columns.units
    return {
        "relation_kinds": kinds,
        "relation_units": units,
        "column_offsets": columns.offsets,
        "column_nodes": columns.nodes,
        "column_low": columns.low,
        "column_high": columns.high,
        **_sorted_facts(nodes, facts, kinds, units, columns),
        **cells,
    }


@dataclass
class Survey:
    """What the tails of relations are, from pairs that come in blocks."""

    nodes: NodeValues
    count: int

    def __post_init__(self) -> None:
        self._counts = np.zeros((self.count, _WIDTH), dtype=np.int64)
        self._barred = np.full(self.count, -1, dtype=np.int32)
        self._barred_texts = np.full(self.count, -1, dtype=np.int32)

    def add(self, pairs: Pairs, possible: NDArray[np.bool_]) -> None:
        """Count pairs; `possible` says which of the tails may be cells."""
        kinds = self.nodes.at("kinds", pairs.tails)
        keys = pairs.relations * np.int64(_WIDTH) + kinds
        self._counts += np.bincount(keys, minlength=self.count * _WIDTH).reshape(self.count, _WIDTH)
        self._barred[pairs.relations[~possible]] = pairs.tails[~possible]
        texts = ~possible & (kinds == ValueKind.TEXT)
        self._barred_texts[pairs.relations[texts]] = pairs.tails[texts]

    @property
    def kinds(self) -> NDArray[np.uint8]:
        """The comparable kind that most distinct tails have; TEXT or NONE where no tail has one."""
        comparable = self._counts[:, list(COMPARABLE)]
        kinds = np.asarray(COMPARABLE, dtype=np.uint8)[comparable.argmax(axis=1)]
        texts = np.where(self._counts[:, ValueKind.TEXT] > 0, ValueKind.TEXT, ValueKind.NONE)
        chosen: NDArray[np.uint8] = np.where(comparable.any(axis=1), kinds, texts).astype(np.uint8)
        return chosen

    @property
    def candidates(self) -> NDArray[np.bool_]:
        """The relations that may be columns: each tail may be a cell, and no literal has an order."""
        present = self._counts.any(axis=1)
        found: NDArray[np.bool_] = (
            present & (self._barred < 0) & np.isin(self.kinds, (ValueKind.NONE, ValueKind.TEXT))
        )
        return found

    @property
    def may_have_values(self) -> NDArray[np.bool_]:
        """The relations whose tails may have values."""
        found: NDArray[np.bool_] = np.isin(self.kinds, COMPARABLE) | self.candidates
        return found

    @property
    def witnesses(self) -> Ids:
        """A tail of each relation that is no column and has no order: while it is there, that stays so.

        -1 for other relations. Of relations with texts it is a text.
        """
        found = np.where(self.kinds == ValueKind.TEXT, self._barred_texts, self._barred)
        return np.where(np.isin(self.kinds, COMPARABLE), -1, found).astype(np.int32)


_NO_PAIRS = (np.empty(0, dtype=np.int32), np.empty(0, dtype=np.int32))
_NO_FACTS = (*_NO_PAIRS, np.empty(0, dtype=np.int32))


def _row_blocks(adjacency: Adjacency) -> Iterator[tuple[Ids, slice]]:
    """The edges in blocks of whole rows: the entity that each leaves, and where they are."""
    offsets = adjacency.offsets
    first, last = 0, len(offsets) - 1
    while first < last:
        end = int(np.searchsorted(offsets, offsets[first] + BLOCK, side="right")) - 1
        end = min(last, max(first + 1, end))
        own = np.arange(first, end, dtype=np.int32)
        yield np.repeat(own, np.diff(offsets[first : end + 1])), slice(int(offsets[first]), int(offsets[end]))
        first = end


def _pair_blocks(inward: Adjacency) -> Iterator[Pairs]:
    """Each pair of a relation and a tail once, sorted by the tail."""
    for tails, edges in _row_blocks(inward):
        relations = np.asarray(inward.relations[edges])
        first = np.ones(len(tails), dtype=np.bool_)
        first[1:] = (tails[1:] != tails[:-1]) | (relations[1:] != relations[:-1])
        yield Pairs(relations[first], tails[first])


def _of_relations(pairs: Pairs, wanted: NDArray[np.bool_]) -> Pairs:
    kept = wanted[pairs.relations]
    return Pairs(pairs.relations[kept], pairs.tails[kept])


def _facts_of(outward: Adjacency, wanted: NDArray[np.bool_]) -> Iterator[Facts]:
    for heads, edges in _row_blocks(outward):
        relations = outward.relations[edges]
        kept = np.flatnonzero(wanted[relations])
        yield Facts(heads[kept], relations[kept], outward.targets[edges][kept])


def _relation_units(
    nodes: NodeValues, pairs: Pairs, kinds: NDArray[np.uint8], unit_names: list[str]
) -> NDArray[np.uint8]:
    """The unit of most distinct tails of the relation's kind, from datatypes; the first of equal ones."""
    relations, tails = pairs
    width = len(unit_names)
    own_kinds, units_of_tails = nodes.several(tails, "kinds", "units")
    same = own_kinds == kinds[relations]
    keys = relations[same] * np.int64(width) + units_of_tails[same]
    counts = np.bincount(keys, minlength=len(kinds) * width).reshape(len(kinds), width)
    order = np.argsort(unit_names)
    units: NDArray[np.uint8] = order[counts[:, order].argmax(axis=1)].astype(np.uint8)
    return units


def _sorted_facts(
    nodes: NodeValues,
    facts: Facts,
    kinds: NDArray[np.uint8],
    units: NDArray[np.uint8],
    columns: TypedColumns,
) -> Arrays:
    """The facts whose tails have values, for each relation sorted by value, and their distinct heads."""
    heads, relations, tails = facts
    own_kinds, own_units = nodes.several(tails, "kinds", "units")
    typed = (own_kinds == kinds[relations]) & (own_units == units[relations])
    typed &= ~np.isnan(nodes.at("low", tails))
    kept = np.flatnonzero(typed | columns.has[relations])
    heads, relations, tails = heads[kept], relations[kept], tails[kept]
    low, high = nodes.several(tails, "low", "high")
    columns.fill(relations, tails, low, high)
    order = np.lexsort((tails, heads, high, low, relations))
    first = np.ones(len(heads), dtype=np.bool_)
    first[1:] = (heads[1:] != heads[:-1]) | (relations[1:] != relations[:-1])
    by_relation = np.argsort(relations[first], kind="stable")
    return {
        "fact_offsets": _offsets(relations, len(kinds)),
        "fact_heads": heads[order],
        "fact_tails": tails[order],
        "fact_low": low[order],
        "fact_high": high[order],
        "head_offsets": _offsets(relations[first], len(kinds)),
        "heads": heads[first][by_relation],
    }


def _offsets(relations: Ids, count: int) -> NDArray[np.int64]:
    offsets = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(relations, minlength=count), out=offsets[1:])
    return offsets
