"""How far a mean over questions can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Score", "bootstrap"]

RESAMPLES = 2000
SEED = 0


class Score(NamedTuple):
    """A mean with its 95 % interval: `low <= mean <= high`."""

    mean: float
    low: float
    high: float


def bootstrap(values: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED) -> Score:
    """The mean, and the 2.5 and 97.5 percentiles of the means of samples drawn with replacement.

    The questions are what is drawn ("An Introduction to the Bootstrap", Efron and Tibshirani 1993).
    A sample is drawn as how often each distinct value comes in it, which is the same and fast. Where
    all values are equal the interval has no width, however few they are. Zeros for no values.

    >>> bootstrap([1.0, 1.0, 1.0])
    Score(mean=1.0, low=1.0, high=1.0)
    """
    if not len(values):
        return Score(0.0, 0.0, 0.0)
    distinct, counts = np.unique(np.array(values, dtype=np.float64), return_counts=True)
    n = int(counts.sum())
    mean = float(distinct @ counts / n)
    drawn = np.random.default_rng(seed).multinomial(n, counts / n, size=resamples)
    low, high = np.quantile(drawn @ distinct / n, (0.025, 0.975))
    return Score(mean, min(float(low), mean), max(float(high), mean))
