"""Which of many texts two graphs have otherwise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.graph.text_column import TextColumn

__all__ = ["changed_spans", "changed_texts"]

_AT_A_TIME = 1 << 18
"""So many spans are compared at a time, which bounds the memory."""
_Places = NDArray[np.int64]


def changed_texts(own: TextColumn, at: _Places, other: TextColumn, other_at: _Places) -> NDArray[np.bool_]:
    """Which of the texts at places of a column differ from those at places of another one.

    >>> some, more = TextColumn.of(["Oslo", "Rome"]), TextColumn.of(["Roma", "Oslo", ""])
    >>> changed_texts(some, np.array([0, 1, 1]), more, np.array([1, 0, 2])).tolist()
    [False, True, True]
    """
    return changed_spans((own.offsets, own.data), at, (other.offsets, other.data), other_at)


def changed_spans(
    own: tuple[NDArray[Any], NDArray[Any]],
    at: _Places,
    other: tuple[NDArray[Any], NDArray[Any]],
    other_at: _Places,
) -> NDArray[np.bool_]:
    """The same for spans of any values: each side has the offsets of its spans, and all values end to end."""
    (offsets, values), (other_offsets, other_values) = own, other
    starts, other_starts = offsets[at], other_offsets[other_at]
    lengths = offsets[at + 1] - starts
    changed: NDArray[np.bool_] = lengths != other_offsets[other_at + 1] - other_starts
    (same,) = np.nonzero(~changed & (lengths > 0))
    for first in range(0, len(same), _AT_A_TIME):
        some = same[first : first + _AT_A_TIME]
        ends = np.cumsum(lengths[some])
        within = np.arange(int(ends[-1])) - np.repeat(ends - lengths[some], lengths[some])
        differ = (
            values[np.repeat(starts[some], lengths[some]) + within]
            != (other_values[np.repeat(other_starts[some], lengths[some]) + within])
        )
        changed[some] = np.logical_or.reduceat(differ, ends - lengths[some])
    return changed
