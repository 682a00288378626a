"""A cache of what endpoints answered, on disk."""

from __future__ import annotations

import hashlib
import json
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path

from kgqa.cache_file import CacheFile
from kgqa.cache_folder import cache_folder

__all__ = ["EndpointCache"]

_COLUMNS = "body BLOB NOT NULL, version TEXT NOT NULL, time REAL NOT NULL"


class EndpointCache:
    """Answers of endpoints, by endpoint, named graphs and query; `max_age` is in seconds.

    An answer is used while it is no older than `max_age` and the graph has the `version` that it had then
    (`None`: not known yet); `offline`, any is used, and nothing is asked. It is a
    `CacheFile`: it has a bound, and never raises.
    """

    def __init__(
        self,
        file: str | Path | None = None,
        *,
        max_age: float = 86400.0,
        offline: bool = False,
        version: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        place = cache_folder() / "endpoints.sqlite" if file is None else Path(file)
        self._file = CacheFile(place, "answers", _COLUMNS, "answers of endpoints")
        self.max_age = max_age
        self.offline = offline
        self.version = version
        self._clock = clock

    def get(self, key: Sequence[str]) -> bytes | None:
        """What was answered; `None` where that is not known or too old."""
        hashed = _hashed(key)
        row = self._file.attempt("SELECT body, version, time FROM answers WHERE key = ?", (hashed,))
        if row is None:
            return None
        body, version, then = row
        fresh = version == (self.version or "") and 0 <= self._clock() - float(then) <= self.max_age
        if not (self.offline or fresh):
            return None
        self._file.tell_used([hashed])
        try:
            return zlib.decompress(body)
        except zlib.error:
            return None

    def put(self, key: Sequence[str], body: bytes) -> None:
        """Keep an answer."""
        hashed = _hashed(key)
        self._file.attempt(
            "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?)",
            (hashed, zlib.compress(body, 1), self.version or "", self._clock()),
        )
        self._file.tell_used([hashed])


def _hashed(key: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(key)).encode()).hexdigest()
