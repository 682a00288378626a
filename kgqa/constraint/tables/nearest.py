"""Distances to the nearest named entities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.tables.step_rows import StepRows, ranges
from kgqa.graph.adjacency import Ids

__all__ = ["Nearest"]

FAR = 255
"""The distance that stands for: not reachable."""


@dataclass(frozen=True, eq=False)
class Nearest:
    """For each group of `StepRows`, the number of hops over unnamed entities to a named one.

    `first` is the distance from the step's targets to the nearest named entity (0: a target is
    named), `witness` that entity, `second` the distance to the nearest other one; 255 where there is
    none. With both, one look-up decides whether a step leads to a named entity other than an avoided
    one.
    """

    first: NDArray[np.uint8]
    witness: Ids
    second: NDArray[np.uint8]

    @classmethod
    def of(cls, rows: StepRows, named: NDArray[np.bool_], inverse: bool, without: int = -1) -> Self:
        """The distances in a graph, without inverse steps unless `inverse`, never into `without`."""
        usable = np.ones(len(rows.steps), dtype=np.bool_) if inverse else (rows.steps & 1) == 0
        first, witness, second = _of_unnamed(rows, named, usable, without)
        groups = len(rows.steps)
        near, who = np.full(groups, FAR, dtype=np.uint8), np.full(groups, -1, dtype=np.int32)
        other = near.copy()
        names = rows.silent - rows.starts[:-1]
        near[names > 0] = 0
        who[names > 0] = rows.targets[rows.starts[:-1][names > 0]]
        other[names > 1] = 0
        open_groups = np.flatnonzero((names < 2) & (rows.silent < rows.starts[1:]) & usable)
        slots = ranges(rows.silent[open_groups], rows.starts[open_groups + 1])
        group = np.repeat(open_groups, rows.starts[open_groups + 1] - rows.silent[open_groups])
        kept = rows.targets[slots] != without
        group, through = group[kept], rows.targets[slots[kept]]
        best = near.copy()
        np.minimum.at(best, group, first[through])
        found = (near[group] == FAR) & (best[group] < FAR) & (first[through] == best[group])
        who[group[found]] = witness[through[found]]
        near = best
        np.minimum.at(other, group, np.where(witness[through] == who[group], second[through], first[through]))
        near[~usable] = other[~usable] = FAR
        return cls(near, who, other)

    def leads(self, groups: NDArray[np.int64] | slice, avoid: int, budget: int) -> NDArray[np.bool_]:
        """Which groups lead to a named entity other than `avoid` within `budget` hops."""
        first = self.first[groups]
        if avoid < 0:
            return first < budget
        return np.where(self.witness[groups] == avoid, self.second[groups], first) < budget


def _of_unnamed(
    rows: StepRows, named: NDArray[np.bool_], usable: NDArray[np.bool_], without: int
) -> tuple[NDArray[np.uint8], Ids, NDArray[np.uint8]]:
    """For each unnamed entity, the distances to the two nearest named ones, and the nearest one.

    Breadth-first search that keeps two named entities for each unnamed one: the nearest other than
    an avoided one is always among the two nearest of a neighbour.
    """
    first, second = (np.full(rows.entity_count, FAR, dtype=np.uint8) for _ in range(2))
    witness, runner_up = (np.full(rows.entity_count, -1, dtype=np.int32) for _ in range(2))
    groups = np.flatnonzero(~named[rows.owners] & usable)
    to_names = ranges(rows.starts[groups], rows.silent[groups])
    owners = np.repeat(rows.owners[groups], rows.silent[groups] - rows.starts[groups])
    candidates = rows.targets[to_names]
    inner = ranges(rows.silent[groups], rows.starts[groups + 1])
    sources = np.repeat(rows.owners[groups], rows.starts[groups + 1] - rows.silent[groups])
    nexts = rows.targets[inner]
    sources, nexts = sources[nexts != without], nexts[nexts != without]
    low, high = np.full(rows.entity_count, 2**31 - 1, np.int32), np.full(rows.entity_count, -1, np.int32)
    for distance in range(1, FAR):
        fresh = (candidates != witness[owners]) & (second[owners] == FAR)
        owners, candidates = owners[fresh], candidates[fresh]
        if not len(owners):
            break
        np.minimum.at(low, owners, candidates)
        np.maximum.at(high, owners, candidates)
        new = owners[first[owners] == FAR]
        old = owners[first[owners] < FAR]
        first[new], witness[new] = distance, low[new]
        two = np.concatenate([old, new[high[new] > low[new]]])
        second[two], runner_up[two] = distance, high[two]
        low[owners], high[owners] = 2**31 - 1, -1
        nearest, next_best = first[nexts] == distance, second[nexts] == distance
        owners = np.concatenate([sources[nearest], sources[next_best]])
        candidates = np.concatenate([witness[nexts[nearest]], runner_up[nexts[next_best]]])
    return first, witness, second
