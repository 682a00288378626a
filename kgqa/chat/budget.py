"""Limits of the cost and the time of all requests to an LLM."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from kgqa.errors import SpentError, UsageError

__all__ = ["Budget"]


class Budget:
    """The cost and the time of all requests together; may be shared by models and threads.

    A request is sent only if its highest possible cost, added to those of all requests in flight, stays
    within the limit: so the limit is never exceeded. The time begins when the budget is created. `None`
    is no limit. Raises `UsageError` for a limit that is not above zero.
    """

    def __init__(
        self,
        max_cost: float | None = None,
        max_seconds: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        for name, limit in (("max_cost", max_cost), ("max_seconds", max_seconds)):
            if limit is not None and not (limit > 0 and math.isfinite(limit)):
                raise UsageError(f"{name} must be above zero, got {limit}")
        self.max_cost = max_cost
        self.max_seconds = max_seconds
        self._clock = clock
        self._start = clock()
        self._lock = threading.Lock()
        self._spent = 0.0
        self._reserved = 0.0

    @property
    def spent(self) -> float:
        """The cost so far, in the currency of the prices."""
        with self._lock:
            return self._spent

    @property
    def seconds_left(self) -> float:
        """Seconds that are left; infinite without a limit."""
        if self.max_seconds is None:
            return math.inf
        return self._start + self.max_seconds - self._clock()

    def check_time(self) -> None:
        """Raise `SpentError` when no time is left."""
        if self.seconds_left <= 0:
            raise SpentError(f"the time for the LLM is over (max_seconds={self.max_seconds:g})")

    def reserve(self, most: float) -> None:
        """Reserve the highest cost of a request. Raises `SpentError` where that exceeds the budget."""
        self.check_time()
        with self._lock:
            if self.max_cost is not None and self._spent + self._reserved + most > self.max_cost:
                raise SpentError(
                    f"another request may exceed max_cost={self.max_cost:g}: {self._spent:.4g} spent, "
                    f"{self._reserved:.4g} reserved for requests in flight, and this one may cost {most:.4g}"
                )
            self._reserved += most

    def settle(self, most: float, cost: float) -> None:
        """Replace the reserved `most` by what the request did cost."""
        with self._lock:
            self._reserved = max(0.0, self._reserved - most)
            self._spent += cost
