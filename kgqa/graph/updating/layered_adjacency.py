"""One direction of a graph of which some rows have changed."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Adjacency, Ids, search

__all__ = ["LayeredAdjacency"]

Edges = tuple[Ids, Ids]


class LayeredAdjacency(Adjacency):
    """The rows of `base`, except those of some entities, which are new.

    `rows` are the relations and targets of the changed entities, sorted as in every row. Rows are looked up
    without a copy of the rest; `offsets`, `relations` and `targets` are whole arrays, made when first read.
    """

    def __init__(self, base: Adjacency, rows: Mapping[int, Edges], entities: int) -> None:
        changed = sorted(rows)
        parts = [rows[entity] for entity in changed]
        nothing = np.empty(0, dtype=np.int32)
        lengths = [len(part[0]) for part in parts]
        for name, value in {
            "_base": base,
            "_entities": entities,
            "_changed": np.array(changed, dtype=np.int64),
            "_starts": np.cumsum([0, *lengths], dtype=np.int64),
            "_relations": np.concatenate([nothing, *(part[0] for part in parts)]),
            "_targets": np.concatenate([nothing, *(part[1] for part in parts)]),
        }.items():
            object.__setattr__(self, name, value)

    _base: Adjacency
    _entities: int
    _changed: NDArray[np.int64]
    _starts: NDArray[np.int64]
    _relations: Ids
    _targets: Ids

    @property
    def changed(self) -> NDArray[np.int64]:
        """The entities whose rows are new, sorted."""
        return self._changed

    @property
    def changed_edges(self) -> tuple[Ids, Ids, Ids]:
        """All edges of the new rows: the entity that each leaves, its relation and its target."""
        sources = np.repeat(self._changed.astype(np.int32), np.diff(self._starts))
        return sources, self._relations, self._targets

    @property
    def edge_count(self) -> int:
        """The number of edges."""
        old = self._changed[self._changed < self._old_count]
        return self._base.edge_count - int(self._base.degrees(old).sum()) + len(self._targets)

    def row(self, entity: int) -> Edges:
        """The relations and targets of the edges that leave `entity`."""
        at = search(self._changed, entity)
        if at < len(self._changed) and self._changed[at] == entity:
            own = slice(int(self._starts[at]), int(self._starts[at + 1]))
            return self._relations[own], self._targets[own]
        if entity >= self._old_count:
            return self._relations[:0], self._targets[:0]
        return self._base.row(entity)

    def degree(self, entity: int) -> int:
        """The number of edges that leave `entity`."""
        return len(self.row(entity)[0])

    def degrees(self, entities: NDArray[Any]) -> NDArray[np.int64]:
        """The number of edges that leave each of some entities."""
        _, lengths, _ = self._places(entities)
        return lengths

    def gather(self, entities: NDArray[Any]) -> tuple[NDArray[np.int64], Ids, Ids]:
        """All edges that leave any of `entities`; see `Adjacency.gather`."""
        starts, lengths, is_new = self._places(entities)
        owners = np.repeat(np.arange(len(lengths)), lengths)
        first = np.cumsum(lengths) - lengths
        edges = np.arange(len(owners)) - np.repeat(first - starts, lengths)
        new = is_new[owners]
        relations, targets = np.empty(len(edges), dtype=np.int32), np.empty(len(edges), dtype=np.int32)
        relations[new], targets[new] = self._relations[edges[new]], self._targets[edges[new]]
        relations[~new] = self._base.relations[edges[~new]]
        targets[~new] = self._base.targets[edges[~new]]
        return owners, relations, targets

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where the row of each entity begins, in `relations` and `targets`."""
        degrees = np.zeros(self._entities, dtype=np.int64)
        degrees[: self._old_count] = np.diff(self._base.offsets)
        degrees[self._changed] = np.diff(self._starts)
        return np.append(0, np.cumsum(degrees))

    @cached_property
    def relations(self) -> Ids:
        """The relations of all edges."""
        return self._whole(self._base.relations, self._relations)

    @cached_property
    def targets(self) -> Ids:
        """The targets of all edges."""
        return self._whole(self._base.targets, self._targets)

    @property
    def _old_count(self) -> int:
        return len(self._base.offsets) - 1

    def _places(
        self, entities: NDArray[Any]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Where the row of each entity begins, how long it is, and whether it is a new one."""
        entities = np.asarray(entities, dtype=np.int64)
        is_new = np.zeros(len(entities), dtype=np.bool_)
        starts, lengths = np.zeros(len(entities), np.int64), np.zeros(len(entities), np.int64)
        if len(self._changed):
            at = np.minimum(np.searchsorted(self._changed, entities), len(self._changed) - 1)
            is_new = self._changed[at] == entities
            starts[is_new] = self._starts[at[is_new]]
            lengths[is_new] = self._starts[at[is_new] + 1] - starts[is_new]
        old = ~is_new & (entities < self._old_count)
        starts[old] = self._base.offsets[entities[old]]
        lengths[old] = self._base.offsets[entities[old] + 1] - starts[old]
        return starts, lengths, is_new

    def _whole(self, old: Ids, new: Ids) -> Ids:
        parts: list[Ids] = []
        done = 0
        for entity, start, stop in zip(
            self._changed.tolist(), self._starts[:-1].tolist(), self._starts[1:].tolist(), strict=True
        ):
            if entity < self._old_count:
                parts.append(old[done : self._base.offsets[entity]])
                done = int(self._base.offsets[entity + 1])
            elif done < len(old):
                parts.append(old[done:])
                done = len(old)
            parts.append(new[start:stop])
        return np.concatenate([*parts, old[done:]])
