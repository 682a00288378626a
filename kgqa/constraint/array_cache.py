"""Arrays that are remembered as long as there is room."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from kgqa.graph.adjacency import Ids

__all__ = ["ArrayCache"]

Key = TypeVar("Key", bound=Hashable)

OVERHEAD = 300
"""Bytes that an entry takes beside its numbers."""


class ArrayCache(Generic[Key]):
    """A function whose results are kept, up to `most` bytes; what was not asked for longest goes first.

    Frontiers have between one number and one for every entity, so their count would be no bound.
    """

    def __init__(self, build: Callable[[Key], Ids], most: int) -> None:
        self._build = build
        self._most = most
        self._held = 0
        self._found: OrderedDict[Key, Ids] = OrderedDict()
        self._lock = Lock()

    def __call__(self, key: Key) -> Ids:
        """What `build` gives for the key; not to be changed."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
                return found
        built = self._build(key)
        with self._lock:
            if key not in self._found:
                self._found[key] = built
                self._held += built.nbytes + OVERHEAD
            while self._held > self._most and len(self._found) > 1:
                self._held -= self._found.popitem(last=False)[1].nbytes + OVERHEAD
        return built
