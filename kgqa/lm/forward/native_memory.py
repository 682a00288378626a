"""Memory that the libraries below torch hold: bounded, and returned to the system."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock

from kgqa.cache_memory import cache_bytes

__all__ = ["FreeMemory", "limit_primitive_caches", "release_free_memory"]

FREE_SHARE = 0.25
"""How much the process may grow before the C library returns what it does not use, as a share of the cache
memory."""
PRIMITIVES_SHARE = 0.06
PRIMITIVE_BYTES = 300_000
"""What a cached primitive of oneDNN takes (measured)."""
PASSES = 8
"""How often the process's memory is looked at, in passes: what is released is needed again soon, and to
look takes a tenth of a millisecond."""


def limit_primitive_caches() -> None:
    """Bound the caches of oneDNN, unless the environment does; without effect once it has been used.

    oneDNN prepares a primitive for each operation and shape, and torch keeps 1,024 of them twice: 600 MB for
    passes of ever new shapes. Within a pass the layers share a few of them, so most are never used again.
    """
    primitives = str(max(16, cache_bytes(PRIMITIVES_SHARE) // PRIMITIVE_BYTES))
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", primitives)
    os.environ.setdefault("LRU_CACHE_CAPACITY", primitives)


@dataclass
class FreeMemory:
    """Returns free memory of the C library to the system when the process has grown much since the last time.

    The buffers of a pass leave gaps in the heap that larger buffers do not fit in, so the heap grows from
    pass to pass. Does nothing unless the C library is glibc.
    """

    trim: Callable[[int], object] | None
    resident: Callable[[], int]
    """The memory of the process in bytes."""
    _least: int | None = field(default=None, init=False)
    _passes: int = field(default=0, init=False)
    _lock: Lock = field(default_factory=Lock, init=False)

    def release(self) -> None:
        """To be called after a pass."""
        if self.trim is None:
            return
        with self._lock:
            self._passes += 1
            if self._passes % PASSES:
                return
            now = self.resident()
            self._least = now if self._least is None else min(self._least, now)
            if now - self._least > cache_bytes(FREE_SHARE):
                self.trim(0)
                self._least = self.resident()


def release_free_memory() -> None:
    """Return free memory to the system if it is much; to be called after a pass (see `FreeMemory`)."""
    _of_process().release()


@cache
def _of_process() -> FreeMemory:
    statm = Path("/proc/self/statm")
    try:
        trim = ctypes.CDLL(None).malloc_trim
        statm.read_bytes()
    except (AttributeError, OSError, TypeError, ValueError):  # another C library or system
        return FreeMemory(None, int)
    trim.argtypes = [ctypes.c_size_t]
    return FreeMemory(trim, lambda: int(statm.read_bytes().split()[1]) * mmap.PAGESIZE)
