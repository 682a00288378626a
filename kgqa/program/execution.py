"""Execution of programs on the arrays of a graph."""

from __future__ import annotations

from functools import cached_property
from typing import Self, assert_never

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import ProgramError
from kgqa.graph import COMPARABLE, IndexedGraph, SortedFacts, Value, ValueKind, ValueTable, fold_name
from kgqa.graph.adjacency import Ids
from kgqa.program.aggregation import (
    Floats,
    Measured,
    aggregated,
    ends_of_groups,
    values_of_groups,
)
from kgqa.program.classes import Classes
from kgqa.program.comparison import compared
from kgqa.program.condition import (
    Average,
    Compare,
    Condition,
    Constant,
    Has,
    InClass,
    Is,
    Nodes,
    Operand,
    OwnValue,
    TextMatch,
    TextTest,
)
from kgqa.program.denotation import Denotation, Trace
from kgqa.program.measure import Aggregate, Measure, Path
from kgqa.program.program import (
    Clause,
    Combine,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Instances,
    Join,
    Keep,
    Program,
    Start,
    Summary,
    Test,
)
from kgqa.program.sets import among, difference, distinct, first_of_runs, intersection, union
from kgqa.program.steps import Pairs, StepIndex
from kgqa.program.summary_value import average, number_value, summary_value

__all__ = ["Executor"]

_KEPT_MEMBERS, _KEPT_PAIRS = 10_000, 10_000_000
"""Of sets of up to so many members, results of `Executor.pairs` are kept, up to so many members and pairs."""
_ENTRY = 64
"""What a kept result takes beside its members and pairs, in pairs."""
_NONE: Ids = np.empty(0, dtype=np.int32)
_MANY = 4096
"""Of more members, the values are taken from the facts sorted by value."""


class Executor:
    """Executes programs over a graph. Sets are sorted int32 arrays of node numbers.

    Chains are never listed: a step is a gather over rows, a comparison is a search. Text relations, classes
    and values are resolved once a graph; `Executor.of` shares them.
    """

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph
        self.steps = StepIndex.of(graph)
        self.classes = Classes.of(graph)
        self._pairs: dict[tuple[bytes, Path], Pairs] = {}
        self._kept = 0

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The executor of a graph, kept with it."""
        return graph.derive(cls)

    @cached_property
    def values(self) -> ValueTable:
        """The values of the graph's literals."""
        return ValueTable.of(self.graph)

    def execute(self, program: Program) -> Denotation:
        """What a program denotes.

        Raises `UnknownEntityError`, `UnknownRelationError` or `ProgramError` for what the graph has not.
        """
        return self.trace(program).denotation

    def trace(self, program: Program) -> Trace:
        """The sets that a program goes through; raises as `execute` does."""
        members = self.start(program.start)
        trace = Trace(members)
        for clause in program.clauses:
            members = self.apply(clause, members)
            trace.after.append(members)
        denotation = Denotation(members) if program.final is None else self.finish(program.final, members)
        return Trace(trace.start, trace.after, denotation)

    # Sets ----------------------------------------------------------------------------------------

    def start(self, start: Start) -> Ids:
        """The set that a program begins with."""
        if isinstance(start, Instances):
            return self.classes.instances(self.numbers(start.nodes))
        return distinct(np.concatenate([self.numbers(nodes) for nodes in start.groups]))

    def apply(self, clause: Clause, members: Ids) -> Ids:
        """The set after a clause."""
        match clause:
            case Follow(step):
                return self.follow(members, (step,))
            case Keep(condition, negated):
                kept = self.holding(condition, members)
                if not negated:
                    return kept
                grouped = isinstance(condition, Compare) and condition.measure.by
                base = self.follow(members, grouped) if grouped else members
                return difference(base, kept)
            case Extreme():
                facts = self._facts(clause.measure, members)
                if facts is not None:
                    return self._first(clause, members)
                return self.winners(clause, self.measured(clause.measure, members))
            case Combine(join, program):
                return _JOINS[join](members, self.set_of(program))
        assert_never(clause)

    def set_of(self, program: Program) -> Ids:
        """The set that a program without a final operator denotes."""
        found = self.execute(program).members
        if found is None:
            raise ProgramError("a program within a program denotes a set and has no final operator")
        return found

    def follow(self, members: Ids, path: Path) -> Ids:
        """All that a path reaches from the members."""
        for step in path:
            members = self.steps.reached(members, step)
        return members

    def pairs(self, members: Ids, path: Path) -> Pairs:
        """All distinct pairs of a member and an end of the path, sorted by both."""
        if len(members) > _KEPT_MEMBERS:
            return self.steps.pairs(members, path)
        key = members.tobytes(), path
        found = self._pairs.get(key)
        if found is None:
            found = self.steps.pairs(members, path)
            size = len(members) + len(found.ends) + _ENTRY
            if self._kept + size > _KEPT_PAIRS:
                self._pairs.clear()
                self._kept = 0
            self._pairs[key] = found
            self._kept += size
        return found

    def winners(self, clause: Extreme, measured: Measured) -> Ids:
        """The members with an extreme measure, with all that are equal to them."""
        chosen: NDArray[np.bool_]
        if not len(measured.members):
            return _NONE
        if clause.least:
            low, high, sign = measured.low, measured.high, 1.0
        else:
            low, high, sign = measured.best_low, measured.best_high, -1.0
        keys = np.stack([sign * low, sign * high])
        if clause.rank == 1 and clause.count == 1:
            best = keys[0].min()
            tied = keys[0] == best
            second = keys[1][tied].min()
            chosen = tied & (keys[1] == second)
            return measured.members[chosen]
        _, inverse = np.unique(keys, axis=1, return_inverse=True)
        places = inverse.reshape(-1)
        # the first `count` from the `rank`-th on, counted in members; members of equal measure share a place
        ordered = np.sort(places)
        if clause.rank > len(ordered):
            return _NONE
        first = ordered[clause.rank - 1]
        last = ordered[min(clause.rank + clause.count - 2, len(ordered) - 1)]
        chosen = (places >= first) & (places <= last)
        return measured.members[chosen]

    def _facts(self, measure: Measure, members: Ids) -> SortedFacts | None:
        """All facts of a measure sorted by value, where that is quicker than following the members."""
        if measure.aggregate is not Aggregate.VALUE or len(measure.path) > 1 or len(members) <= _MANY:
            return None
        inverse = measure.path[0].inverse
        relations = self.steps.relations(measure.path[0])
        if inverse or len(relations) > 1 or self.values.relation_kind(relations[0]) not in COMPARABLE:
            return None
        return self.values.by_value(relations[0])

    def _first(self, clause: Extreme, members: Ids) -> Ids:
        """The winners, by the sorted facts of one relation."""
        (relation,) = self.steps.relations(clause.measure.path[0])
        found = self.values.extreme(relation, members, clause.least, clause.rank + clause.count - 1)
        if len(found.members) < clause.rank:
            return _NONE
        at = clause.rank - 1
        same = (found.low == found.low[at]) & (found.high == found.high[at])
        return np.sort(found.members[int(same.argmax()) :])

    # Conditions ----------------------------------------------------------------------------------

    def holding(self, condition: Condition, members: Ids) -> Ids:
        """The members for which a condition holds; of a comparison by groups, the groups' ends."""
        match condition:
            case Is(path, nodes):
                wanted = self.numbers(nodes)
                if not path:
                    return intersection(members, wanted)
                back = self.steps.reached(wanted, path[-1], back=True)
                for step in reversed(path[:-1]):
                    back = self.steps.reached(back, step, back=True)
                return intersection(members, back)
            case InClass(nodes):
                return intersection(members, self.classes.instances(self.numbers(nodes)))
            case Has(path):
                owners = self.pairs(members, path).owners
                return members[owners[first_of_runs(owners)]]
            case Compare():
                return self._comparing(condition, members)
            case TextMatch(path, test, text):
                pairs = self.pairs(members, path)
                ends = distinct(pairs.ends)
                passing = ends[[self.matches(end, test, fold_name(text)) for end in ends.tolist()]]
                owners = pairs.owners[among(pairs.ends, passing)]
                return members[owners[first_of_runs(owners)]]
        assert_never(condition)

    def matches(self, node: int, test: TextTest, wanted: str) -> bool:
        """Whether the name of a node passes a test for a folded text."""
        name = fold_name(self.graph.labels[node])
        match test:
            case TextTest.CONTAINS:
                return wanted in name
            case TextTest.STARTS:
                return name.startswith(wanted)
            case TextTest.ENDS:
                return name.endswith(wanted)
        assert_never(test)

    def _comparing(self, condition: Compare, members: Ids) -> Ids:
        measure = condition.measure
        operand = self.operand(condition.operand, measure, members)
        upper = None if condition.upper is None else self.operand(condition.upper, measure, members)
        if operand is None or (condition.upper is not None and upper is None):
            return _NONE
        if measure.aggregate is not Aggregate.VALUE:
            measured = self.measured(measure, members)
            if measured.kind is not operand.kind:
                return _NONE
            return measured.members[
                compared(measured.low, measured.high, condition.comparator, operand, upper)
            ]
        facts = self._facts(measure, members)
        if facts is not None:
            if self.values.step_kind(self.steps.relations(measure.path[0])) is not operand.kind:
                return _NONE
            holds = compared(facts.low, facts.high, condition.comparator, operand, upper)
            return intersection(members, distinct(facts.heads[holds]))
        owners, low, high, kind = self._valued(members, measure.path)
        if kind is not operand.kind:
            return _NONE
        owners = owners[compared(low, high, condition.comparator, operand, upper)]
        return members[owners[first_of_runs(owners)]]

    def operand(self, operand: Operand, measure: Measure, members: Ids) -> Value | None:
        """What is compared with; `None` where a named entity has no value."""
        match operand:
            case Constant(value):
                return value
            case OwnValue(nodes):
                named = self.numbers(nodes)
                own = self.measured(measure, members if measure.by else named)
                at = np.flatnonzero(among(own.members, named))
                if not len(at):
                    return None
                low, high = own.best_low[at], own.best_high[at]
                best = np.lexsort((high, low))[-1]
                return Value(own.kind, float(low[best]), float(high[best]), "")
            case Average():
                if measure.aggregate is Aggregate.VALUE:
                    numbers, _, kind = self._all_values(members, measure.path)
                else:
                    measured = self.measured(measure, members)
                    numbers, kind = measured.low, measured.kind
                return average(numbers, kind)
        assert_never(operand)

    # Measures ------------------------------------------------------------------------------------

    def measured(self, measure: Measure, members: Ids) -> Measured:
        """The measures of the members, or of the ends of their groups."""
        if not measure.by:
            return self._measures(measure, members, None)
        groups = self.pairs(members, measure.by)
        return self._measures(measure, members, groups)

    def _measures(self, measure: Measure, members: Ids, groups: Pairs | None) -> Measured:
        """The measures of members, or of groups of them: `groups` has pairs of a member and its group."""
        subjects = members if groups is None else distinct(groups.ends)
        if measure.aggregate is Aggregate.COUNT:
            if groups is None:
                owners = self.pairs(members, measure.path).owners
            elif not measure.path:
                owners = np.searchsorted(subjects, groups.ends)
            else:  # distinct ends of the path a group
                reached = self.pairs(members, measure.path)
                group, end = ends_of_groups(groups, reached, subjects)
                owners = np.unique(group * self.graph.entity_count + end) // self.graph.entity_count
            counts = np.bincount(owners, minlength=len(subjects)).astype(np.float64)
            return Measured(subjects, counts, counts, counts, counts, len(subjects), ValueKind.NUMBER)
        owners, low, high, kind = self._valued(members, measure.path)
        if groups is not None:
            owners, low, high = values_of_groups(groups, owners, low, high, subjects)
        return aggregated(measure.aggregate, subjects, owners, low, high, kind)

    def _valued(self, members: Ids, path: Path) -> tuple[NDArray[np.int64], Floats, Floats, ValueKind]:
        """The values that a path reaches: the member's place, low and high bound of each, and their kind."""
        pairs = self.pairs(members, path)
        low, high, kind = self.end_values(path, pairs.ends)
        known = ~np.isnan(low)
        return pairs.owners[known], low[known], high[known], kind

    def end_values(self, path: Path, ends: Ids) -> tuple[Floats, Floats, ValueKind]:
        """The bounds of the values of nodes as ends of a path, NaN where they have none, and their kind."""
        kind, low, high = ValueKind.NONE, np.full(len(ends), np.nan), np.full(len(ends), np.nan)
        relations = sorted(self.steps.relations(path[-1]), key=self.graph.relation)
        for relation in () if path[-1].inverse else relations:
            own = self.values.relation_kind(relation)
            if own in (ValueKind.NONE, ValueKind.TEXT) or kind not in (ValueKind.NONE, own):
                continue
            kind = own
            some_low, some_high = self.values.values_of(relation, ends)
            missing = np.isnan(low)
            low[missing], high[missing] = some_low[missing], some_high[missing]
        return low, high, kind

    def finish(self, final: Final, members: Ids) -> Denotation:
        """The result of a final operator."""
        match final:
            case Count():
                return Denotation(value=number_value(float(len(members))))
            case Summary(aggregate, path):
                return Denotation(value=summary_value(aggregate, *self._all_values(members, path)))
            case Test(condition, negated):
                return Denotation(truth=bool(len(self.holding(condition, members))) != negated)
            case Each(measure):
                return Denotation(table=self.measured(measure, members))
        assert_never(final)

    def _all_values(self, members: Ids, path: Path) -> tuple[Floats, Floats, ValueKind]:
        """Low and high bound of all values that a path reaches, those of each member, and their kind."""
        facts = self._facts(Measure(path), members)
        if facts is None:
            _, low, high, kind = self._valued(members, path)
            return low, high, kind
        chosen = among(facts.heads, members)
        return facts.low[chosen], facts.high[chosen], self.values.step_kind(self.steps.relations(path[0]))

    def numbers(self, nodes: Nodes) -> Ids:
        """The numbers of some nodes, sorted. Raises `UnknownEntityError`."""
        return np.array(sorted({self.graph.entity_id(node) for node in nodes}), dtype=np.int32)


_JOINS = {Join.AND: intersection, Join.OR: union, Join.BUT_NOT: difference}
