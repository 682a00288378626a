"""What a run may cost and how long it may take."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from kgqa.errors import SpentError, UsageError

__all__ = ["Budget"]


class Budget:
    """Money and time for all requests of a run together; may be shared by models and threads.

    A request is let through only where the limit holds even if it costs the most that it can, with
    all requests under way counted in the same way: the limit is never passed. Time runs from when
    the budget is made. `None` is no limit. Raises `UsageError` for a limit that is not above zero.
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
        """What was spent so far, in the currency of the prices."""
        with self._lock:
            return self._spent

    @property
    def seconds_left(self) -> float:
        """How much time is left; infinite without a limit."""
        if self.max_seconds is None:
            return math.inf
        return self._start + self.max_seconds - self._clock()

    def check_time(self) -> None:
        """Raise `SpentError` when the time is over."""
        if self.seconds_left <= 0:
            raise SpentError(f"the {self.max_seconds:g} seconds are over (--max-seconds)")

    def reserve(self, most: float) -> None:
        """Set aside what a request costs at most. Raises `SpentError` where that does not fit."""
        self.check_time()
        with self._lock:
            if self.max_cost is not None and self._spent + self._reserved + most > self.max_cost:
                raise SpentError(
                    f"the budget of {self.max_cost:g} does not hold another request: {self._spent:.4g} "
                    f"spent, {self._reserved:.4g} set aside for requests under way, and this one may cost "
                    f"{most:.4g}; raise --max-cost"
                )
            self._reserved += most

    def settle(self, most: float, cost: float) -> None:
        """Book what a request did cost for which `most` was set aside."""
        with self._lock:
            self._reserved = max(0.0, self._reserved - most)
            self._spent += cost
