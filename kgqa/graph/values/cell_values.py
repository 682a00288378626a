"""What the cells of untyped tables show, each read once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Ids
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.statement import NodeKind
from kgqa.graph.values.cell import guess_value, guess_year
from kgqa.graph.values.node_values import NodeValues
from kgqa.graph.values.value import ValueKind

__all__ = ["CELL_ARRAYS", "Cells", "can_be_cells", "no_cells", "read_cells"]

CELL_ARRAYS = {
    "cell_nodes": np.int32,
    "cell_kinds": np.uint8,
    "cell_low": np.float64,
    "cell_high": np.float64,
    "cell_units": np.uint8,
    "cell_year_low": np.float64,
    "cell_year_high": np.float64,
}
"""The nodes, sorted, with what each shows, and the year that it may be (NaN where it is none)."""

LONGEST_CELL = 64
READ = 200_000
"""Cells that are read at a time."""

_STARTS = np.zeros(256, dtype=np.bool_)
_STARTS[list(b"0123456789+-.$tTfFPA \xc2\xe2JMSONDjmasond")] = True
"""First bytes of the cells that `guess_value` finds a value in."""
_IRIS = ("http://", "https://", "urn:")

Cells = dict[str, NDArray[Any]]


def can_be_cells(graph: IndexedGraph, nodes: NDArray[Any], plain: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which nodes may be cells with a value: by their kind, and how their text begins."""
    lengths = graph.labels.lengths(nodes)
    cells: NDArray[np.bool_] = (
        ((graph.kinds[nodes] == NodeKind.RESOURCE) | plain) & (lengths > 0) & (lengths <= LONGEST_CELL)
    )
    cells[cells] = _STARTS[graph.labels.first_bytes(nodes[cells])]
    return cells


def no_cells() -> Cells:
    """The arrays of no cell at all."""
    return {name: np.empty(0, dtype=kind) for name, kind in CELL_ARRAYS.items()}


def read_cells(
    graph: IndexedGraph, values: NodeValues, nodes: Ids, known: Mapping[str, NDArray[Any]], units: list[str]
) -> Cells:
    """The `CELL_ARRAYS` of nodes (sorted); cells that are known are not read again.

    Units that are new are added to the names.
    """
    at = np.minimum(np.searchsorted(known["cell_nodes"], nodes), max(0, len(known["cell_nodes"]) - 1))
    here = known["cell_nodes"][at] == nodes if len(known["cell_nodes"]) else np.zeros(len(nodes), np.bool_)
    found = {name: np.empty(len(nodes), dtype=kind) for name, kind in CELL_ARRAYS.items()}
    for name in CELL_ARRAYS:
        found[name][here] = known[name][at[here]]
    fresh = np.flatnonzero(~here)
    for start in range(0, len(fresh), READ):
        places = fresh[start : start + READ]
        rows = _rows(graph, nodes[places], values.at("plain", nodes[places]), units)
        for part, name in enumerate(CELL_ARRAYS):
            found[name][places] = [row[part] for row in rows]
    return found


def _rows(
    graph: IndexedGraph, nodes: Ids, plain: NDArray[np.bool_], unit_names: list[str]
) -> list[tuple[Any, ...]]:
    units = {unit: position for position, unit in enumerate(unit_names)}
    rows: list[tuple[Any, ...]] = []
    for node, is_plain in zip(nodes.tolist(), plain.tolist(), strict=True):
        text = graph.labels[node]
        if not is_plain and graph.entity(node).startswith(_IRIS):
            rows.append((node, ValueKind.TEXT, np.nan, np.nan, 0, np.nan, np.nan))
            continue
        value = guess_value(text)
        year = guess_year(text) if value.kind in (ValueKind.NUMBER, ValueKind.TEXT) else None
        unit = units.setdefault(value.unit, len(units))
        rows.append((node, value.kind, value.low, value.high, unit, *(year or (np.nan, np.nan))))
    unit_names[:] = units
    return rows
