"""A score with its interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Self

from kgqa.evaluation import bootstrap

__all__ = ["LABELS", "METRICS", "SHOWN", "Score"]

METRICS = ("hits_at_1", "hit", "f1", "denotation", "precision", "recall")
"""The strict scores, in the order of the tables."""
SHOWN = METRICS[:4]
"""Those that tables of groups show."""
LABELS = {
    "hits_at_1": "Hits@1",
    "hit": "Hit",
    "f1": "F1",
    "denotation": "denotation",
    "precision": "precision",
    "recall": "recall",
}
"""The scores' names in tables."""


class Score(NamedTuple):
    """A mean of shares (0 to 1) with its 95 % interval: `low <= mean <= high`."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The mean over questions, and its bootstrap interval; zeros for no questions.

        >>> Score.of([1.0, 0.0] * 50)
        Score(mean=0.5, low=0.4, high=0.6)
        """
        if not len(values):
            return cls(0.0, 0.0, 0.0)
        mean = math.fsum(values) / len(values)
        low, high, _ = bootstrap(values, share=True)
        return cls(mean, min(low, mean), max(high, mean))
