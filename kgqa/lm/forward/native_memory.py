"""Memory that the libraries below torch hold: bounded, and returned to the system."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from threading import Lock

from kgqa.cache_memory import cache_bytes

__all__ = ["limit_primitive_caches", "release_free_memory"]

FREE_SHARE = 0.2
"""The share of the cache memory that the C library may hold without using it."""
PRIMITIVES_SHARE = 0.02
PRIMITIVE_BYTES = 300_000
"""What a cached primitive of oneDNN takes (measured)."""
PASSES = 64
"""Passes between two releases. A release costs about as much as a pass: half of it is soon needed again."""

_lock = Lock()
_passes = 0


def limit_primitive_caches() -> None:
    """Bound the caches of oneDNN, unless the environment does; without effect once it has been used.

    oneDNN prepares a primitive for each operation and shape, and torch keeps 1,024 of them twice: 600 MB for
    passes of ever new shapes. Within a pass the layers share a few of them, so most are never used again.
    """
    primitives = str(max(16, cache_bytes(PRIMITIVES_SHARE) // PRIMITIVE_BYTES))
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", primitives)
    os.environ.setdefault("LRU_CACHE_CAPACITY", primitives)


def release_free_memory() -> None:
    """Count a pass; after every 64th return free memory of the C library to the system if it is much.

    The buffers of a pass leave gaps in the heap that larger buffers do not fit in, so the heap grows from
    pass to pass. Does nothing unless the C library is glibc 2.33 or later.
    """
    global _passes
    with _lock:
        _passes += 1
        due = _passes % PASSES == 0
    library = _glibc()
    if due and library is not None and library.mallinfo2().fordblks > cache_bytes(FREE_SHARE):
        library.malloc_trim(0)


class _MallInfo2(ctypes.Structure):
    """`struct mallinfo2` of glibc; `fordblks` are the free bytes."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


@cache
def _glibc() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL(None)
        library.mallinfo2.restype = _MallInfo2
        library.malloc_trim.argtypes = [ctypes.c_size_t]
    except (AttributeError, OSError, TypeError):  # another C library, an older one, Windows
        return None
    return library
