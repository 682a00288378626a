"""A cache bounded by memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, Protocol, TypeVar

__all__ = ["ENTRY_BYTES", "ArrayCache"]

ENTRY_BYTES = 300
"""Memory of a cache entry beside its array."""


class Sized(Protocol):
    """What knows its size: an array, or what is made of arrays."""

    @property
    def nbytes(self) -> int:
        """The number of bytes of its values."""


Key = TypeVar("Key", bound=Hashable)
Held = TypeVar("Held", bound=Sized)


class ArrayCache(Generic[Key, Held]):
    """A least-recently-used cache of a function that returns arrays, bounded by `most` bytes.

    A bound on the number of entries would be no bound: an array has between one number and one for
    every entity of the graph.
    """

    def __init__(self, build: Callable[[Key], Held], most: int) -> None:
        self._build = build
        self._most = most
        self._held = 0
        self._found: OrderedDict[Key, Held] = OrderedDict()
        self._lock = Lock()

    def __call__(self, key: Key) -> Held:
        """What `build` returns for the key; read-only by convention."""
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
                return found
        built = self._build(key)
        with self._lock:
            if key not in self._found:
                self._found[key] = built
                self._held += built.nbytes + ENTRY_BYTES
            while self._held > self._most and len(self._found) > 1:
                self._held -= self._found.popitem(last=False)[1].nbytes + ENTRY_BYTES
        return built
