"""How some numbers are spread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Self

import numpy as np

__all__ = ["Spread"]


class Spread(NamedTuple):
    """The median, the 95th percentile and the largest of some numbers; 0 for none."""

    median: float
    p95: float
    largest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The spread of these."""
        if not values:
            return cls(0.0, 0.0, 0.0)
        return cls(*(float(value) for value in np.percentile(values, (50, 95, 100))))
