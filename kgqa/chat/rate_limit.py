"""How many requests and tokens a minute."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

from kgqa.errors import UsageError

__all__ = ["RateLimit"]

_MINUTE = 60.0


class RateLimit:
    """Spaces requests so that no minute has more than so many, nor more than so many tokens.

    Requests are let through in the order in which they came. One that has more tokens than a minute
    may have goes alone. `None` is no limit. Raises `UsageError` for a limit that is not above zero.
    """

    def __init__(
        self,
        requests: int | None = None,
        tokens: int | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, limit in (("requests", requests), ("tokens", tokens)):
            if limit is not None and limit < 1:
                raise UsageError(f"a limit of {limit} {name} a minute lets nothing through")
        self._most_requests = math.inf if requests is None else requests
        self._most_tokens = math.inf if tokens is None else tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._planned: deque[tuple[float, int]] = deque()
        self._tokens = 0

    def wait(self, tokens: int) -> float:
        """How many seconds to wait before a request of so many tokens; it is counted as sent then."""
        if self._most_requests == self._most_tokens == math.inf:
            return 0.0
        with self._lock:
            now = self._clock()
            at = max(now, self._planned[-1][0]) if self._planned else now
            self._forget(at)
            while self._planned and self._full(tokens):
                at = max(at, self._planned[0][0] + _MINUTE)
                self._forget(at)
            self._planned.append((at, tokens))
            self._tokens += tokens
            return at - now

    def _full(self, tokens: int) -> bool:
        return len(self._planned) >= self._most_requests or self._tokens + tokens > self._most_tokens

    def _forget(self, now: float) -> None:
        """Drop what is a minute old."""
        while self._planned and self._planned[0][0] + _MINUTE <= now:
            self._tokens -= self._planned.popleft()[1]
