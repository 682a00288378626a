"""When requests are sent: rate limits, waits before retries, and a circuit breaker."""

from __future__ import annotations

import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from kgqa.counted import counted
from kgqa.errors import UsageError

__all__ = ["BackOff", "CircuitBreaker", "RateLimit"]

_MINUTE = 60.0


class RateLimit:
    """Spaces requests so that no minute has more than `requests` of them, nor more than `tokens` tokens.

    Requests are sent in the order in which they arrive. One with more tokens than a minute may have is
    sent alone. `None` is no limit. Raises `UsageError` for a limit that is not above zero.
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
                raise UsageError(f"{name}_per_minute must be 1 or more, got {limit}")
        self._max_requests = math.inf if requests is None else requests
        self._max_tokens = math.inf if tokens is None else tokens
        self._clock = clock
        self._lock = threading.Lock()
        self._planned: deque[tuple[float, int]] = deque()
        self._tokens = 0

    def wait(self, tokens: int) -> float:
        """Seconds to wait before a request of so many tokens, which counts as sent at that moment."""
        if self._max_requests == self._max_tokens == math.inf:
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
        return len(self._planned) >= self._max_requests or self._tokens + tokens > self._max_tokens

    def _forget(self, now: float) -> None:
        """Drop requests that are a minute old."""
        while self._planned and self._planned[0][0] + _MINUTE <= now:
            self._tokens -= self._planned.popleft()[1]


@dataclass(frozen=True)
class BackOff:
    """Waits before retries: exponential, with jitter, so that many clients do not retry at the same moment.

    The n-th wait (from 0) is drawn between half and all of `first` * 2^n seconds, at most `longest`.
    `jitter` gives numbers from 0 to 1.
    """

    retries: int = 4
    first: float = 0.5
    longest: float = 20.0
    jitter: Callable[[], float] = random.random

    def wait(self, attempt: int) -> float:
        """Seconds to wait after a failed attempt, counted from 0."""
        wait = min(self.longest, self.first * 2.0 ** min(attempt, 60))
        return wait * (0.5 + 0.5 * self.jitter())


class CircuitBreaker:
    """Opens after `failures` failures in a row, and then lets one request through every `pause` seconds.

    With an endpoint that is down, a thousand questions then do not wait for a thousand timeouts, and an
    endpoint that comes back is noticed.
    """

    def __init__(
        self, failures: int = 5, pause: float = 30.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._max_failures = failures
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._last = ""
        self._next_trial = 0.0

    def refusal(self) -> str | None:
        """Why nothing may be sent now; `None` where a request may be sent."""
        with self._lock:
            if self._failures < self._max_failures:
                return None
            now = self._clock()
            if now >= self._next_trial:
                self._next_trial = now + self._pause
                return None
            return (
                f"failed {counted(self._failures, 'time')} in a row and is tried again in "
                f"{counted(round(self._next_trial - now), 'second')}; the last failure: {self._last}"
            )

    def succeeded(self) -> None:
        """Close the circuit."""
        with self._lock:
            self._failures = 0

    def failed(self, reason: str) -> None:
        """Count a failure."""
        with self._lock:
            self._failures += 1
            self._last = reason
            self._next_trial = self._clock() + self._pause
