"""How much memory caches may take."""

from __future__ import annotations

import os

from kgqa.errors import UsageError

__all__ = ["cache_bytes"]

CACHE_MEGABYTES = 1000


def cache_bytes(share: float) -> int:
    """The bytes for one cache: `share` of the memory for all caches in this process.

    That memory is `$KGQA_CACHE_MB` megabytes, 1,000 by default. It is read when a cache is created. A run
    seldom needs all of it; a smaller value costs speed, never answers. Raises `UsageError` unless it is a
    positive number.
    """
    given = os.environ.get("KGQA_CACHE_MB") or CACHE_MEGABYTES
    try:
        megabytes = float(given)
    except ValueError:
        megabytes = 0.0
    if not 0 < megabytes < float("inf"):
        raise UsageError(f"KGQA_CACHE_MB must be a positive number of megabytes, not {given!r}")
    return max(1, int(megabytes * share * 10**6))
