"""Which paths make a whole clause, whatever the question is."""

from __future__ import annotations

import numpy as np

from kgqa.constraint.programs.member_set import MemberSet
from kgqa.constraint.programs.path_level import MEASURABLE, Bools, PathLevel
from kgqa.constraint.programs.program_node import Pending, Purpose
from kgqa.constraint.programs.reached import Reached
from kgqa.graph import ValueKind
from kgqa.program import Aggregate, Path

__all__ = ["SUMMED", "has_groups", "is_plural", "is_whole", "measured", "whole_paths"]

SUMMED = (Aggregate.TOTAL, Aggregate.AVERAGE)


def is_whole(members: MemberSet, pending: Pending, reached: Reached | None = None) -> bool:
    """Whether a clause so far (one without a condition) can be executed and means something.

    `reached` is its path, if it is not that of `pending`.
    """
    if reached is None:
        reached = members.table.at(pending.path)
    if reached is None or not (reached.depth or (pending.by and pending.aggregate is Aggregate.COUNT)):
        return False
    match pending.purpose:
        case Purpose.HAS:
            return 0 < reached.having < len(members.table.members)
        case Purpose.SUMMARY:
            summed = pending.aggregate in SUMMED
            return reached.valued > 0 and (
                reached.kind is ValueKind.NUMBER or (not summed and reached.kind in MEASURABLE)
            )
        case Purpose.EXTREME:
            if not is_plural(pending, reached):
                return False
            kind, count = measured(members, pending, reached)
            return kind in MEASURABLE and count >= _least(pending)
        case Purpose.EACH:
            kind, count = measured(members, pending, reached)
            return kind in MEASURABLE and count > 0
        case _:
            return False


def whole_paths(members: MemberSet, pending: Pending, level: PathLevel) -> Bools | None:
    """Which paths of a level make a whole clause, or groups; `None`: each has to be looked at."""
    if pending.by or not level.depth:
        return None
    summed = pending.aggregate in SUMMED
    match pending.purpose:
        case Purpose.HAS:
            return np.asarray(level.having < len(members.table.members))
        case Purpose.SUMMARY:
            return level.kinds == ValueKind.NUMBER if summed else level.comparable
        case Purpose.EXTREME | Purpose.EACH:
            extreme = pending.purpose is Purpose.EXTREME
            least = _least(pending) if extreme else 1
            if pending.aggregate is Aggregate.COUNT:
                found: Bools = np.full(len(level), members.size >= least)
            else:
                known = level.kinds == ValueKind.NUMBER if summed else level.comparable
                found = known & (level.valued >= least)
            return found & level.plural if extreme and pending.aggregate is not Aggregate.VALUE else found
        case Purpose.GROUP:
            return level.several
        case _:
            return None


def measured(members: MemberSet, pending: Pending, reached: Reached) -> tuple[ValueKind, int]:
    """The kind of a measure, and how many members or groups have it."""
    aggregate = pending.aggregate
    by = members.table.at(pending.by) if pending.by else None
    if pending.by and by is None:
        return ValueKind.NONE, 0
    if aggregate is Aggregate.COUNT:
        return ValueKind.NUMBER, members.size if by is None else len(by.nodes)
    if aggregate in SUMMED and reached.kind is not ValueKind.NUMBER:
        return ValueKind.NONE, 0
    if by is None:
        return reached.kind, reached.valued
    count = members.table.groups_with_value(by, reached)
    return (reached.kind, count) if count else (ValueKind.NONE, 0)


def has_groups(members: MemberSet, path: Path) -> bool:
    """Whether there are groups to compare: at least two."""
    reached = members.table.at(path)
    return reached is not None and len(reached.nodes) >= 2


def is_plural(pending: Pending, reached: Reached) -> bool:
    """Whether some member has several ends, so that an aggregate differs from the value at the end."""
    return bool(pending.by) or pending.aggregate is Aggregate.VALUE or reached.plural


def _least(pending: Pending) -> int:
    """How many members a superlative needs."""
    return max(2, pending.rank, pending.winners + 1)
