"""When to stop asking."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["CircuitBreaker"]


class CircuitBreaker:
    """Opens after `failures` failures in a row, and lets one request through every `pause` seconds.

    So a thousand questions to an endpoint that is down do not wait for a thousand timeouts, and one
    that comes back is noticed.
    """

    def __init__(
        self, failures: int = 5, pause: float = 30.0, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._last = ""
        self._next_trial = 0.0

    def refusal(self) -> str | None:
        """Why nothing is to be sent now; `None` where the circuit is closed, or to try again."""
        with self._lock:
            if self._failures < self._most:
                return None
            now = self._clock()
            if now >= self._next_trial:
                self._next_trial = now + self._pause
                return None
            return (
                f"failed {self._failures} times in a row and is asked again in "
                f"{self._next_trial - now:.0f} seconds; the last time: {self._last}"
            )

    def succeeded(self) -> None:
        """Close it."""
        with self._lock:
            self._failures = 0

    def failed(self, reason: str) -> None:
        """Count a failure."""
        with self._lock:
            self._failures += 1
            self._last = reason
            self._next_trial = self._clock() + self._pause
