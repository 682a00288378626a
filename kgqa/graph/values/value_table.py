"""The values of a graph's nodes."""

from __future__ import annotations

import re
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.statement import NodeKind
from kgqa.graph.values.value import ValueKind, read_value

__all__ = ["ValueTable"]

_TYPED = re.compile(r'"(.*)"\^\^<([^>]*)>', re.DOTALL)


class ValueTable:
    """The values of a graph's nodes, and what each relation's tails are compared as."""

    def __init__(self, graph: IndexedGraph) -> None:
        count = graph.entity_count
        self.graph = graph
        self.kinds = np.zeros(count, dtype=np.uint8)
        self.low = np.full(count, np.nan)
        self.high = np.full(count, np.nan)
        for node in np.flatnonzero(graph.kinds == NodeKind.LITERAL).tolist():
            typed = _TYPED.fullmatch(graph.entity(node))
            value = read_value(typed[1], typed[2]) if typed else read_value(graph.labels[node])
            self.kinds[node], self.low[node], self.high[node] = value.kind, value.low, value.high
        self._relation_kinds = np.zeros(graph.relation_count, dtype=np.uint8)
        for relation in range(graph.relation_count):
            tails = np.unique(graph.outward.targets[graph.outward.relations == relation])
            counts = np.bincount(self.kinds[tails], minlength=6)[1:5]
            if counts.any():
                self._relation_kinds[relation] = 1 + int(counts.argmax())

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The table of a graph, kept with it."""
        found = graph.derived.get(cls)
        if not isinstance(found, cls):
            found = graph.derived[cls] = cls(graph)
        return found

    def relation_kind(self, relation: int) -> ValueKind:
        """What the tails of a relation are compared as."""
        return ValueKind(int(self._relation_kinds[relation]))

    def values_of(
        self, relation: int, nodes: NDArray[np.int32]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The bounds of nodes as tails of a relation, NaN where they have none of its kind."""
        mine = self.kinds[nodes] == self._relation_kinds[relation]
        return np.where(mine, self.low[nodes], np.nan), np.where(mine, self.high[nodes], np.nan)
