"""Sets of nodes: sorted int32 arrays of distinct numbers, combined without sorting again."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Ids

__all__ = ["among", "common_any", "difference", "distinct", "first_of_runs", "intersection", "union"]

_SPARSE = 50
"""Where a set has fewer than one in so many of the numbers up to its greatest, it is searched, not marked."""


def distinct(nodes: NDArray[Any]) -> Ids:
    """The set of some nodes, in any order.

    >>> distinct(np.array([3, 1, 3])).tolist()
    [1, 3]
    """
    if not len(nodes):
        return np.empty(0, dtype=np.int32)
    if len(nodes) < 2 or bool((nodes[1:] > nodes[:-1]).all()):
        return nodes.astype(np.int32, copy=False)
    most = int(nodes.max())
    if most > _SPARSE * len(nodes):
        return np.unique(nodes).astype(np.int32, copy=False)
    marks = np.zeros(most + 1, dtype=np.bool_)
    marks[nodes] = True
    return np.flatnonzero(marks).astype(np.int32)


def among(nodes: NDArray[Any], members: Ids) -> NDArray[np.bool_]:
    """Which nodes are in a set; bool of the shape of `nodes`.

    >>> among(np.array([5, 2, 5]), np.array([2, 3])).tolist()
    [False, True, False]
    """
    if not len(members) or not len(nodes):
        return np.zeros(len(nodes), dtype=np.bool_)
    most = max(int(members[-1]), int(nodes.max()))
    if most > _SPARSE * (len(members) + len(nodes)):
        at = np.minimum(np.searchsorted(members, nodes.astype(members.dtype)), len(members) - 1)
        found: NDArray[np.bool_] = members[at] == nodes
        return found
    marks = np.zeros(most + 1, dtype=np.bool_)
    marks[members] = True
    inside: NDArray[np.bool_] = marks[nodes]
    return inside


def common_any(some: Ids, others: Ids) -> bool:
    """Whether two sets, the second sorted, have a common node."""
    if not len(some) or not len(others):
        return False
    at = np.minimum(np.searchsorted(others, some), len(others) - 1)
    return bool((others[at] == some).any())


def intersection(some: Ids, others: Ids) -> Ids:
    """The nodes in both sets."""
    fewer, more = (some, others) if len(some) <= len(others) else (others, some)
    return fewer[among(fewer, more)]


def difference(some: Ids, others: Ids) -> Ids:
    """The nodes in the first set only."""
    return some[~among(some, others)]


def union(some: Ids, others: Ids) -> Ids:
    """The nodes in either set."""
    return distinct(np.concatenate([some, others]))


def first_of_runs(values: NDArray[Any]) -> NDArray[np.int64]:
    """Where each run of equal values begins; for sorted values, where each distinct one is first.

    >>> first_of_runs(np.array([4, 4, 7, 9, 9])).tolist()
    [0, 2, 3]
    """
    if not len(values):
        return np.empty(0, dtype=np.int64)
    changes = np.empty(len(values), dtype=np.bool_)
    changes[0] = True
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    return np.flatnonzero(changes)
