"""Which clauses a set allows: the paths that conditions, superlatives and sums can be made of."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from kgqa.constraint.programs.leads import Leads, Stands
from kgqa.constraint.programs.member_set import MemberSet, MemberSets
from kgqa.constraint.programs.path_level import MEASURABLE, Bools, PathLevel
from kgqa.constraint.programs.program_node import Pending, Purpose
from kgqa.constraint.programs.reached import Reached
from kgqa.constraint.programs.whole_clauses import (
    SUMMED,
    is_plural,
    is_whole,
    measured,
    whole_paths,
)
from kgqa.graph import Value, ValueKind
from kgqa.program import (
    Aggregate,
    Compare,
    Condition,
    Constant,
    Executor,
    Is,
    Measure,
    Measured,
    Nodes,
    Operand,
    OwnValue,
    Step,
)
from kgqa.program.comparison import compared
from kgqa.program.sets import among, common_any

__all__ = ["MEMBER_AGGREGATES", "ConditionRules", "Measures"]

MEMBER_AGGREGATES = (Aggregate.COUNT, Aggregate.TOTAL, Aggregate.AVERAGE)
"""What is made of the ends of a path from one member; its highest and lowest value need no aggregate."""


_OF_QUESTION = (Purpose.CONDITION, Purpose.GROUP_CONDITION)
"""What depends on the values and names of the question."""


class ConditionRules(Protocol):
    """Which paths may end in a condition."""

    def any_of(self, members: MemberSet, pending: Pending, reached: Reached) -> bool:
        """Whether a path may."""
        ...

    def possible(self, members: MemberSet, pending: Pending, level: PathLevel) -> Bools | None:
        """Which paths of a level perhaps may; `None`: each has to be looked at."""
        ...

    def names_group(self, groups: Reached) -> bool:
        """Whether a name that may be compared with is one of the groups."""
        ...

    def may_compare_groups(self, members: MemberSet, groups: Reached) -> bool:
        """Whether groups can be compared by some measure."""
        ...


class Measures:
    """Says which clauses can be executed over a set, and which unfinished ones can be completed.

    Results that hold for all questions are cached with the set; those that depend on the values and names of
    a question are cached while it is decoded. `conditions` says which paths may end in a condition. With
    `numbers` the question has something that any numbers compare with: a number, or their average.
    """

    def __init__(self, executor: Executor, conditions: ConditionRules, numbers: bool) -> None:
        self._executor = executor
        self._conditions = conditions
        self._numbers = numbers
        self._leading: dict[tuple[MemberSet, Pending], Leads] = {}
        self._begun: dict[tuple[MemberSet, Pending], bool] = {}
        self._onwards: dict[Nodes, frozenset[Step]] = {}

    # Clauses -----------------------------------------------------------------------------------------

    def may_begin(self, members: MemberSet, pending: Pending) -> bool:
        """Whether a clause can be completed from the words that it begins with, without a path yet."""
        if pending.purpose not in _OF_QUESTION:
            pending = pending._replace(least=False)  # "least" may begin where "most" may
            return members.fact(("begins", pending), lambda: self._may_begin(members, pending))
        key = members, pending
        found = self._begun.get(key)
        if found is None:
            found = self._begun[key] = self._may_begin(members, pending)
        return found

    def steps(self, members: MemberSet, pending: Pending) -> list[Step]:
        """The steps that the path of a clause may go on with."""
        reached = members.table.at(pending.path)
        if reached is None:
            return []
        return [child.path[-1] for child in self._leads(members, pending._replace(path=())).after(reached)]

    def _may_begin(self, members: MemberSet, pending: Pending) -> bool:
        if pending.negated and members.size == 1 and not (pending.test or pending.by):
            return False  # one member is kept or lost
        return self._leads(members, pending).begins() or self._stands(members, pending, members.table.root)

    def _leads(self, members: MemberSet, pending: Pending) -> Leads:
        """The paths of a clause, from the words that it begins with."""
        if pending.purpose not in _OF_QUESTION:
            pending = pending._replace(least=False)
            return members.fact(("leads", pending), lambda: _leads(members, pending))
        key = members, pending
        if key not in self._leading:
            grouped = pending.purpose is Purpose.GROUP_CONDITION
            self._leading[key] = Leads(
                members.table,
                lambda level: None if grouped else self._possible(members, pending, level),
                lambda reached: self._stands(members, pending, reached),
            )
        return self._leading[key]

    def _possible(self, members: MemberSet, pending: Pending, level: PathLevel) -> Bools | None:
        """Which paths a condition may perhaps have."""
        found = self._conditions.possible(members, pending, level)
        if pending.by or pending.aggregate is Aggregate.VALUE:
            return found
        return level.plural if found is None else found & level.plural

    def _stands(self, members: MemberSet, pending: Pending, reached: Reached) -> bool:
        """Whether a clause with this path (not that of `pending`) is whole, or goes on otherwise."""
        depth = reached.depth
        if pending.purpose is Purpose.GROUP_CONDITION:
            return bool(depth) and self._conditions.may_compare_groups(members, reached)
        if pending.purpose is not Purpose.CONDITION:
            aggregated = pending.purpose in (Purpose.EXTREME, Purpose.EACH)
            if aggregated and not depth and not pending.by:
                return self._may_aggregate(members, pending)
            return is_whole(members, pending, reached)
        if depth and not is_plural(pending, reached):
            return False
        return self._conditions.any_of(members, pending, reached) or (
            not depth and not pending.by and self._may_aggregate(members, pending)
        )

    def _may_aggregate(self, members: MemberSet, pending: Pending) -> bool:
        return pending.aggregate is Aggregate.VALUE and any(
            self.may_begin(members, pending._replace(aggregate=aggregate)) for aggregate in MEMBER_AGGREGATES
        )

    # Conditions --------------------------------------------------------------------------------------

    def comparisons(self, members: MemberSet, pending: Pending, reached: Reached) -> bool | None:
        """Whether some comparison over a path makes a condition; `None` if each has to be tried.

        Some numbers are always above, below or equal to a number, or to their average, and the count of a
        group to itself. A condition that is negated keeps something only where not all members have the same
        value.
        """
        if pending.test:
            return None
        kind, count = measured(members, pending, reached)
        if kind not in MEASURABLE:
            return False
        compares = True if self._numbers and kind is ValueKind.NUMBER else None
        if not (compares or pending.negated) and pending.by and pending.aggregate is Aggregate.COUNT:
            groups = members.table.at(pending.by)
            if groups is not None and self._conditions.names_group(groups):
                return True
        if not pending.negated or (not pending.by and count < len(members.table.members)):
            return compares
        return None if pending.by or members.table.sampled or _differs(pending, reached) else False

    def own_value(self, members: MemberSet, measure: Measure, nodes: Nodes) -> Value | None:
        """The measure of a named entity; with groups, of the one that it is."""
        counted = measure.aggregate is Aggregate.COUNT
        if not (counted or measure.by) and measure.path[0] not in self._onward(members.sets, nodes):
            return None  # as in most cases: found faster so
        groups = members.table.at(measure.by) if measure.by else None
        if measure.by and (groups is None or not common_any(self._executor.numbers(nodes), groups.nodes)):
            return None

        def find() -> Value | None:
            found = self._executor.operand(OwnValue(nodes), measure, members.ids)
            if found is None or (measure.aggregate in SUMMED and found.kind is not ValueKind.NUMBER):
                return None
            return found

        own = members if measure.by else members.sets
        return own.fact((measure, nodes), find)

    def _onward(self, sets: MemberSets, nodes: Nodes) -> frozenset[Step]:
        """The steps that a named entity has."""
        found = self._onwards.get(nodes)
        if found is None:
            found = self._onwards[nodes] = frozenset(sets.of(self._executor.numbers(nodes)).onward)
        return found

    def kept(self, members: MemberSet, condition: Condition, reached: Reached) -> int:
        """For how many members, or groups of them, a condition holds."""
        if isinstance(condition, Compare) and not members.table.sampled:
            return self._comparing(members, condition, reached)
        if isinstance(condition, Is) and not members.table.sampled:
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
            found = self._values(members, measure, reached)
            if found.kind is not operand.kind:
                return 0
            rows = compared(found.low, found.high, condition.comparator, operand, upper)
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


def _leads(members: MemberSet, pending: Pending) -> Leads:
    """The paths of a clause that is no condition."""

    def may_stand(level: PathLevel) -> Bools | None:
        return whole_paths(members, pending, level)

    known = whole_paths(members, pending, members.table.level(1)) is not None
    stands: Stands | None = None if known else lambda reached: is_whole(members, pending, reached)
    return Leads(members.table, may_stand, stands)


def _differs(pending: Pending, reached: Reached) -> bool:
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
            measures = reached.measured(aggregate)
            low, high = measures.low, measures.high
        found = bool((low != low[0]).any() or (high != high[0]).any())
        reached.differs[aggregate] = found
    return found
