"""Facts as rows of numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import IndexedGraph, Triple

__all__ = ["FactTable"]

LARGEST_KEY = 2**63
"""Keys of facts are below it."""
_Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FactTable:
    """Some facts of a graph: three arrays of one length. They become texts when they are looked at."""

    graph: IndexedGraph
    heads: _Numbers
    relations: _Numbers
    tails: _Numbers

    @classmethod
    def of(cls, graph: IndexedGraph) -> FactTable:
        """All facts of a graph."""
        edges = graph.outward
        heads = np.repeat(np.arange(graph.entity_count), np.diff(edges.offsets))
        return cls(graph, heads, edges.relations.astype(np.int64), edges.targets.astype(np.int64))

    def __len__(self) -> int:
        return len(self.heads)

    def __iter__(self) -> Iterator[Triple]:
        for head, relation, tail in zip(self.heads, self.relations, self.tails, strict=True):
            yield Triple(self.graph.entity(head), self.graph.relation(relation), self.graph.entity(tail))

    def first(self, count: int) -> list[Triple]:
        """The first of them."""
        return list(islice(self, count))

    def where(self, chosen: NDArray[np.bool_]) -> FactTable:
        """Those at some places."""
        return FactTable(self.graph, self.heads[chosen], self.relations[chosen], self.tails[chosen])

    def missing_in(self, other: FactTable, entities: _Numbers, relations: _Numbers) -> FactTable:
        """Those that `other` has not; `entities` and `relations` map the numbers of this graph to its own."""
        heads, tails, steps = entities[self.heads], entities[self.tails], relations[self.relations]
        known = (heads >= 0) & (tails >= 0) & (steps >= 0)
        keys, others = _keys(
            (heads[known], steps[known], tails[known]), (other.heads, other.relations, other.tails)
        )
        missing = ~known
        others.sort()
        at = np.minimum(np.searchsorted(others, keys), max(0, len(others) - 1))
        missing[known] = others[at] != keys if len(others) else True
        return self.where(missing)


_Columns = tuple[_Numbers, _Numbers, _Numbers]


def _keys(own: _Columns, other: _Columns) -> tuple[_Numbers, _Numbers]:
    """A number for each row of two tables; equal ones for equal rows."""
    heads, relations, tails = (np.concatenate(parts) for parts in zip(own, other, strict=True))
    sizes = [int(part.max(initial=0)) + 1 for part in (heads, relations, tails)]
    pairs = heads * sizes[1] + relations  # entities times relations are fewer than 2**63
    if sizes[0] * sizes[1] * sizes[2] >= LARGEST_KEY:
        pairs = np.unique(pairs, return_inverse=True)[1].astype(np.int64)
    keys = pairs * sizes[2] + tails
    return keys[: len(own[0])], keys[len(own[0]) :]
