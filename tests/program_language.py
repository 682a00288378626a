"""Brute force: every program of up to one clause that the rules of `ProgramGrammar` allow.

Written from its docstring, over the triples of a small graph; sets and measures are those of `ProgramOracle`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

from program_oracle import Members, ProgramOracle
from random_programs import SUBCLASS, TYPE

from kgqa.constraint.programs.mentioned import Mentioned
from kgqa.graph import ValueKind
from kgqa.program import (
    Aggregate,
    Average,
    Classes,
    Clause,
    Combine,
    Comparator,
    Compare,
    Condition,
    Constant,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Has,
    InClass,
    Instances,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    OwnValue,
    Path,
    Program,
    Start,
    Step,
    Summary,
    Test,
    TextMatch,
    TextTest,
    node_text,
)

COMPARABLE = (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION)
SUMMED = (Aggregate.TOTAL, Aggregate.AVERAGE)
OF_MEMBERS = (Aggregate.VALUE, Aggregate.COUNT, Aggregate.TOTAL, Aggregate.AVERAGE)
OF_GROUPS = tuple(aggregate for aggregate in Aggregate if aggregate is not Aggregate.VALUE)
ORDINARY = 12


@dataclass(frozen=True)
class ProgramLanguage:
    """The programs of one question with at most one step, and one clause or one final operator.

    A program in parentheses has a start and at most one clause or step.
    """

    oracle: ProgramOracle
    mentioned: Mentioned
    inverse: bool

    # Programs ------------------------------------------------------------------------------------

    def programs(self) -> Iterator[Program]:
        for start in self.starts():
            members = self.oracle.start(start)
            yield from self.ends(start, (), members)
            for step in self.steps(members, None):
                yield from self.ends(start, (Follow(step),), self.oracle.ends(members, (step,)))

    def ends(self, start: Start, clauses: tuple[Clause, ...], members: Members) -> Iterator[Program]:
        """A program that is at a set: it ends, has a final operator, or a clause and perhaps a step."""
        if clauses or isinstance(start, Instances):
            yield from self.accepted(Program(start, clauses), members)
        yield Program(start, clauses, Count())
        values = bool(clauses) and self.is_values(clauses, members)
        for final in self.finals(start, members, values, whole=not clauses):
            yield Program(start, clauses, final)
        for clause in self.clauses(start, clauses, members, values):
            after = self.oracle.after(members, clause)
            assert after, clause
            longer = (*clauses, clause)
            yield from self.accepted(Program(start, longer), after)
            yield Program(start, longer, Count())
            if clauses:
                continue
            for step in self.steps(after, None):
                last = self.oracle.ends(after, (step,))
                yield from self.accepted(Program(start, (*longer, Follow(step))), last)
                yield Program(start, (*longer, Follow(step)), Count())

    def accepted(self, program: Program, members: Members) -> Iterator[Program]:
        """A set is an answer where some member has a name."""
        graph = self.oracle.random.graph
        if any(graph.label(member) is not None for member in members):
            yield program

    def starts(self) -> Iterator[Start]:
        names = (*self.mentioned.topics, *self.mentioned.nodes)
        for count in range(1, 5):
            yield from (Named(groups) for groups in combinations(names, count))
        yield from (Instances(nodes) for nodes in self.mentioned.classes)

    # Steps and paths -----------------------------------------------------------------------------

    @property
    def all_steps(self) -> list[Step]:
        texts = {self.oracle.text(triple.relation) for triple in self.oracle.triples}
        return [Step(text, inverse) for text in sorted(texts) for inverse in (False, True)]

    def is_schema(self, step: Step) -> bool:
        relations = {t.relation for t in self.oracle.triples if self.oracle.text(t.relation) == step.relation}
        return relations <= {TYPE, SUBCLASS}

    def to_values(self, step: Step) -> bool:
        return not step.inverse and self.oracle.kind_of((step,)) is not ValueKind.NONE

    def steps(self, members: Members, came: Step | None) -> list[Step]:
        there = [
            step
            for step in self.all_steps
            if (not step.inverse or (self.inverse and not self.is_schema(step)))
            and self.oracle.ends(members, (step,))
        ]
        if came is None or not self.to_values(came):
            return there
        forward = [step for step in there if not step.inverse]
        return forward or [step for step in there if self.to_values(step._replace(inverse=False))]

    def is_values(self, clauses: tuple[Clause, ...], members: Members) -> bool:
        last = clauses[-1]
        return (
            isinstance(last, Follow)
            and self.to_values(last.step)
            and all(step.inverse for step in self.steps(members, None))
        )

    def paths(self, members: Members, path: Path = ()) -> Iterator[Path]:
        """The paths of clauses: those with one more step where that is allowed."""
        if len(path) == 3 or (len(path) == 2 and not all(step.inverse for step in path)):
            return
        for step in self.steps(self.oracle.ends(members, path), None):
            if self.is_schema(step) or (path and step == path[-1]._replace(inverse=not path[-1].inverse)):
                continue
            if path and self.to_values(path[-1]) and step.inverse:
                continue
            if len(path) == 2 and step.inverse:
                continue
            yield (*path, step)
            yield from self.paths(members, (*path, step))

    def is_plural(self, members: Members, path: Path) -> bool:
        return any(len(self.oracle.ends({member}, path)) > 1 for member in members)

    # Clauses -------------------------------------------------------------------------------------

    def clauses(
        self, start: Start, before: tuple[Clause, ...], members: Members, values: bool
    ) -> Iterator[Clause]:
        yield from self.class_clauses(members)
        if not values:
            for path in self.paths(members):
                if 0 < len(self.oracle.holding(Has(path), members)) < len(members):
                    yield from (Keep(Has(path), negated) for negated in (False, True))
            for measure, count in self.measures(members):
                yield from self.extremes(measure, count)
            for negated in (False, True):
                for condition in self.conditions(members, negated):
                    yield Keep(condition, negated)
            for by in self.paths(members):
                yield from (Keep(condition) for condition in self.group_conditions(members, by))
        for join in Join:
            for program in self.inner(start, before, members, join):
                yield Combine(join, program)

    def class_clauses(self, members: Members) -> Iterator[Clause]:
        for nodes in Classes.of(self.oracle.random.graph).by_name.values():
            if 0 < len(members & self.oracle.instances(nodes)) < len(members):
                yield from (Keep(InClass(nodes), negated) for negated in (False, True))

    def measures(self, members: Members) -> Iterator[tuple[Measure, int]]:
        """What members and groups are ranked by, with how many have it."""
        paths = list(self.paths(members))
        for path, aggregate in product(paths, OF_MEMBERS):
            if aggregate is Aggregate.VALUE or self.is_plural(members, path):
                yield from self.measured(Measure(path, aggregate), members)
        for by in paths:
            if len(self.oracle.ends(members, by)) < 2:
                continue
            yield from self.measured(Measure((), Aggregate.COUNT, by), members)
            for path, aggregate in product(paths, OF_GROUPS):
                yield from self.measured(Measure(path, aggregate, by), members)

    def measured(self, measure: Measure, members: Members) -> Iterator[tuple[Measure, int]]:
        kind = self.oracle.kind(measure)
        if kind in COMPARABLE and (measure.aggregate not in SUMMED or kind is ValueKind.NUMBER):
            yield measure, len(self.oracle.measures(measure, members))

    def extremes(self, measure: Measure, count: int) -> Iterator[Clause]:
        places = self.mentioned.places
        ranks = [1, *(place for place in places if 1 < place <= 10)]
        counts = [1, *(place for place in places if place > 1)]
        for rank, winners, least in product(ranks, counts, (False, True)):
            if (rank == 1 or winners == 1) and count >= max(2, rank, winners + 1):
                yield Extreme(measure, least, rank, winners)

    # Conditions ----------------------------------------------------------------------------------

    def conditions(
        self, members: Members, negated: bool, test: bool = False, inner: bool = False
    ) -> Iterator[Condition]:
        for condition, mentioned in self.possible(members, negated, test, inner):
            if test:
                yield condition
                continue
            kept = len(self.oracle.holding(condition, members))
            left = len(members) - kept if negated else kept
            if left and kept and (mentioned or kept < len(members)):
                yield condition

    def possible(
        self, members: Members, negated: bool, test: bool, inner: bool
    ) -> Iterator[tuple[Condition, bool]]:
        """Conditions, and whether the question has what they hold."""
        for sort, text in product(TextTest, self.mentioned.texts):
            yield from ((TextMatch(path, sort, text), True) for path in ((), *self.paths(members)))
        if negated:
            known = (*self.mentioned.topics, *self.mentioned.nodes)
            yield from ((Is((), nodes), True) for nodes in known if members & set(nodes))
        for path in self.paths(members):
            yield from self.names(members, path, test, inner)
            for aggregate in OF_MEMBERS:
                if aggregate is not Aggregate.VALUE and not self.is_plural(members, path):
                    continue
                measure = Measure(path, aggregate)
                for compared in self.comparisons(measure, members, test or inner):
                    yield compared, True

    def names(
        self, members: Members, path: Path, test: bool, inner: bool
    ) -> Iterator[tuple[Condition, bool]]:
        graph, ends, said = self.oracle.random.graph, self.oracle.ends(members, path), set()
        for nodes in (*self.mentioned.topics, *self.mentioned.nodes):
            if test and members == set(nodes):
                continue
            if self.same_kind(ends, nodes) if test else ends & set(nodes):
                said.add(node_text(nodes, graph))
                yield Is(path, nodes), True
        measure = Measure(path)
        valued = self.oracle.kind(measure) in COMPARABLE and bool(self.oracle.measures(measure, members))
        if test or inner or len(ends) > ORDINARY or valued or said:
            return
        groups: dict[str, list[str]] = {}
        for number in sorted(graph.entity_id(end) for end in ends):
            end = graph.entity(number)
            if graph.label(end) is not None:
                groups.setdefault(node_text((end,), graph), []).append(end)
        for same in groups.values():
            yield Is(path, tuple(same)), False

    def same_kind(self, members: Members, nodes: tuple[str, ...]) -> bool:
        """Whether a test may ask if members are a node: no class and no value tells them apart."""
        things = {node for node in members if not self.oracle.is_value(node)}
        named = {node for node in nodes if not self.oracle.is_value(node)}
        if members & set(nodes):
            return True
        classes = self.oracle.classes
        return any(
            not classes(one) or not classes(other) or bool(classes(one) & classes(other))
            for one, other in product(things, named)
        )

    def comparisons(self, measure: Measure, members: Members, no_average: bool) -> Iterator[Compare]:
        kind = self.oracle.kind(measure)
        if kind not in COMPARABLE or (measure.aggregate in SUMMED and kind is not ValueKind.NUMBER):
            return
        if not self.oracle.measures(measure, members):
            return
        values = [value for value in self.mentioned.values if value.kind is kind]
        for value, comparator in product(values, Comparator):
            yield Compare(measure, comparator, Constant(value))
        for low, high in product(values, values):
            if low.low < high.low:
                yield Compare(measure, Comparator.AT_LEAST, Constant(low), Constant(high))
        if kind is ValueKind.NUMBER and self.mentioned.averages and not no_average:
            yield from (Compare(measure, comparator, Average()) for comparator in Comparator)
        for nodes, comparator in product(self.mentioned.topics, Comparator):
            if not measure.by and members == set(nodes):
                continue
            if self.oracle.operand(OwnValue(nodes), measure, members) is not None:
                yield Compare(measure, comparator, OwnValue(nodes))

    def group_conditions(self, members: Members, by: Path) -> Iterator[Condition]:
        for path, aggregate in product(((), *self.paths(members)), OF_GROUPS):
            if not path and aggregate is not Aggregate.COUNT:
                continue
            for condition in self.comparisons(Measure(path, aggregate, by), members, False):
                if self.oracle.holding(condition, members):
                    yield condition

    # Programs in parentheses ---------------------------------------------------------------------

    def inner(
        self, start: Start, before: tuple[Clause, ...], outer: Members, join: Join
    ) -> Iterator[Program]:
        names = (*self.mentioned.topics, *self.mentioned.nodes)
        starts: tuple[Start, ...] = (
            *(Named((nodes,)) for nodes in names),
            *map(Instances, self.mentioned.classes),
        )
        for begin in starts:
            members = self.oracle.start(begin)
            further = [
                (clause, after)
                for clause in self.inner_clauses(members, isinstance(begin, Named))
                if self.joins(outer, join, after := self.oracle.after(members, clause))
            ]
            now = isinstance(begin, Instances) and self.joins(outer, join, members)
            by_step = any(isinstance(clause, Follow) for clause, _ in further)
            kept = [clause.condition for clause, _ in further if isinstance(clause, Keep)]
            by_condition = any(not isinstance(condition, InClass) for condition in kept)
            same = bool(before) and isinstance(begin, Instances) and begin == start
            if not (now or by_step or (same and by_condition)):
                continue
            if now:
                yield Program(begin)
            yield from (Program(begin, (clause,)) for clause, _ in further)

    def inner_clauses(self, members: Members, bare: bool) -> Iterator[Clause]:
        """Steps, classes and conditions; a name alone has no conditions."""
        yield from (Follow(step) for step in self.steps(members, None))
        yield from self.class_clauses(members)
        for negated in () if bare else (False, True):
            for condition in self.conditions(members, negated, inner=True):
                yield Keep(condition, negated)

    @staticmethod
    def joins(outer: Members, join: Join, others: Members) -> bool:
        common = len(outer & others)
        return common < len(others) if join is Join.OR else 0 < common < len(outer)

    # Final operators -----------------------------------------------------------------------------

    def finals(self, start: Start, members: Members, values: bool, whole: bool) -> Iterator[Final]:
        whole = whole and isinstance(start, Instances)
        for nodes in (*self.mentioned.topics, *self.mentioned.nodes):
            started = isinstance(start, Named) and nodes in start.groups
            thing = whole and not all(map(self.oracle.is_value, nodes))
            if not started and (thing or self.same_kind(members, nodes)):
                yield Test(Is((), nodes))
        if values:
            return
        yield from (Test(condition) for condition in self.conditions(members, False, test=True))
        for path in self.paths(members):
            for aggregate in OF_GROUPS[1:]:
                for measure, count in self.measured(Measure(path, Aggregate.VALUE), members):
                    summed = aggregate in SUMMED
                    if count and (not summed or self.oracle.kind(measure) is ValueKind.NUMBER):
                        yield Summary(aggregate, path)
        for measure, count in self.measures_of_rows(members):
            if count:
                yield Each(measure)

    def measures_of_rows(self, members: Members) -> Iterator[tuple[Measure, int]]:
        """Like `measures`; a table may count ends where no member has several."""
        for measure, count in self.measures(members):
            if measure.by or measure.aggregate is Aggregate.VALUE:
                yield measure, count
        for path, aggregate in product(self.paths(members), OF_MEMBERS[1:]):
            yield from self.measured(Measure(path, aggregate), members)
