"""Arrays are remembered up to a number of bytes."""

from __future__ import annotations

import numpy as np

from kgqa.constraint.tables.array_cache import ENTRY_BYTES, ArrayCache
from kgqa.graph.adjacency import Ids


def test_what_was_not_asked_for_longest_goes_first() -> None:
    asked: list[int] = []

    def build(key: int) -> Ids:
        asked.append(key)
        return np.full(100, key, dtype=np.int32)

    cache = ArrayCache(build, most=3 * (400 + ENTRY_BYTES))
    for key in (1, 2, 3, 1, 4, 1, 3, 2):
        assert cache(key).tolist() == [key] * 100
    assert asked == [1, 2, 3, 4, 2]


def test_one_array_is_kept_however_large() -> None:
    asked: list[int] = []

    def build(key: int) -> Ids:
        asked.append(key)
        return np.zeros(1000, dtype=np.int32)

    cache = ArrayCache(build, most=10)
    for key in (1, 1, 2, 2, 1):
        cache(key)
    assert asked == [1, 2, 1]
