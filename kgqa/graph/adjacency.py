"""One direction of the graph as compressed sparse rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["Adjacency", "Ids", "distinct_edges", "holds", "search"]

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

    @property
    def edge_count(self) -> int:
        """The number of edges."""
        return len(self.targets)

    def degrees(self, entities: NDArray[Any]) -> NDArray[np.int64]:
        """The number of edges that leave each of some entities."""
        found: NDArray[np.int64] = self.offsets[entities + 1] - self.offsets[entities]
        return found

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


def search(values: NDArray[Any], value: int, side: Literal["left", "right"] = "left") -> int:
    """Where a number stands, or would stand, among sorted `values`.

    `values.searchsorted(number)` first makes a copy of an int32 array that is int64, as the number
    is: a million values then take a millisecond instead of microseconds.

    >>> import numpy as np
    >>> search(np.array([2, 3, 3, 5], dtype=np.int32), 3), search(np.array([2, 3, 3, 5]), 3, "right")
    (1, 3)
    >>> search(np.array([2, 3], dtype=np.int32), 10**12)
    2
    """
    try:
        number = values.dtype.type(value)
    except OverflowError:  # beyond all numbers of this type
        return 0 if value < 0 else len(values)
    return int(values.searchsorted(number, side))


def holds(values: NDArray[Any], value: int) -> bool:
    """Whether a number is among sorted `values`.

    >>> import numpy as np
    >>> holds(np.array([2, 3, 5]), 3), holds(np.array([2, 3, 5]), 6)
    (True, False)
    """
    at = search(values, value)
    return at < len(values) and int(values[at]) == value


def distinct_edges(rows: Ids, counts: tuple[int, int, int]) -> tuple[Ids, Ids, Ids]:
    """The sources, relations and targets of the different edges among rows of these three, sorted.

    Each number is below the count of its column; where the product of the counts is small, an edge is sorted
    as one number.
    """
    sources, relations, targets = counts
    if sources * relations * targets < 2**63:
        keys = rows[:, 0].astype(np.int64)
        keys *= relations
        keys += rows[:, 1]
        keys *= targets
        keys += rows[:, 2]
        keys.sort()
        keys, ends = np.divmod(keys[_first(keys)], max(1, targets))
        begins, middles = np.divmod(keys, max(1, relations))
        return begins.astype(np.int32), middles.astype(np.int32), ends.astype(np.int32)
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    rows = rows[_first(rows[:, 0]) | _first(rows[:, 1]) | _first(rows[:, 2])]
    begins, middles, ends = (np.ascontiguousarray(rows[:, part]) for part in range(3))
    return begins, middles, ends


def _first(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which values differ from the one before."""
    first = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=first[1:])
    return first
