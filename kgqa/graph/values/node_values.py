"""What nodes mean for themselves: the values of literals, read from their datatypes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.statement import NodeKind
from kgqa.graph.values.literal import literal_reader
from kgqa.graph.values.value import ValueKind

__all__ = ["NODE_ARRAYS", "NoValues", "NodeArrays", "NodeValues", "SomeNodes", "days_by_year", "read_nodes"]

NODE_ARRAYS = {
    "kinds": (np.uint8, 0),
    "low": (np.float64, np.nan),
    "high": (np.float64, np.nan),
    "units": (np.uint8, 0),
    "plain": (np.bool_, False),
}
"""The type of each array and what nodes without a value have. `units` are positions among the names of units.
`plain` marks literals without datatype and language, whose kind is TEXT."""

READ = 500_000
"""Literals that are read at a time."""
DAY = 86400.0

_UNESCAPED = {"\\n": "\n", "\\r": "\r", "\\t": "\t"}


class NodeValues(ABC):
    """The values of nodes, by their numbers."""

    @abstractmethod
    def several(self, nodes: NDArray[Any], *names: str) -> list[NDArray[Any]]:
        """Some of `NODE_ARRAYS` for some nodes."""

    def at(self, name: str, nodes: NDArray[Any]) -> NDArray[Any]:
        """One of `NODE_ARRAYS` for some nodes."""
        return self.several(nodes, name)[0]


class NodeArrays(NodeValues):
    """Values in arrays with one entry a node."""

    def __init__(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._arrays = arrays

    def several(self, nodes: NDArray[Any], *names: str) -> list[NDArray[Any]]:
        """Some of `NODE_ARRAYS` for some nodes."""
        return [self._arrays[name][nodes] for name in names]


class NoValues(NodeValues):
    """The values of nodes that have none."""

    def several(self, nodes: NDArray[Any], *names: str) -> list[NDArray[Any]]:
        """Some of `NODE_ARRAYS` for some nodes."""
        kinds = (NODE_ARRAYS[name] for name in names)
        return [np.full(len(nodes), nothing, dtype=kind) for kind, nothing in kinds]


class SomeNodes(NodeValues):
    """The values of some nodes (sorted), which are `own`; those of the others are in `others`."""

    def __init__(self, nodes: NDArray[Any], own: Mapping[str, NDArray[Any]], others: NodeValues) -> None:
        self._others = others
        self._nodes = nodes
        self._own = own

    def several(self, nodes: NDArray[Any], *names: str) -> list[NDArray[Any]]:
        """Some of `NODE_ARRAYS` for some nodes."""
        nodes = np.asarray(nodes)
        if not len(self._nodes):
            return self._others.several(nodes, *names)
        at = np.minimum(self._nodes.searchsorted(nodes.astype(self._nodes.dtype)), len(self._nodes) - 1)
        here = self._nodes[at] == nodes
        found = [self._own[name][at] for name in names]
        if not here.all():
            for own, others in zip(found, self._others.several(nodes[~here], *names), strict=True):
                own[~here] = others
        return found


def read_nodes(
    graph: IndexedGraph, nodes: NDArray[np.int64] | None, unit_names: list[str]
) -> dict[str, NDArray[Any]]:
    """The `NODE_ARRAYS` of some nodes, or of all; units that are new are added to the names.

    Each literal is read once, those of one datatype together.
    """
    count = graph.entity_count if nodes is None else len(nodes)
    arrays: dict[str, NDArray[Any]] = {
        name: np.full(count, nothing, dtype=kind) for name, (kind, nothing) in NODE_ARRAYS.items()
    }
    literals = np.flatnonzero((graph.kinds if nodes is None else graph.kinds[nodes]) == NodeKind.LITERAL)
    for start in range(0, len(literals), READ):
        places = literals[start : start + READ].tolist()
        numbers = places if nodes is None else nodes[places].tolist()
        _read(graph, places, numbers, arrays, unit_names)
    return arrays


def days_by_year(arrays: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The years of the days among the values of nodes, and how many days each has."""
    low, high = arrays["low"], arrays["high"]
    days = np.flatnonzero(arrays["kinds"] == ValueKind.DATE)
    days = days[high[days] - low[days] <= DAY]
    years = low[days].astype("datetime64[s]").astype("datetime64[Y]").astype(np.int64) + 1970
    found, counts = np.unique(years, return_counts=True)
    return found, counts.astype(np.int64)


def _read(
    graph: IndexedGraph,
    places: list[int],
    numbers: list[int],
    arrays: dict[str, NDArray[Any]],
    unit_names: list[str],
) -> None:
    groups: dict[str, tuple[list[int], list[str]]] = {}
    for place, number in zip(places, numbers, strict=True):
        text, quote, suffix = graph.entities.restore_key(number).rpartition('"')
        if not quote or not text.startswith('"'):  # not of an RDF file
            text, suffix = "", ""
        group = groups.get(suffix)
        if group is None:
            group = groups[suffix] = ([], [])
        group[0].append(place)
        group[1].append(text[1:])
    for suffix, (members, texts) in groups.items():
        arrays["kinds"][members] = ValueKind.TEXT
        arrays["plain"][members] = not suffix
        kind, read, unit = literal_reader(suffix[3:-1] if suffix.startswith("^^<") else "")
        if kind == ValueKind.TEXT:
            continue
        found = [(place, read(_unescaped(text))) for place, text in zip(members, texts, strict=True)]
        valued = [(place, *reading) for place, reading in found if reading is not None]
        if valued:
            chosen, lows, highs = (np.array(part) for part in zip(*valued, strict=True))
            arrays["kinds"][chosen], arrays["low"][chosen], arrays["high"][chosen] = kind, lows, highs
            arrays["units"][chosen] = _position(unit_names, unit)


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
