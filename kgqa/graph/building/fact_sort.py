"""Sorts facts by entity outside of memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Ids, distinct_edges
from kgqa.graph.building.array_file import ArrayFile

__all__ = ["Buckets", "Edges", "write_adjacency"]


class Edges(NamedTuple):
    """Some edges: arrays of one length."""

    sources: Ids
    relations: Ids
    targets: Ids

    @property
    def reversed(self) -> Edges:
        """The same edges from target to source."""
        return Edges(self.targets, self.relations, self.sources)


def write_adjacency(
    edges: Iterable[Edges], counts: tuple[int, int], buckets: int, folder: Path, index: Path
) -> int:
    """Write both directions of the adjacency, each edge once; returns the number of different edges.

    `counts` are those of entities and of relations. Edges are first divided by their source into `buckets`
    of consecutive entities, so that only one bucket at a time is in memory.
    """
    outward = _divided(edges, counts[0], buckets, folder / "outward")
    back = _divided(_sorted_edges(outward, counts, index, "outward"), counts[0], buckets, folder / "inward")
    total = 0
    for found in _sorted_edges(back, counts, index, "inward"):
        total += len(found.sources)
    return total


class Buckets(NamedTuple):
    """Rows of numbers in files, one for each range of `width` entities, by the entity in their first column.

    Only one file is open at a time: a build may have more of them than a process.
    """

    folder: Path
    entities: int
    width: int
    size: int
    columns: int

    @classmethod
    def of(cls, entities: int, buckets: int, folder: Path, columns: int) -> Self:
        """Empty buckets."""
        folder.mkdir()
        width = max(1, -(-entities // buckets))
        found = cls(folder, entities, width, max(1, -(-entities // width)), columns)
        for bucket in range(found.size):
            (folder / str(bucket)).touch()
        return found

    def add(self, columns: Sequence[Ids]) -> None:
        """Add rows, given by their columns."""
        owners = columns[0] // self.width
        order = np.argsort(owners, kind="stable")
        rows = np.stack([column[order] for column in columns], axis=1)
        ends = np.searchsorted(owners[order], np.arange(self.size + 1))
        for bucket, (start, stop) in enumerate(pairwise(ends.tolist())):
            if start < stop:
                with (self.folder / str(bucket)).open("ab") as stream:
                    stream.write(rows[start:stop].data)

    def ranges(self) -> Iterator[tuple[int, int]]:
        """The entities of each bucket: the first one, and how many."""
        for first in range(0, max(1, self.entities), self.width):
            yield first, min(self.width, self.entities - first)

    def read(self, bucket: int) -> NDArray[np.int32]:
        """The rows of a bucket, which is removed."""
        path = self.folder / str(bucket)
        found = np.fromfile(path, dtype=np.int32).reshape(-1, self.columns)
        path.unlink()
        return found


def _divided(edges: Iterable[Edges], entities: int, buckets: int, folder: Path) -> Buckets:
    found = Buckets.of(entities, buckets, folder, columns=3)
    for some in edges:
        found.add(some)
    return found


def _sorted_edges(buckets: Buckets, counts: tuple[int, int], index: Path, name: str) -> Iterator[Edges]:
    """Write one direction; yields its edges, reversed, as they are written."""
    end = 0
    with (
        ArrayFile(index / f"{name}_offsets.npy", np.int64) as offsets,
        ArrayFile(index / f"{name}_relations.npy", np.int32) as relations,
        ArrayFile(index / f"{name}_targets.npy", np.int32) as targets,
    ):
        offsets.append(np.zeros(1, dtype=np.int64))
        for bucket, (first, width) in enumerate(buckets.ranges()):
            rows = buckets.read(bucket)
            rows[:, 0] -= first
            sources, middles, ends = distinct_edges(rows, (width, counts[1], counts[0]))
            offsets.append(end + np.cumsum(np.bincount(sources, minlength=width)))
            end += len(sources)
            relations.append(middles)
            targets.append(ends)
            yield Edges(sources + np.int32(first), middles, ends).reversed
