"""The facts of one relation, found without reading those of the others, and how many each has."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Ids
from kgqa.graph.arrays.array_folder import open_arrays, write_arrays
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.updating.layered_adjacency import LayeredAdjacency

__all__ = ["FactsByRelation", "RelationFacts", "fact_counts"]

FORMAT, VERSION = "kgqa-relations", 1
FOLDER = f"relations-{hashlib.sha256(FORMAT.encode()).hexdigest()[:16]}"
"""The folder of the arrays in an index folder; replaced when it is of another graph."""
LEAST_STORED = 1_000_000
"""Graphs with fewer facts are sorted anew: that takes some milliseconds."""
BLOCK = 16_000_000
"""Facts that are sorted or counted at a time."""


def fact_counts(graph: IndexedGraph) -> NDArray[np.int64]:
    """The number of facts of each relation, counted once. *Shape:* (relations,), read-only.

    >>> from kgqa.graph import GraphBuilder
    >>> fact_counts(GraphBuilder.of([("Rhine", "in", "Germany"), ("Rhine", "in", "France")])).tolist()
    [2]
    """
    return graph.derive(_counted)


class RelationFacts(Protocol):
    """Finds the facts of a relation."""

    def of(self, relation: int, most: int | None = None) -> tuple[Ids, Ids]:
        """The heads and tails of its facts, sorted by both; with `most`, of the first in the index."""


class FactsByRelation:
    """Where the facts of each relation stand in the rows of a graph.

    The facts of relation `r` are the edges `edges[offsets[r]:offsets[r + 1]]` of `outward`, in their order.
    Computed once; of a large graph stored in its index folder, and memory-mapped from there.
    """

    def __init__(self, graph: IndexedGraph, offsets: NDArray[np.int64], edges: NDArray[Any]) -> None:
        self._outward = graph.outward
        self._offsets = offsets
        self._edges = edges

    @classmethod
    def of_graph(cls, graph: IndexedGraph) -> RelationFacts:
        """Those of a graph, kept with it; of a graph with changes, those of the index with the changes."""
        return graph.derive(_find)

    def of(self, relation: int, most: int | None = None) -> tuple[Ids, Ids]:
        """The heads and tails of the facts of a relation, or of the first `most`, sorted by both."""
        edges = self._edges[int(self._offsets[relation]) : int(self._offsets[relation + 1])][:most]
        heads = np.searchsorted(self._outward.offsets, edges, side="right") - 1
        return heads.astype(np.int32), np.asarray(self._outward.targets[edges])


class _Changed:
    """The facts of relations in a graph with changes: only changed rows are read anew."""

    def __init__(self, base: IndexedGraph, outward: LayeredAdjacency) -> None:
        self._base = base
        self._changed = outward.changed
        self._heads, self._relations, self._tails = outward.changed_edges

    def of(self, relation: int, most: int | None = None) -> tuple[Ids, Ids]:
        heads = tails = np.empty(0, dtype=np.int32)
        if relation < self._base.relation_count:
            heads, tails = FactsByRelation.of_graph(self._base).of(relation, most)
            kept = ~np.isin(heads, self._changed)
            heads, tails = heads[kept], tails[kept]
        own = self._relations == relation
        heads = np.concatenate([heads, self._heads[own]])
        tails = np.concatenate([tails, self._tails[own]])
        order = np.argsort(heads, kind="stable")  # tails of a head are in order already
        return heads[order], tails[order]


def _find(graph: IndexedGraph) -> RelationFacts:
    base = graph.base
    if base is not None and isinstance(graph.outward, LayeredAdjacency):
        return _Changed(base, graph.outward)
    facts = {"format": FORMAT, "version": VERSION, "graph": graph.checksum}
    folder = graph.folder / FOLDER if graph.folder and len(graph) >= LEAST_STORED else None
    found = open_arrays(folder) if folder else None
    if found and found[0] == facts and found[1].keys() == {"offsets", "edges"}:
        return FactsByRelation(graph, found[1]["offsets"], found[1]["edges"])
    offsets, edges = _sorted(graph.outward.relations, graph.relation_count)
    if folder:
        write_arrays(folder, facts, {"offsets": offsets, "edges": edges})
    return FactsByRelation(graph, offsets, edges)


def _counted(graph: IndexedGraph) -> NDArray[np.int64]:
    """In a graph with changes only changed rows are counted anew."""
    count, outward = graph.relation_count, graph.outward
    if graph.base is None or not isinstance(outward, LayeredAdjacency):
        blocks = range(0, len(outward.relations), BLOCK)
        parts = (np.bincount(outward.relations[at : at + BLOCK], minlength=count) for at in blocks)
        found = sum(parts, np.zeros(count, dtype=np.int64))
    else:
        known = fact_counts(graph.base)
        found = np.concatenate([known, np.zeros(count - len(known), dtype=np.int64)])
        changed = outward.changed[outward.changed < graph.base.entity_count]
        found -= np.bincount(graph.base.outward.gather(changed)[1], minlength=count)
        found += np.bincount(outward.changed_edges[1], minlength=count)
    found.flags.writeable = False  # it is kept
    return found


def _sorted(relations: Ids, count: int) -> tuple[NDArray[np.int64], NDArray[Any]]:
    """Where the edges of each relation begin, and all edges by relation; block by block."""
    blocks = range(0, len(relations), BLOCK)
    counts = [np.bincount(relations[start : start + BLOCK], minlength=count) for start in blocks]
    offsets = np.append(0, np.cumsum(sum(counts, np.zeros(count, dtype=np.int64))))
    edges = np.empty(len(relations), dtype=np.uint32 if len(relations) < 2**32 else np.int64)
    free = offsets[:-1].copy()
    short = np.uint16 if count <= 2**16 else np.int32  # of 16 bits, numpy sorts by radix
    for start, own in zip(blocks, counts, strict=True):
        some = relations[start : start + BLOCK]
        order = np.argsort(some.astype(short), kind="stable")
        first = np.cumsum(own) - own
        edges[np.arange(len(some)) + np.repeat(free - first, own)] = order + start
        free += own
    return offsets, edges
