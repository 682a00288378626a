"""The entropy of a choice."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

__all__ = ["entropy"]


def entropy(log_probabilities: NDArray[np.float64]) -> float:
    """The entropy in nats of the renormalised distribution over these; 0 for fewer than two.

    Where all are -inf, it is that of the uniform distribution.

    >>> round(entropy(np.log([0.1, 0.1])), 3)
    0.693
    """
    if len(log_probabilities) < 2:
        return 0.0
    most = float(log_probabilities.max())
    if most == -math.inf:
        return math.log(len(log_probabilities))
    gaps = log_probabilities - most
    shares = np.exp(gaps)
    total = float(shares.sum())
    # 0 times the logarithm of 0 is 0.
    return max(0.0, math.log(total) - float((shares * np.where(shares > 0, gaps, 0)).sum()) / total)
