"""Values of members summarised: totals, averages, highest and lowest, of members and of groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program.measure import Aggregate
from kgqa.program.sets import first_of_runs
from kgqa.program.steps import Pairs

__all__ = [
    "SUMMED",
    "Floats",
    "Measured",
    "aggregated",
    "ends_of_groups",
    "rounded",
    "summed",
    "values_of_groups",
]

Floats: TypeAlias = NDArray[np.float64]
SUMMED = (ValueKind.NUMBER, ValueKind.DURATION)
"""The kinds that have totals and averages."""
_MOST_EXACT = 2.0**53
"""Beyond it no floating-point number has a fraction, and a small term may change nothing."""


@dataclass(frozen=True, eq=False)
class Measured:
    """The measures of a set's members, or of the ends of their groups.

    `members` (int32, sorted) are those that have a measure; `low` and `high` are its bounds, equal but for
    dates (see `Value`), the highest and the lowest where a member has several values: `low` are the bounds
    to be sorted by for "least", `best` for "most". `total` is the number of members that were measured,
    `kind` what the measures are.
    """

    members: Ids
    low: Floats
    high: Floats
    best_low: Floats
    best_high: Floats
    total: int
    kind: ValueKind

    @property
    def missing(self) -> int:
        """How many members have no value."""
        return self.total - len(self.members)


def summed(values: Floats, firsts: NDArray[np.int64], shares: NDArray[np.int64] | int) -> Floats:
    """The sums of the slices that begin at `firsts`, divided by `shares`.

    Those of fractions, and shares that are fractions, are rounded, unless they are beyond 2^53: the average
    of one average is not above it.
    """
    sums: Floats = np.add.reduceat(values, firsts) / shares
    fractions = np.logical_or.reduceat(values % 1 != 0, firsts) | (sums % 1 != 0)
    if not fractions.any():
        return sums
    sizes = np.add.reduceat(np.abs(values), firsts) / shares
    round_ones = fractions & (sizes < _MOST_EXACT)
    return np.where(round_ones, rounded(sums, sizes), sums)


def rounded(sums: Floats, sizes: Floats) -> Floats:
    """Sums to 14 digits of the size of what was summed: 0.1 + 0.2 is 0.3, and equal sums tie.

    `sizes` are the sums without signs.

    >>> rounded(np.array([0.1 + 0.2, 123456789.55, 0.0]), np.array([0.3, 123456789.55, 0.0])).tolist()
    [0.3, 123456789.55, 0.0]
    """
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        digits = np.floor(np.log10(sizes))
        usual = np.abs(digits) < 280
        places = np.where(usual, digits, 0) - 13
        scale = 10.0 ** np.abs(places)
        found: Floats = np.where(places < 0, np.round(sums * scale) / scale, np.round(sums / scale) * scale)
    return np.where(usual, found + 0.0, sums)


def ends_of_groups(
    groups: Pairs, reached: Pairs, subjects: Ids
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a group (its place) and an end that one of its members reaches."""
    place, at = _of_members(groups, reached.owners, subjects)
    return place, reached.ends[at].astype(np.int64)


def values_of_groups(
    groups: Pairs, owners: NDArray[np.int64], low: Floats, high: Floats, subjects: Ids
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The values of each group's members, each member once a group."""
    place, at = _of_members(groups, owners, subjects)
    small = place.astype(np.uint16) if len(subjects) <= 1 << 16 else place  # sorted by its digits
    order = np.argsort(small, kind="stable")
    return place[order], low[at][order], high[at][order]


def _of_members(
    groups: Pairs, owners: NDArray[np.int64], subjects: Ids
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The place of its group, and of itself among `owners` (sorted), of all that the groups' members own."""
    first = np.searchsorted(owners, groups.owners)
    counts = np.searchsorted(owners, groups.owners, side="right") - first
    place = np.repeat(np.searchsorted(subjects, groups.ends), counts)
    return place, np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))


def aggregated(
    aggregate: Aggregate,
    subjects: Ids,
    owners: NDArray[np.int64],
    low: Floats,
    high: Floats,
    kind: ValueKind,
) -> Measured:
    """Values summarised by their owner's place (sorted). Totals and averages are of numbers only."""
    has_sum = aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE)
    if has_sum and kind not in SUMMED:
        owners, low, high = owners[:0], low[:0], high[:0]
    firsts = first_of_runs(owners)
    counts = np.diff(np.append(firsts, len(owners)))
    total = len(subjects)
    members = subjects[owners[firsts]]
    if not len(firsts):
        empty: Floats = np.empty(0)
        return Measured(members, empty, empty, empty, empty, total, kind)
    if has_sum:
        result = summed(low, firsts, counts if aggregate is Aggregate.AVERAGE else 1)
        return Measured(members, result, result, result, result, total, kind)
    if len(firsts) == len(owners):  # one value each
        return Measured(members, low, high, low, high, total, kind)
    # the lowest and the highest of each owner, by (low, high)
    order = np.lexsort((high, low, owners))
    least, most = order[firsts], order[firsts + counts - 1]
    if aggregate is Aggregate.HIGHEST:
        least = most
    elif aggregate is Aggregate.LOWEST:
        most = least
    return Measured(members, low[least], high[least], low[most], high[most], total, kind)
