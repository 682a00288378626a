"""Whether confidences can be believed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

__all__ = ["Bin", "expected_calibration_error", "reliability"]


class Bin(NamedTuple):
    """Answers of like confidence: how many, their mean confidence, and the share that was right."""

    answers: int
    confidence: float
    right: float


def reliability(confidences: Sequence[float], right: Sequence[float], bins: int = 10) -> list[Bin]:
    """The answers in `bins` equal ranges of confidence (0 to 1); empty ranges are left out.

    >>> reliability([0.95, 0.93, 0.25], [1, 0, 0])
    [Bin(answers=1, confidence=0.25, right=0.0), Bin(answers=2, confidence=0.94, right=0.5)]
    """
    sure, outcome = np.array(confidences, dtype=np.float64), np.array(right, dtype=np.float64)
    place = np.minimum((sure * bins).astype(np.int64), bins - 1)
    found = []
    for number in range(bins):
        inside = place == number
        if inside.any():
            found.append(Bin(int(inside.sum()), float(sure[inside].mean()), float(outcome[inside].mean())))
    return found


def expected_calibration_error(confidences: Sequence[float], right: Sequence[float], bins: int = 10) -> float:
    """The mean distance of confidence and share of right answers, over answers, from 0 (best) to 1.

    "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015. 0 for no answers.
    """
    parts = reliability(confidences, right, bins)
    total = sum(part.answers for part in parts)
    return sum(part.answers * abs(part.confidence - part.right) for part in parts) / total if total else 0.0
