"""The one value that all values of a set come to."""

from __future__ import annotations

import numpy as np

from kgqa.graph import Value, ValueKind
from kgqa.program.aggregation import SUMMED, Floats, summed
from kgqa.program.measure import Aggregate

__all__ = ["average", "number_value", "summary_value"]


def summary_value(aggregate: Aggregate, low: Floats, high: Floats, kind: ValueKind) -> Value | None:
    """The total, average, highest or lowest of values with these bounds; `None` where there is none.

    >>> ends = np.array([3.0, 4.0])
    >>> str(summary_value(Aggregate.TOTAL, ends, ends, ValueKind.NUMBER))
    '7'
    """
    if not len(low):
        return None
    if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE):
        if kind not in SUMMED:
            return None
        number = _sum(low, len(low) if aggregate is Aggregate.AVERAGE else 1)
        return number_value(number) if kind is ValueKind.NUMBER else Value(kind, number, number, "")
    least = aggregate is Aggregate.LOWEST
    first = float(low.min() if least else low.max())
    ends = high[low == first]
    last = float(ends.min() if least else ends.max())
    return number_value(first) if kind is ValueKind.NUMBER else Value(kind, first, last, "")


def average(numbers: Floats, kind: ValueKind) -> Value | None:
    """What conditions compare with as the average; `None` where there is none."""
    if not len(numbers) or kind not in SUMMED:
        return None
    mean = _sum(numbers, len(numbers))
    return Value(kind, mean, mean, "")


def number_value(value: float) -> Value:
    """A computed number, with its text."""
    text = str(int(value)) if value.is_integer() else f"{value:.10g}"
    return Value(ValueKind.NUMBER, value, value, text)


def _sum(values: Floats, shares: int) -> float:
    """The sum of at least one value, divided by `shares`."""
    return float(summed(values, np.zeros(1, dtype=np.int64), shares)[0])
