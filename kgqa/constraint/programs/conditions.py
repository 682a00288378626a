"""The conditions that a path may end in: values and names of the question, and a few names of the graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import product

import numpy as np

from kgqa.constraint.programs.joins import Joins
from kgqa.constraint.programs.measures import Measures
from kgqa.constraint.programs.member_set import MemberSet
from kgqa.constraint.programs.mentioned import Mentioned
from kgqa.constraint.programs.path_level import MEASURABLE, Bools, PathLevel
from kgqa.constraint.programs.program_node import Pending, Purpose
from kgqa.constraint.programs.reached import Reached
from kgqa.constraint.programs.same_kind import SameKind
from kgqa.constraint.programs.whole_clauses import SUMMED, measured
from kgqa.graph import ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.graph.values.value_column import is_about_time
from kgqa.program import (
    Aggregate,
    Average,
    Comparator,
    Compare,
    Condition,
    Constant,
    Executor,
    Is,
    Join,
    Keep,
    Measure,
    Nodes,
    OwnValue,
    TextMatch,
    TextTest,
)
from kgqa.program.measure import SUMMARIES
from kgqa.program.sets import among, common_any, distinct
from kgqa.program.text import COMPARATORS, DATE_COMPARATORS, constant_text, node_text

__all__ = ["Conditions"]

MOST_ENUMERATED = 12
"""Up to so many ends of a path are offered by their names where the question does not have them."""
_MORE_OR_LESS = (Comparator.ABOVE, Comparator.BELOW)


class Conditions:
    """Finds the conditions for one question."""

    def __init__(self, executor: Executor, mentioned: Mentioned) -> None:
        self._executor = executor
        self._graph = executor.graph
        self._mentioned = mentioned
        self._joins = Joins()
        self._measures = Measures(executor, self, mentioned.has_numbers)

    @property
    def measures(self) -> Measures:
        """Whether clauses can be executed, with these conditions."""
        return self._measures

    @property
    def joins(self) -> Joins:
        """Which sets may join others."""
        return self._joins

    def any_of(self, members: MemberSet, pending: Pending, reached: Reached) -> bool:
        """Whether a condition can be made of a path."""
        if (
            (reached.depth or (pending.by and pending.aggregate is Aggregate.COUNT))
            and pending.inner is None
            and self._measures.comparisons(members, pending, reached)
        ):
            return True
        return self._divides(members, pending, reached) or any(
            True for _ in self.of(members, pending, reached)
        )

    def _divides(self, members: MemberSet, pending: Pending, reached: Reached) -> bool:
        """Whether the name of an end is a condition for sure: there are few, and some member has none."""
        return (
            pending.aggregate is Aggregate.VALUE
            and not (pending.test or pending.inner)
            and reached.having < len(members.table.members)
            and self._enumerates(reached)
            and bool(self._graph.has_name(reached.nodes).any())
        )

    def possible(self, members: MemberSet, pending: Pending, level: PathLevel) -> Bools | None:
        """Which paths perhaps end in a condition; `None`: each has to be looked at.

        There are comparisons with values of the question and of its topics, its names and its texts only, and
        the names of other ends: in a set of one, these neither keep nor lose some members.
        """
        free = not (pending.test or pending.inner)
        if pending.by:
            return self._of_groups(members, pending, level)
        if free and pending.aggregate is Aggregate.COUNT:
            return None if self._mentioned.has_numbers or self._others else _none(level)
        if free and members.size > 1 and (members.table.sampled or self._mentioned.texts):
            return None
        deciding, apart = None, False
        if pending.inner is not None:
            outer, join, left, _ = pending.inner
            assert outer.members is not None
            deciding = self._joins.deciding(outer.members, join, members, left)
            if deciding is not None and not deciding.any():
                return _none(level)
            if deciding is not None and not left and join is not Join.OR:
                apart = np.count_nonzero(deciding) == outer.members.size
            if pending.negated and not apart:
                deciding = None
        rows = None if deciding is None else deciding[level.owners]
        if pending.aggregate is Aggregate.COUNT:
            if ValueKind.NUMBER not in self._kinds:
                return _none(level)
            return level.unequal(deciding) if apart and deciding is not None else None
        kinds = set(self._kinds)
        if free and self._mentioned.averages:
            kinds.add(ValueKind.NUMBER)
        if pending.aggregate in SUMMED:
            kinds = kinds & {ValueKind.NUMBER}
        found = level.of_kinds(kinds)
        if rows is not None and found.any():
            found &= level.any_of(rows & ~np.isnan(level.low))
        if pending.aggregate is not Aggregate.VALUE:
            return found
        if free and members.size > 1:
            found |= ~level.comparable  # perhaps the name of an end
        if self._mentioned.texts or (pending.test and self._known):
            return found | (level.any_of(rows) if rows is not None else True)
        if self._known:
            known = among(level.ends, self._known_numbers)
            found |= level.any_of(known if rows is None else known & rows)
        return found

    def _of_groups(self, members: MemberSet, pending: Pending, level: PathLevel) -> Bools | None:
        """As `possible`, for measures of groups."""
        groups = members.table.at(pending.by)
        if groups is None or members.table.sampled:
            return None
        counted = self._mentioned.has_numbers or self.names_group(groups)
        if pending.aggregate is Aggregate.COUNT:
            return None if counted else _none(level)
        if not (counted or self._mentioned.values):
            return _none(level)
        return level.of_kinds((ValueKind.NUMBER,)) if pending.aggregate in SUMMED else level.comparable

    def of(
        self, members: MemberSet, pending: Pending, reached: Reached
    ) -> Iterator[tuple[tuple[str, ...], Condition]]:
        """The conditions that a path may end in, with their words.

        Each keeps some members (a test: any), and one within brackets a set that may still be closed.
        """
        for words, condition, mentioned in self._possible(members, pending, reached):
            if pending.test:
                yield words, condition
                continue
            kept = self._measures.kept(members, condition, reached)
            left = members.size - kept if pending.negated else kept
            if not (left and (mentioned or kept < members.size) and not (pending.negated and not kept)):
                continue
            if pending.inner is None or self._may_close(members, pending, condition):
                yield words, condition

    def _may_close(self, members: MemberSet, pending: Pending, condition: Condition) -> bool:
        assert pending.inner is not None
        outer, join, left, came = pending.inner
        after = members.after_clause(Keep(condition, pending.negated))
        assert outer.members is not None
        return self._joins.may_join(outer.members, join, after, left, came, direct=False)

    def _possible(
        self, members: MemberSet, pending: Pending, reached: Reached
    ) -> Iterator[tuple[tuple[str, ...], Condition, bool]]:
        path = reached.path
        if path or (pending.by and pending.aggregate is Aggregate.COUNT):
            kind, _ = measured(members, pending, reached)
            if kind in MEASURABLE and (self._measures.comparisons(members, pending, reached) is not False):
                measure = Measure(path, pending.aggregate, pending.by)
                yield from self._comparisons(members, measure, kind, pending)
        if pending.aggregate is Aggregate.VALUE:
            if path:
                yield from self._names_at(members, pending, reached)
            elif pending.negated and not pending.test:
                for nodes, numbers, words in self._known:
                    if common_any(numbers, reached.nodes):
                        yield (" is", words), Is((), nodes), True
            for test, text in product(TextTest, () if self._mentioned.compared else self._mentioned.texts):
                yield (f" {test}", f" {text}"), TextMatch(path, test, text), True

    def may_compare_groups(self, members: MemberSet, groups: Reached) -> bool:
        """Whether some measure of groups perhaps makes a condition."""
        if self._mentioned.has_numbers or self.names_group(groups):
            return True  # the number of their members does
        return bool(self._mentioned.values) and any(
            self._measures.may_begin(members, Pending(Purpose.CONDITION, aggregate=aggregate, by=groups.path))
            for aggregate in SUMMARIES
        )

    def names_group(self, groups: Reached) -> bool:
        """Whether a name that may be compared with is one of the groups."""
        return any(common_any(numbers, groups.nodes) for numbers in self._other_numbers)

    def tested_names(self, members: MemberSet, *, whole_class: bool) -> Iterator[Nodes]:
        """The names of the question that the members of a set may be, whether one is or not.

        All things may be of a class: "is Ann a doctor?" is no where the graph knows her as a patient.
        """
        kinds = SameKind.of(self._graph)
        for nodes, numbers, _ in self._known:
            if kinds.as_any(numbers, members.ids) or (whole_class and kinds.is_thing(numbers)):
                yield nodes

    def _are(self, members: MemberSet, nodes: Nodes) -> bool:
        """Whether the members of a set are those with a name, which are not compared with themselves."""
        return members.size <= len(nodes) and np.array_equal(
            members.ids, np.sort(self._executor.numbers(nodes))
        )

    def _may_be(self, nodes: Ids, members: Ids) -> bool:
        return SameKind.of(self._graph).as_any(nodes, members)

    @cached_property
    def _kinds(self) -> set[ValueKind]:
        """What is compared: the kinds of the question's values, and all that its topics may have."""
        found = {value.kind for value in self._mentioned.values}
        return found.union(MEASURABLE) if self._others else found

    @cached_property
    def _other_numbers(self) -> list[Ids]:
        return [self._executor.numbers(nodes) for nodes in self._others]

    @property
    def _others(self) -> Sequence[Nodes]:
        """The names that may be compared with."""
        compared = self._mentioned.compared
        return self._mentioned.topics if compared is None else (compared.second,)

    @cached_property
    def _known(self) -> list[tuple[Nodes, Ids, str]]:
        """The names of the question with their numbers and words; none where two are only compared."""
        if self._mentioned.compared is not None:
            return []
        return [
            (nodes, self._executor.numbers(nodes), node_text(nodes, self._graph))
            for nodes in (*self._mentioned.topics, *self._mentioned.nodes)
        ]

    @cached_property
    def _known_numbers(self) -> Ids:
        parts = [numbers for _, numbers, _ in self._known]
        return distinct(np.concatenate(parts)) if parts else np.empty(0, dtype=np.int32)

    def _names_at(
        self, members: MemberSet, pending: Pending, reached: Reached
    ) -> Iterator[tuple[tuple[str, ...], Condition, bool]]:
        path, ends = reached.path, reached.nodes
        said: set[str] = set()
        if pending.test or common_any(self._known_numbers, ends):
            for nodes, numbers, words in self._known:
                if pending.test and self._are(members, nodes):
                    continue
                if self._may_be(numbers, ends) if pending.test else common_any(numbers, ends):
                    said.add(words)
                    yield (" is", words), Is(path, nodes), True
        if not self._enumerates(reached) or pending.test or pending.inner is not None or members.size == 1:
            return  # none, or none that keeps some members and loses others
        if reached.few is None:
            groups: dict[str, list[str]] = {}
            for end in ends[self._graph.has_name(ends)].tolist():
                entity = self._graph.entity(end)
                groups.setdefault(node_text((entity,), self._graph), []).append(entity)
            reached.few = [(words, tuple(same)) for words, same in groups.items()]
        for words, same in reached.few:
            if words not in said:
                yield (" is", words), Is(path, same), False

    def _enumerates(self, reached: Reached) -> bool:
        """Whether ends of a path are offered that the question does not name: few, and it names none of them.

        Numbers and dates that the question means are in it.
        """
        few = len(reached.nodes) <= MOST_ENUMERATED and reached.kind not in MEASURABLE
        return few and not common_any(self._known_numbers, reached.nodes)

    def _comparisons(
        self, members: MemberSet, measure: Measure, kind: ValueKind, pending: Pending
    ) -> Iterator[tuple[tuple[str, ...], Condition, bool]]:
        only = self._mentioned.compared
        if only is not None and only.dated and not _is_time(measure, kind):
            return
        averages = self._mentioned.averages and not pending.test and pending.inner is None
        if kind is ValueKind.NUMBER and averages:
            for comparator in Comparator:
                words = (COMPARATORS[comparator], " the average")
                yield words, Compare(measure, comparator, Average()), True
        values = [] if only else [value for value in self._mentioned.values if value.kind is kind]
        comparators = DATE_COMPARATORS if kind is ValueKind.DATE else COMPARATORS
        for value, comparator in product(values, Comparator):
            yield (
                (comparators[comparator], constant_text(value)),
                Compare(measure, comparator, Constant(value)),
                True,
            )
        for low, high in product(values, values):
            if low.low < high.low:
                compared = Compare(measure, Comparator.AT_LEAST, Constant(low), Constant(high))
                yield (" between", constant_text(low), " and", constant_text(high)), compared, True
        for nodes in self._others:
            if not measure.by and self._are(members, nodes):
                continue
            if self._measures.own_value(members, measure, nodes) is not None:
                for comparator in Comparator if only is None else _MORE_OR_LESS:
                    said = (COMPARATORS[comparator], " that of", node_text(nodes, self._graph))
                    yield said, Compare(measure, comparator, OwnValue(nodes)), True


def _none(level: PathLevel) -> Bools:
    return np.zeros(len(level), dtype=np.bool_)


def _is_time(measure: Measure, kind: ValueKind) -> bool:
    """Whether a measure says when something was: a date, or a number that is a year."""
    years = kind is ValueKind.NUMBER and measure.aggregate is Aggregate.VALUE
    return kind is ValueKind.DATE or (years and is_about_time(measure.path[-1].relation))
