"""Comparisons of values, as arrays."""

from __future__ import annotations

from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import Value, ValueKind
from kgqa.program.aggregation import Floats
from kgqa.program.condition import Comparator

__all__ = ["compared"]


def compared(
    low: Floats, high: Floats, comparator: Comparator, operand: Value, upper: Value | None
) -> NDArray[np.bool_]:
    """Which values compare so; of dates, the half-open intervals that they cover are compared."""
    dated = operand.kind is ValueKind.DATE
    if upper is not None:
        bounds: NDArray[np.bool_] = (low >= operand.low) & (high <= upper.high)
        return bounds
    match comparator:
        case Comparator.ABOVE:
            return np.asarray(low >= operand.high if dated else low > operand.low)
        case Comparator.BELOW:
            return np.asarray(high <= operand.low if dated else low < operand.low)
        case Comparator.AT_LEAST:
            return np.asarray(low >= operand.low)
        case Comparator.AT_MOST:
            return np.asarray(high <= operand.high)
        case Comparator.EQUALS:
            return np.asarray((low >= operand.low) & (high <= operand.high))
    assert_never(comparator)
