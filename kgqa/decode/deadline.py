"""The time limit of a search."""

from __future__ import annotations

import math
import time

from kgqa.counted import counted
from kgqa.errors import BudgetError, check_number

__all__ = ["Deadline"]


class Deadline:
    """A time limit that starts when the object is made: `seconds` from then on, None for no limit.

    Raises `UsageError` unless `seconds` is a finite number above 0.
    """

    def __init__(self, seconds: float | None) -> None:
        check_number(seconds, "seconds", above=0, optional=True)
        self.seconds = seconds
        self._moment = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self._moment

    def check(self) -> None:
        """Raise `BudgetError` when the time is over."""
        if self.seconds is not None and self.passed:
            raise BudgetError(f"no answer within {counted(self.seconds, 'second')}")
