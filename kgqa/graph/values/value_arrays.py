"""Computes the values of a graph: of its nodes, and of the facts of each relation."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.statement import NodeKind
from kgqa.graph.values.literal import literal_reader
from kgqa.graph.values.value import COMPARABLE, ValueKind
from kgqa.graph.values.value_column import TypedColumns, find_columns

__all__ = ["ARRAYS", "compute_values"]

ARRAYS = (
    *("kinds", "low", "high", "units", "plain", "relation_kinds", "relation_units"),
    *("column_offsets", "column_nodes", "column_low", "column_high"),
    *("fact_offsets", "fact_heads", "fact_tails", "fact_low", "fact_high"),
    *("head_offsets", "heads"),
)

Floats = NDArray[np.float64]
Ids = NDArray[np.int32]

_UNESCAPED = {"\\n": "\n", "\\r": "\r", "\\t": "\t"}


class Nodes(NamedTuple):
    """The values of nodes for themselves; one entry a node.

    `kinds` and `units` (positions in `unit_names`) are uint8; `low` and `high` are NaN where there is no
    number. `plain` marks literals without datatype and language, whose kind is TEXT.
    """

    kinds: NDArray[np.uint8]
    low: Floats
    high: Floats
    units: NDArray[np.uint8]
    plain: NDArray[np.bool_]
    unit_names: list[str]


def compute_values(graph: IndexedGraph) -> tuple[dict[str, NDArray[Any]], list[str]]:
    """The arrays of a `ValueTable`, by the names in `ARRAYS`, and the names of units."""
    nodes = _read_nodes(graph)
    count = graph.relation_count
    relations, tails = _distinct_pairs(graph.inward.offsets, graph.inward.relations)
    kinds = _relation_kinds(nodes, relations, tails, count)
    columns = find_columns(graph, nodes.plain, relations, tails, kinds, nodes.unit_names)
    kinds[columns.relations] = columns.kinds
    units = _relation_units(nodes, relations, tails, kinds)
    units[columns.relations] = columns.units
    facts = _sorted_facts(graph, nodes, kinds, units, columns)
    arrays: dict[str, NDArray[Any]] = {
        **nodes._asdict(),
        "relation_kinds": kinds,
        "relation_units": units,
        "column_offsets": columns.offsets,
        "column_nodes": columns.nodes,
        "column_low": columns.low,
        "column_high": columns.high,
        **facts,
    }
    return {name: arrays[name] for name in ARRAYS}, nodes.unit_names


def _read_nodes(graph: IndexedGraph) -> Nodes:
    """Read each literal once; those of one datatype together."""
    count = graph.entity_count
    kinds = np.zeros(count, dtype=np.uint8)
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    units = np.zeros(count, dtype=np.uint8)
    plain = np.zeros(count, dtype=np.bool_)
    names = [""]
    restore = graph.entities.restore_key
    groups: dict[str, tuple[list[int], list[str]]] = {}
    for node in np.flatnonzero(graph.kinds == NodeKind.LITERAL).tolist():
        text, quote, suffix = restore(node).rpartition('"')
        if not quote or not text.startswith('"'):  # not of an RDF file
            text, suffix = "", ""
        group = groups.get(suffix)
        if group is None:
            group = groups[suffix] = ([], [])
        group[0].append(node)
        group[1].append(text[1:])
    for suffix, (members, texts) in groups.items():
        kinds[members] = ValueKind.TEXT
        plain[members] = not suffix
        kind, read, unit = literal_reader(suffix[3:-1] if suffix.startswith("^^<") else "")
        if kind == ValueKind.TEXT:
            continue
        found = [(node, read(_unescaped(text))) for node, text in zip(members, texts, strict=True)]
        valued = [(node, *reading) for node, reading in found if reading is not None]
        if valued:
            chosen, lows, highs = (np.array(part) for part in zip(*valued, strict=True))
            kinds[chosen], low[chosen], high[chosen] = kind, lows, highs
            units[chosen] = _position(names, unit)
    return Nodes(kinds, low, high, units, plain, names)


def _unescaped(text: str) -> str:
    """White space that was escaped; other escapes occur in no value."""
    if "\\" in text:
        for escape, character in _UNESCAPED.items():
            text = text.replace(escape, character)
    return text


def _position(names: list[str], unit: str) -> int:
    """Where a unit stands among the names; added if it is not there."""
    if unit not in names:
        names.append(unit)
    return names.index(unit)


def _distinct_pairs(offsets: NDArray[np.int64], relations: Ids) -> tuple[Ids, Ids]:
    """Each pair of a relation and the owner of its edges once, sorted by both; given adjacency rows."""
    owners = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))
    first = np.ones(len(owners), dtype=np.bool_)
    first[1:] = (owners[1:] != owners[:-1]) | (relations[1:] != relations[:-1])
    owners, relations = owners[first], np.asarray(relations)[first]
    order = np.argsort(relations, kind="stable")
    return relations[order], owners[order]


def _relation_kinds(nodes: Nodes, relations: Ids, tails: Ids, count: int) -> NDArray[np.uint8]:
    """The comparable kind that most distinct tails have; TEXT or NONE where no tail has one."""
    width = max(ValueKind) + 1
    counts = np.bincount(relations * np.int64(width) + nodes.kinds[tails], minlength=count * width)
    counts = counts.reshape(count, width)
    comparable = counts[:, list(COMPARABLE)]
    kinds = np.asarray(COMPARABLE, dtype=np.uint8)[comparable.argmax(axis=1)]
    texts = np.where(counts[:, ValueKind.TEXT] > 0, ValueKind.TEXT, ValueKind.NONE)
    chosen: NDArray[np.uint8] = np.where(comparable.any(axis=1), kinds, texts).astype(np.uint8)
    return chosen


def _relation_units(nodes: Nodes, relations: Ids, tails: Ids, kinds: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The unit of most distinct tails of the relation's kind, from datatypes; the first of equal ones."""
    width = len(nodes.unit_names)
    same = nodes.kinds[tails] == kinds[relations]
    keys = relations[same] * np.int64(width) + nodes.units[tails[same]]
    counts = np.bincount(keys, minlength=len(kinds) * width).reshape(len(kinds), width)
    order = np.argsort(nodes.unit_names)
    units: NDArray[np.uint8] = order[counts[:, order].argmax(axis=1)].astype(np.uint8)
    return units


def _sorted_facts(
    graph: IndexedGraph,
    nodes: Nodes,
    kinds: NDArray[np.uint8],
    units: NDArray[np.uint8],
    columns: TypedColumns,
) -> dict[str, NDArray[Any]]:
    """The facts whose tails have values, for each relation sorted by value, and their distinct heads."""
    offsets, relations, tails = graph.outward.offsets, graph.outward.relations, graph.outward.targets
    heads = np.repeat(np.arange(graph.entity_count, dtype=np.int32), np.diff(offsets))
    typed = (nodes.kinds[tails] == kinds[relations]) & (nodes.units[tails] == units[relations])
    edges = np.flatnonzero((typed & ~np.isnan(nodes.low[tails])) | columns.has[relations])
    heads, relations, tails = heads[edges], relations[edges], tails[edges]
    low, high = nodes.low[tails], nodes.high[tails]
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
