"""Equality but for the last digits of floats, which depend on what else a batch holds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

__all__ = ["nearly_equal"]

_RELATIVE, _ABSOLUTE = 1e-5, 1e-7
"""Matrix products of 32-bit floats differ by about 1e-7 with the number of rows, on some processors."""


def nearly_equal(first: object, second: object) -> bool:
    """Whether two values as in JSON are the same, floats to five digits.

    >>> nearly_equal({"a": [0.1234567, "x"]}, {"a": [0.1234568, "x"]}), nearly_equal([1, 0.5], [2, 0.5])
    (True, False)
    """
    match first, second:
        case float(), float():
            return math.isclose(first, second, rel_tol=_RELATIVE, abs_tol=_ABSOLUTE)
        case Mapping(), Mapping():
            return first.keys() == second.keys() and all(
                nearly_equal(first[key], second[key]) for key in first
            )
        case str(), str():
            return first == second
        case Sequence(), Sequence():
            return len(first) == len(second) and all(map(nearly_equal, first, second))
    return first == second
