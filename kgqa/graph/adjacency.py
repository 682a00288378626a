"""One direction of the graph as compressed sparse rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.sorted_search import search

__all__ = ["Adjacency", "Ids"]

Ids = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Adjacency:
    """Edges grouped by source entity; within a row sorted by relation, then by target.

    `offsets` is int64 of shape (entities + 1,); `relations` and `targets` are int32 of shape
    (triples,). Row `e` is the slice `offsets[e]:offsets[e + 1]`. The arrays may be memory-mapped.
    """

    offsets: NDArray[np.int64]
    relations: Ids
    targets: Ids

    @classmethod
    def of(cls, sources: Ids, relations: Ids, targets: Ids, entities: int) -> Self:
        """Group edges, given as three arrays of one length, by their source."""
        order = np.lexsort((targets, relations, sources))
        offsets = np.zeros(entities + 1, dtype=np.int64)
        np.cumsum(np.bincount(sources, minlength=entities), out=offsets[1:])
        return cls(offsets, relations[order], targets[order])

    def degree(self, entity: int) -> int:
        """The number of edges that leave `entity`."""
        return int(self.offsets[entity + 1] - self.offsets[entity])

    def row(self, entity: int) -> tuple[Ids, Ids]:
        """The relations and targets of the edges that leave `entity`."""
        start, stop = self.offsets[entity], self.offsets[entity + 1]
        return self.relations[start:stop], self.targets[start:stop]

    def over(self, entity: int, relation: int) -> Ids:
        """The targets of `entity` over one relation, sorted."""
        relations, targets = self.row(entity)
        return targets[search(relations, relation) : search(relations, relation + 1)]

    def gather(self, entities: NDArray[Any]) -> tuple[NDArray[np.int64], Ids, Ids]:
        """All edges that leave any of `entities`.

        Returns three arrays of one length: the position in `entities` of each edge's source, its
        relation and its target.
        """
        starts = self.offsets[entities]
        lengths = self.offsets[entities + 1] - starts
        owners = np.repeat(np.arange(len(entities)), lengths)
        first = np.cumsum(lengths) - lengths
        edges = np.arange(int(lengths.sum())) - np.repeat(first - starts, lengths)
        return owners, self.relations[edges], self.targets[edges]
