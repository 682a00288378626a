"""The members of a set with the least or greatest values, found by walking sorted facts from one end."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Extreme", "SortedFacts", "find_extreme"]

CHUNK = 1 << 16
"""Facts looked at in one step."""


class SortedFacts(NamedTuple):
    """The facts of one relation whose tails have values, sorted by low, high, head, tail.

    `heads` and `tails` are int32, `low` and `high` float64, all of shape (facts,) and without NaN.
    """

    heads: NDArray[np.int32]
    tails: NDArray[np.int32]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


class Extreme(NamedTuple):
    """The winners among the members of a set, best first, equal ones by number.

    `members` and `tails` are int32, `low` and `high` float64, all of shape (winners,): each winner, and the
    tail and interval of its best fact. `valued` is the number of members that have a value.
    """

    members: NDArray[np.int32]
    tails: NDArray[np.int32]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    valued: int


def find_extreme(
    facts: SortedFacts,
    heads: NDArray[np.int32],
    members: NDArray[np.bool_],
    least: bool,
    count: int,
) -> Extreme:
    """The `count` members with the least or greatest values, and all others whose value equals the last.

    `heads` are the distinct heads of the facts. `members` is bool of shape (entities,).
    """
    valued = int(np.count_nonzero(members[heads]))
    wanted = min(count, valued)
    if not wanted:
        return Extreme(facts.heads[:0], facts.tails[:0], facts.low[:0], facts.high[:0], valued)
    left = members.copy()
    slots = np.empty(len(members), dtype=np.int32)
    found: list[NDArray[np.int64]] = []
    have = 0
    for start in range(0, len(facts.heads), CHUNK):
        if have >= wanted and not _ties(facts, found[-1][-1], start, least):
            break
        rows = _rows(start, len(facts.heads), least)
        rows = rows[left[facts.heads[rows]]]
        rows = _first_of_each(facts.heads[rows], rows, slots)
        left[facts.heads[rows]] = False
        if have < wanted <= have + len(rows):
            last = rows[wanted - have - 1]
            rows = rows[_until(facts, rows, last, least)]
        elif have >= wanted:
            rows = rows[_until(facts, rows, found[-1][-1], least)]
        if len(rows):
            found.append(rows)
            have += len(rows)
    winners = np.concatenate(found)
    sign = 1 if least else -1
    order = np.lexsort((facts.heads[winners], sign * facts.high[winners], sign * facts.low[winners]))
    winners = winners[order]
    return Extreme(
        facts.heads[winners], facts.tails[winners], facts.low[winners], facts.high[winners], valued
    )


def _rows(start: int, length: int, least: bool) -> NDArray[np.int64]:
    """The next chunk of rows in the direction of the walk."""
    stop = min(start + CHUNK, length)
    if least:
        return np.arange(start, stop)
    return np.arange(length - 1 - start, length - 1 - stop, -1)


def _first_of_each(
    heads: NDArray[np.int32], rows: NDArray[np.int64], slots: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The first row of each head; `slots` is a scratch array of shape (entities,)."""
    places = np.arange(len(heads), dtype=np.int32)
    slots[heads[::-1]] = places[::-1]  # of equal indices numpy keeps the last
    kept: NDArray[np.int64] = rows[slots[heads] == places]
    return kept


def _ties(facts: SortedFacts, row: np.int64, start: int, least: bool) -> bool:
    """Whether the next row of the walk has the same value as this one."""
    following = start if least else len(facts.heads) - 1 - start
    return bool(facts.low[following] == facts.low[row] and facts.high[following] == facts.high[row])


def _until(facts: SortedFacts, rows: NDArray[np.int64], last: Any, least: bool) -> NDArray[np.bool_]:
    """Which rows come before this one in the walk, or have its value."""
    before = rows <= last if least else rows >= last
    kept: NDArray[np.bool_] = before | (
        (facts.low[rows] == facts.low[last]) & (facts.high[rows] == facts.high[last])
    )
    return kept
