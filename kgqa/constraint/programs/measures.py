"""Which clauses a set allows: the paths that conditions, superlatives and sums can be made of."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from kgqa.constraint.programs.member_set import MemberSet, steps_on
from kgqa.constraint.programs.path_table import Reached
from kgqa.constraint.programs.program_node import Pending, Purpose
from kgqa.graph import Value, ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program import (
    Aggregate,
    Compare,
    Condition,
    Constant,
    Executor,
    Is,
    Join,
    Measure,
    Measured,
    Nodes,
    Operand,
    OwnValue,
    Path,
    Step,
)
from kgqa.program.comparison import compared
from kgqa.program.sets import among

__all__ = ["MEMBER_AGGREGATES", "Measures"]

MEMBER_AGGREGATES = (Aggregate.COUNT, Aggregate.TOTAL, Aggregate.AVERAGE)
"""What is made of the ends of a path from one member; its highest and lowest value need no aggregate."""

_COMPARABLE = (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION)
_SUMMED = (Aggregate.TOTAL, Aggregate.AVERAGE)

IsCondition = Callable[[MemberSet, Pending, Reached], bool]


class Measures:
    """Says which clauses can be executed over a set, and which unfinished ones can be completed.

    Results that hold for all questions are cached with the set; those that depend on the values and names of
    a question are cached while it is decoded. `is_condition` says whether a path may end in a condition.
    """

    def __init__(self, executor: Executor, is_condition: IsCondition) -> None:
        self._executor = executor
        self._is_condition = is_condition
        self._leading: dict[tuple[MemberSet, Pending], dict[Reached, bool]] = {}
        self._begun: dict[tuple[MemberSet, Pending], bool] = {}
        self._joined: dict[object, bool] = {}
        self._before: MemberSet | None = None
        self._mask = np.empty(0, dtype=np.bool_)

    # Clauses -----------------------------------------------------------------------------------------

    def may_begin(self, members: MemberSet, pending: Pending) -> bool:
        """Whether a clause can be completed from the words that it begins with, without a path yet."""
        key = members, pending
        if key not in self._begun:
            root = members.table.root
            self._begun[key] = self._stands(members, pending, root) or any(
                self._leads(members, pending, child, self._leading.setdefault(key, {}))
                for child in root.after
            )
        return self._begun[key]

    def steps(self, members: MemberSet, pending: Pending) -> list[Step]:
        """The steps that the path of a clause may go on with."""
        reached = members.table.at(pending.path)
        if reached is None:
            return []
        bare = pending._replace(path=())
        known = self._leading.setdefault((members, bare), {})
        return [child.path[-1] for child in reached.after if self._leads(members, bare, child, known)]

    def _leads(
        self, members: MemberSet, pending: Pending, reached: Reached, known: dict[Reached, bool]
    ) -> bool:
        found = known.get(reached)
        if found is None:
            found = known[reached] = self._stands(members, pending, reached) or any(
                self._leads(members, pending, child, known) for child in reached.after
            )
        return found

    def _stands(self, members: MemberSet, pending: Pending, reached: Reached) -> bool:
        """Whether a clause with this path (not that of `pending`) is whole, or goes on otherwise."""
        depth = reached.depth
        match pending.purpose:
            case Purpose.CONDITION:
                if depth and not self.is_plural(pending, reached):
                    return False
                return self._is_condition(members, pending, reached) or (
                    not depth and not pending.by and self._may_aggregate(members, pending)
                )
            case Purpose.GROUP:
                return bool(depth) and self.has_groups(members, reached.path)
            case Purpose.GROUP_CONDITION:
                return bool(depth)  # groups can always be compared with the average of their numbers
            case Purpose.EXTREME | Purpose.EACH if not depth and not pending.by:
                return self._may_aggregate(members, pending)
            case _:
                return self.complete(members, pending, reached)

    def _may_aggregate(self, members: MemberSet, pending: Pending) -> bool:
        return pending.aggregate is Aggregate.VALUE and any(
            self.may_begin(members, pending._replace(aggregate=aggregate)) for aggregate in MEMBER_AGGREGATES
        )

    def complete(self, members: MemberSet, pending: Pending, reached: Reached | None = None) -> bool:
        """Whether the clause so far (one without a condition) can be executed and means something."""
        if reached is None:
            reached = members.table.at(pending.path)
        if reached is None or not (reached.depth or (pending.by and pending.aggregate is Aggregate.COUNT)):
            return False
        match pending.purpose:
            case Purpose.HAS:
                return 0 < reached.having < len(reached.table.members)
            case Purpose.SUMMARY:
                summed = pending.aggregate in _SUMMED
                return reached.valued > 0 and (
                    reached.kind is ValueKind.NUMBER or (not summed and reached.kind in _COMPARABLE)
                )
            case Purpose.EXTREME:
                if not self.is_plural(pending, reached):
                    return False
                kind, count = self._measured(members, pending, reached)
                return kind in _COMPARABLE and count >= max(2, pending.rank, pending.winners + 1)
            case Purpose.EACH:
                kind, count = self._measured(members, pending, reached)
                return kind in _COMPARABLE and count > 0
            case _:
                return False

    def kind(self, members: MemberSet, pending: Pending, reached: Reached) -> ValueKind:
        """What a measure of these members is; `NONE` where none has one."""
        return self._measured(members, pending, reached)[0]

    def _measured(self, members: MemberSet, pending: Pending, reached: Reached) -> tuple[ValueKind, int]:
        """The kind of a measure, and how many members or groups have it."""
        aggregate = pending.aggregate
        by = reached.table.at(pending.by) if pending.by else None
        if pending.by and by is None:
            return ValueKind.NONE, 0
        if aggregate is Aggregate.COUNT:
            return ValueKind.NUMBER, members.size if by is None else len(by.nodes)
        if aggregate in _SUMMED and reached.kind is not ValueKind.NUMBER:
            return ValueKind.NONE, 0
        if by is None:
            return reached.kind, reached.valued
        count = reached.table.groups_with_value(by, reached)
        return (reached.kind, count) if count else (ValueKind.NONE, 0)

    @staticmethod
    def has_groups(members: MemberSet, path: Path) -> bool:
        """Whether there are groups to compare: at least two."""
        reached = members.table.at(path)
        return reached is not None and len(reached.nodes) >= 2

    @staticmethod
    def is_plural(pending: Pending, reached: Reached) -> bool:
        """Whether some member has several ends, so that an aggregate differs from the value at the end."""
        return bool(pending.by) or pending.aggregate is Aggregate.VALUE or reached.plural

    # Conditions --------------------------------------------------------------------------------------

    def comparisons(self, members: MemberSet, pending: Pending, reached: Reached) -> bool | None:
        """Whether some comparison over a path makes a condition; `None` if each has to be tried.

        The average of numbers is always above, below or equal to some of them. A condition that is negated
        keeps something only where not all members have the same value.
        """
        if pending.test:
            return None
        kind, count = self._measured(members, pending, reached)
        if kind not in _COMPARABLE:
            return False
        if not pending.negated:
            return True if kind is ValueKind.NUMBER else None
        if not pending.by and count < len(reached.table.members):
            return True if kind is ValueKind.NUMBER else None
        return None if pending.by or reached.table.sampled or self._differs(pending, reached) else False

    def _differs(self, pending: Pending, reached: Reached) -> bool:
        """Whether the values of a path from some members are not all the same."""
        aggregate = pending.aggregate
        found = reached.differs.get(aggregate)
        if found is None:
            if aggregate is Aggregate.VALUE:
                assert reached.low is not None
                assert reached.high is not None
                known = ~np.isnan(reached.low)
                low, high = reached.low[known], reached.high[known]
            else:
                measured = reached.measured(aggregate)
                low, high = measured.low, measured.high
            found = bool((low != low[0]).any() or (high != high[0]).any())
            reached.differs[aggregate] = found
        return found

    def own_value(self, members: MemberSet, measure: Measure, nodes: Nodes) -> Value | None:
        """The measure of a named entity; with groups, of the one that it is."""

        def find() -> Value | None:
            found = self._executor.operand(OwnValue(nodes), measure, members.ids)
            if found is None or (measure.aggregate in _SUMMED and found.kind is not ValueKind.NUMBER):
                return None
            return found

        own = members if measure.by else members.sets
        return own.fact((measure, nodes), find)

    def kept(self, members: MemberSet, condition: Condition, reached: Reached) -> int:
        """For how many members, or groups of them, a condition holds."""
        if isinstance(condition, Compare) and not reached.table.sampled:
            return self._comparing(members, condition, reached)
        if isinstance(condition, Is) and not reached.table.sampled:
            return reached.count(among(reached.ends, self._executor.numbers(condition.nodes)))
        return members.fact(condition, lambda: len(self._executor.holding(condition, members.ids)))

    def _comparing(self, members: MemberSet, condition: Compare, reached: Reached) -> int:
        measure = condition.measure
        operand = self._operand(members, condition.operand, measure, reached)
        upper = None
        if condition.upper is not None:
            upper = self._operand(members, condition.upper, measure, reached)
        if operand is None or (condition.upper is not None and upper is None):
            return 0
        if measure.aggregate is not Aggregate.VALUE:
            measured = self._values(members, measure, reached)
            if measured.kind is not operand.kind:
                return 0
            rows = compared(measured.low, measured.high, condition.comparator, operand, upper)
            return int(np.count_nonzero(rows))
        if reached.kind is not operand.kind or reached.low is None or reached.high is None:
            return 0
        return reached.count(compared(reached.low, reached.high, condition.comparator, operand, upper))

    def _values(self, members: MemberSet, measure: Measure, reached: Reached) -> Measured:
        if measure.by:
            return members.fact(measure, lambda: self._executor.measured(measure, members.ids))
        return reached.measured(measure.aggregate)

    def _operand(
        self, members: MemberSet, operand: Operand, measure: Measure, reached: Reached
    ) -> Value | None:
        match operand:
            case Constant(value):
                return value
            case OwnValue(nodes):
                return self.own_value(members, measure, nodes)
        if measure.by:
            return members.fact(
                (measure, operand), lambda: self._executor.operand(operand, measure, members.ids)
            )
        return reached.average(measure.aggregate)

    # Sets --------------------------------------------------------------------------------------------

    def may_join(
        self,
        before: MemberSet,
        join: Join | None,
        others: MemberSet,
        left: int,
        came: Step | None = None,
        direct: bool = True,
    ) -> bool:
        """Whether a set joins another, now or after some steps, to one that is neither empty nor the same.

        `came` and `direct` are those of `steps_on`.
        """
        key = before, join, others, left, came, direct
        found = self._joined.get(key)
        if found is None:
            found = self._joins(before, join, others.ids)
            if not found and left > 0:
                steps = steps_on(others, came, direct)
                found = any(self._joins(before, join, others.reached[step]) for step in steps) or (
                    left > 1 and any(self.may_join(before, join, others.after(s), left - 1, s) for s in steps)
                )
            self._joined[key] = found
        return found

    def _joins(self, before: MemberSet, join: Join | None, others: Ids) -> bool:
        if self._before is not before:
            self._before, self._mask = before, before.mask()
        common = int(np.count_nonzero(self._mask[others]))
        return common < len(others) if join is Join.OR else 0 < common < before.size
