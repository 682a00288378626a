"""How long to wait before asking again."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["BackOff", "retry_after"]


@dataclass(frozen=True)
class BackOff:
    """Waits that double, with jitter, so that many clients do not come back at the same moment.

    The n-th wait (from 0) is drawn between half and all of `first` * 2^n seconds, at most `most`.
    """

    retries: int = 4
    first: float = 0.5
    most: float = 20.0
    chance: Callable[[], float] = random.random

    def wait(self, attempt: int) -> float:
        """Seconds to wait after a failed attempt, counted from 0."""
        longest = min(self.most, self.first * 2.0 ** min(attempt, 60))
        return longest * (0.5 + 0.5 * self.chance())


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that a server asks to wait: a number or a date; `None` where it says nothing of use."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    from email.utils import parsedate_to_datetime

    try:
        seconds = float(text)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError, OSError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
