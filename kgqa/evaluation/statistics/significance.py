"""Whether a difference between two runs over the same questions can be chance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["PValue", "holm", "mcnemar", "sign_flip"]

STATES = 200_000
"""Up to so many sums of differences are enumerated; beyond, they are drawn."""
DRAWS = 20_000
CELLS = 4_000_000


class PValue(NamedTuple):
    """The chance of a difference at least as large, either way, if neither run were better."""

    value: float
    exact: bool

    def describe(self) -> str:
        """`p = 0.023`, or `p < 0.0001` below that: smaller ones say nothing more.

        >>> PValue(0.02345, True).describe(), PValue(0.0, True).describe()
        ('p = 0.023', 'p < 0.0001')
        """
        return "p < 0.0001" if self.value < 0.0001 else f"p = {self.value:.2g}"


def mcnemar(won: int, lost: int) -> float:
    """McNemar's exact test, two-sided: `won` and `lost` of the questions on which two runs differ.

    >>> mcnemar(9, 1)
    0.021484375
    """
    fewer, all_of = min(won, lost), won + lost
    if won == lost:
        return 1.0
    return min(1.0, 2 * math.fsum(_binomial(all_of)[: fewer + 1].tolist()))


def sign_flip(differences: Sequence[float], seed: int = 0) -> PValue:
    """The paired permutation test: under chance, each question's difference might have either sign.

    Exact where the sums of equal differences can be enumerated (always for values of 0 and 1, where it
    is McNemar's test), else from 20,000 draws with one added to both counts, so never 0.

    >>> sign_flip([1, 1, 1, 1, -1, 0]), sign_flip([0.5] * 8).value
    (PValue(value=0.375, exact=True), 0.0078125)
    """
    given = np.asarray(differences, dtype=np.float64)
    sizes, counts = np.unique(np.abs(given[given != 0]).round(12), return_counts=True)
    if not len(sizes):
        return PValue(1.0, True)
    least = abs(float(given.sum())) - 1e-9 * float(counts @ sizes)
    if math.prod(int(count) + 1 for count in counts) <= STATES:
        sums, chances = _all_sums(sizes, counts)
        return PValue(min(1.0, math.fsum(chances[np.abs(sums) >= least].tolist())), True)
    random = np.random.default_rng(seed)
    beyond = 0
    step = max(1, CELLS // len(sizes))
    for start in range(0, DRAWS, step):
        shape = (min(step, DRAWS - start), len(sizes))
        sums = (2 * random.binomial(counts, 0.5, size=shape) - counts) @ sizes
        beyond += int((np.abs(sums) >= least).sum())
    return PValue((1 + beyond) / (1 + DRAWS), False)


def holm(values: Sequence[float]) -> list[float]:
    """P-values of several tests, corrected by Holm's method: the chance that one of them is noise is bounded.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    found, least = list(values), 0.0
    for rank, at in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        least = max(least, min(1.0, (len(values) - rank) * values[at]))
        found[at] = least
    return found


def _all_sums(
    sizes: NDArray[np.float64], counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Every sum that flipping signs can give, and its chance."""
    sums, chances = np.zeros(1), np.ones(1)
    for size, count in zip(sizes.tolist(), counts.tolist(), strict=True):
        steps = size * (2 * np.arange(count + 1) - count)
        sums = np.add.outer(sums, steps).ravel()
        chances = np.multiply.outer(chances, _binomial(count)).ravel()
    return sums, chances


def _binomial(trials: int) -> NDArray[np.float64]:
    """The chances of 0, 1, ... heads in throws of a fair coin."""
    if trials < 1000:
        return np.array([math.comb(trials, k) / 2**trials for k in range(trials + 1)])
    # Numbers of thousands of digits take long: through logarithms, good to ten digits.
    whole = math.lgamma(trials + 1) - trials * math.log(2)
    return np.exp([whole - math.lgamma(k + 1) - math.lgamma(trials - k + 1) for k in range(trials + 1)])
