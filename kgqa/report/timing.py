"""How long questions took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

__all__ = ["TimeBin", "Timing"]

BINS = 24


class TimeBin(NamedTuple):
    """Questions that took from `low` to `high` seconds."""

    low: float
    high: float
    questions: int


@dataclass(frozen=True)
class Timing:
    """Seconds a question: mean, percentiles, the longest, and how they are spread.

    The bins are equally wide on a logarithmic scale and cover all times; none for no questions.
    """

    mean: float
    p50: float
    p95: float
    longest: float
    total: float
    bins: tuple[TimeBin, ...]

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Self | None:
        """The times of some questions; `None` for no questions."""
        if not len(seconds):
            return None
        times = np.maximum(np.array(seconds, dtype=np.float64), 1e-6)
        low, high = times.min() * 0.999, times.max() * 1.001
        counts, edges = np.histogram(times, np.geomspace(low, high, BINS + 1))
        return cls(
            mean=float(times.mean()),
            p50=float(np.quantile(times, 0.5)),
            p95=float(np.quantile(times, 0.95)),
            longest=float(times.max()),
            total=float(times.sum()),
            bins=tuple(
                TimeBin(float(a), float(b), int(n)) for a, b, n in zip(edges, edges[1:], counts, strict=False)
            ),
        )
