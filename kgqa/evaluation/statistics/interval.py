"""How sure a mean is: bootstrap intervals."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Interval", "Method", "bootstrap"]

Method = Literal["bca", "percentile"]
CELLS = 4_000_000
"""Counts that are drawn at a time: 32 MB."""
LEAST = 1e-9
"""Beyond it the correction for skew would turn round; the quantile is then the last one."""


class Interval(NamedTuple):
    """The values between which a mean is expected, with this confidence."""

    low: float
    high: float
    level: float = 0.95


def bootstrap(
    values: Sequence[float],
    *,
    level: float = 0.95,
    resamples: int = 2_000,
    seed: int = 0,
    method: Method = "bca",
    share: bool = False,
) -> Interval:
    """The bootstrap interval of the mean of `values`; the same whatever their order.

    `percentile` takes the quantiles of the means of resamples; `bca` corrects them for bias and skew
    (Efron, "Better bootstrap confidence intervals", 1987). It says what other questions of the same
    kind might give, not what another training or seed of the model would. Where all values are
    equal nothing can be resampled, and the interval is that value; but with `share`, which says that
    values lie between 0 and 1, all 0 or all 1 get the exact binomial bound (Clopper and Pearson, 1934).

    Resampling n questions is drawing how often each distinct value comes, which is what is drawn, so
    15,000 questions cost what a hundred do. Raises `ValueError` for no values.

    >>> bootstrap([1.0] * 80 + [0.0] * 20, method="percentile")
    Interval(low=0.72, high=0.88, level=0.95)
    """
    if not len(values):
        raise ValueError("no values: there is no mean to be sure of")
    distinct, counts = np.unique(np.asarray(values, dtype=np.float64), return_counts=True)
    if len(distinct) == 1:
        (value,) = distinct.tolist()
        beyond = 1 - ((1 - level) / 2) ** (1 / len(values)) if share else 0.0
        return Interval(value - beyond * (value == 1), value + beyond * (value == 0), level)
    means = np.sort(_means(distinct, counts, resamples, seed))
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "bca":
        tails = _corrected(tails, distinct, counts, means)
    low, high = np.quantile(means, tails)
    return Interval(float(low), float(high), level)


def _means(
    distinct: NDArray[np.float64], counts: NDArray[np.int64], resamples: int, seed: int
) -> NDArray[np.float64]:
    random = np.random.default_rng(seed)
    total = int(counts.sum())
    size = max(1, CELLS // len(distinct))
    parts = [
        random.multinomial(total, counts / total, size=min(size, resamples - start)) @ distinct
        for start in range(0, resamples, size)
    ]
    means: NDArray[np.float64] = np.concatenate(parts) / total
    return means


def _corrected(
    tails: NDArray[np.float64],
    distinct: NDArray[np.float64],
    counts: NDArray[np.int64],
    means: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The quantiles to take instead: bias from the means below the mean, skew from the jackknife."""
    total = counts.sum()
    mean = float((counts @ distinct) / total)
    below = float(np.mean(means < mean) + np.mean(means == mean) / 2)
    if not 0 < below < 1:
        return tails
    normal = NormalDist()
    bias = normal.inv_cdf(below)
    # Leaving one of n values out moves the mean by (value - mean) / (n - 1); the factor cancels.
    away = distinct - mean
    skew = float((counts @ away**3) / (6 * (counts @ away**2) ** 1.5))
    z = [bias + normal.inv_cdf(float(tail)) for tail in tails]
    return np.array([normal.cdf(bias + part / max(1 - skew * part, LEAST)) for part in z])
