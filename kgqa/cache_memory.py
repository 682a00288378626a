"""How much memory caches may take, and how often Python looks for what may go."""

from __future__ import annotations

import gc
import os

from kgqa.errors import UsageError

__all__ = ["cache_bytes", "collect_garbage_less"]

CACHE_MEGABYTES = 1000
GARBAGE_THRESHOLDS = (50_000, 10, 100)
"""New objects, and collections of the two younger generations, after which a generation is collected."""


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


def collect_garbage_less() -> None:
    """Let this process look for garbage in cycles less often than Python does by default.

    By default, the search for programs makes it look through all objects of models and graphs every few
    questions, which takes a tenth of a second each time.
    """
    gc.set_threshold(*GARBAGE_THRESHOLDS)
