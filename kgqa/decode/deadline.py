"""How long a search may take."""

from __future__ import annotations

import math
import time

from kgqa.errors import BudgetError, UsageError

__all__ = ["Deadline"]


class Deadline:
    """The moment that is `seconds` away when it is made; None: never.

    Raises `UsageError` for no time at all.
    """

    def __init__(self, seconds: float | None) -> None:
        if seconds is not None and not seconds > 0:
            raise UsageError(f"a search needs some time, got seconds={seconds}")
        self.seconds = seconds
        self._moment = math.inf if seconds is None else time.monotonic() + seconds

    @property
    def passed(self) -> bool:
        """Whether the moment is over."""
        return time.monotonic() > self._moment

    def check(self) -> None:
        """Raise `BudgetError` when the moment is over."""
        if self.passed:
            raise BudgetError(f"no answer within {self.seconds} seconds")
