"""The time that questions took."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

__all__ = ["Stage", "TimeBin", "Timing", "stage_times"]

BINS = 24


class TimeBin(NamedTuple):
    """Questions that took from `low` to `high` seconds."""

    low: float
    high: float
    questions: int


class Stage(NamedTuple):
    """Seconds a question that a stage took, and its share (0 to 1) of all stages' time."""

    name: str
    p50: float
    p95: float
    share: float


@dataclass(frozen=True)
class Timing:
    """Seconds per question: mean, percentiles, maximum and a histogram.

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


def stage_times(questions: Sequence[Mapping[str, float]]) -> tuple[Stage, ...]:
    """The times of each stage over the questions that were timed, in the order of the stages.

    >>> stage_times([{"link": 1.0, "decode": 3.0}, {"link": 1.0, "decode": 3.0}])[1]
    Stage(name='decode', p50=3.0, p95=3.0, share=0.75)
    """
    total = sum(sum(stages.values()) for stages in questions)
    names = dict.fromkeys(name for stages in questions for name in stages)
    found = []
    for name in names:
        seconds = [stages.get(name, 0.0) for stages in questions]
        p50, p95 = np.quantile(seconds, (0.5, 0.95))
        found.append(Stage(name, float(p50), float(p95), sum(seconds) / total if total else 0.0))
    return tuple(found)
