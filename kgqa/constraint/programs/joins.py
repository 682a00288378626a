"""Which sets may join another within brackets."""

from __future__ import annotations

import numpy as np

from kgqa.constraint.programs.member_set import MemberSet, steps_on
from kgqa.constraint.programs.path_level import Bools
from kgqa.graph.adjacency import Ids
from kgqa.program import Join, Step

__all__ = ["Joins"]


class Joins:
    """Says whether sets join, now or after some steps, to one that is neither empty nor the one before."""

    def __init__(self) -> None:
        self._known: dict[object, bool] = {}
        self._deciding: dict[object, Bools] = {}
        self._before: MemberSet | None = None
        self._mask: Bools = np.empty(0, dtype=np.bool_)

    def may_join(
        self,
        before: MemberSet,
        join: Join | None,
        others: MemberSet,
        left: int,
        came: Step | None = None,
        direct: bool = True,
    ) -> bool:
        """Whether a set joins the one `before`, now or after up to `left` steps.

        `came` and `direct` are those of `steps_on`.
        """
        if not self.may_change(before, join):
            return False
        key = before, join is Join.OR, others, left, came, direct
        found = self._known.get(key)
        if found is None:
            found = self.joins(before, join, others.ids) or (
                left > 0 and self._after_steps(before, join, others, left, came, direct)
            )
            self._known[key] = found
        return found

    @staticmethod
    def may_change(before: MemberSet, join: Join | None) -> bool:
        """Whether a set may join the one `before` at all: a single member is kept or lost."""
        return join is Join.OR or before.size > 1

    def deciding(self, before: MemberSet, join: Join | None, others: MemberSet, left: int) -> Bools | None:
        """Which members of `others` (those of its table) a part of it needs one of to join, now or later.

        `None` where any may do. To have something in common with the set before, a part needs a member of
        that set or, with a step `left`, one that reaches such a member.
        """
        if join is Join.OR:
            return None if left else ~self._members(before)[others.table.members]
        key = before, others, left
        if key not in self._deciding:
            marks = self._members(before)
            found = marks.copy()
            if left:
                columns, reached = others.sets.columns, others.reached
                for step, ends in reached.parts():
                    if marks[ends].any():
                        found[columns.executor.steps.reached(before.ids, step, back=True)] = True
            self._deciding[key] = found[others.table.members]
        return self._deciding[key]

    def joins(self, before: MemberSet, join: Join | None, others: Ids) -> bool:
        """Whether a set joins another now."""
        common = int(np.count_nonzero(self._members(before)[others]))
        return common < len(others) if join is Join.OR else 0 < common < before.size

    def _after_steps(
        self,
        before: MemberSet,
        join: Join | None,
        others: MemberSet,
        left: int,
        came: Step | None,
        direct: bool,
    ) -> bool:
        reached = others.reached
        steps = steps_on(others, came, direct)
        if not steps:
            return False
        common = np.add.reduceat(self._members(before)[reached.ends], reached.first, dtype=np.int64)
        if join is Join.OR:
            good = common < np.diff(np.append(reached.first, len(reached.ends)))
        else:
            good = (common > 0) & (common < before.size)
        if len(steps) == len(reached.steps):
            found = bool(good.any())
        else:
            allowed = set(steps)
            found = any(step in allowed for step, fits in zip(reached.steps, good, strict=True) if fits)
        return found or (
            left > 1 and any(self.may_join(before, join, others.after(s), left - 1, s) for s in steps)
        )

    def _members(self, before: MemberSet) -> Bools:
        """Which nodes are members of a set; that of the last set is kept."""
        if self._before is not before:
            self._before, self._mask = before, before.mask()
        return self._mask
