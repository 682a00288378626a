"""Brute force: what programs denote, read off a list of triples, one member after the other.

Written from the docstrings of the algebra; shares no code with its execution.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias, assert_never

from random_programs import SUBCLASS, TYPE, XSD, RandomGraph

from kgqa.graph import Triple, Value, ValueKind, ValueTable, clean_name, fold_name, read_value, split_humps
from kgqa.program import (
    Aggregate,
    Average,
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
    Operand,
    OwnValue,
    Path,
    Program,
    Start,
    Summary,
    Test,
    TextMatch,
    TextTest,
)

Members: TypeAlias = set[str]
Span: TypeAlias = tuple[float, float]
"""Where a value begins and ends; twice the same for a number."""
Result: TypeAlias = frozenset[str] | Span | bool | dict[str, tuple[Span, Span]] | None
"""A set, a value (None: nothing to summarise), a truth value, or each row with its least and greatest."""

ORDERED = (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION, ValueKind.BOOLEAN)
SUMMED = (ValueKind.NUMBER, ValueKind.DURATION)


@dataclass
class ProgramOracle:
    """A graph as a list of triples, with the names of its nodes and relations."""

    random: RandomGraph

    @cached_property
    def triples(self) -> tuple[Triple, ...]:
        return self.random.triples

    def result(self, program: Program) -> Result:
        members = self.start(program.start)
        for clause in program.clauses:
            members = self.after(members, clause)
        return frozenset(members) if program.final is None else self.final(program.final, members)

    # Sets ----------------------------------------------------------------------------------------

    def start(self, start: Start) -> Members:
        if isinstance(start, Instances):
            return self.instances(start.nodes)
        return {node for nodes in start.groups for node in nodes}

    def after(self, members: Members, clause: Clause) -> Members:
        match clause:
            case Follow(step):
                return self.ends(members, (step,))
            case Keep(condition, negated):
                holding = self.holding(condition, members)
                if not negated:
                    return holding
                grouped = isinstance(condition, Compare) and condition.measure.by
                return (self.ends(members, grouped) if grouped else members) - holding
            case Extreme():
                return self.winners(clause, members)
            case Combine(Join.AND, program):
                return members & self.set_of(program)
            case Combine(Join.OR, program):
                return members | self.set_of(program)
            case Combine(_, program):
                return members - self.set_of(program)
        assert_never(clause)

    def set_of(self, program: Program) -> Members:
        found = self.result(program)
        assert isinstance(found, frozenset)
        return set(found)

    def winners(self, clause: Extreme, members: Members) -> Members:
        pick = min if clause.least else max
        best = {member: pick(spans) for member, spans in self.measures(clause.measure, members).items()}
        ordered = sorted(best.values(), reverse=not clause.least)
        chosen = set(ordered[clause.rank - 1 : clause.rank - 1 + clause.count])
        return {member for member, span in best.items() if span in chosen}

    def ends(self, members: Iterable[str], path: Path) -> Members:
        found = set(members)
        for step in path:
            along = {(t.head, t.tail) for t in self.triples if self.text(t.relation) == step.relation}
            if step.inverse:
                along = {(tail, head) for head, tail in along}
            found = {tail for head, tail in along if head in found}
        return found

    def text(self, relation: str) -> str:
        return split_humps(clean_name(self.random.graph.relation_label(relation)) or clean_name(relation))

    def instances(self, classes: Iterable[str]) -> Members:
        found = set(classes)
        while True:
            wider = found | {t.head for t in self.triples if t.relation == SUBCLASS and t.tail in found}
            if wider == found:
                return {t.head for t in self.triples if t.relation == TYPE and t.tail in found}
            found = wider

    def classes(self, node: str) -> Members:
        """The classes of a node, wider ones included."""
        found = {t.tail for t in self.triples if t.relation == TYPE and t.head == node}
        while True:
            wider = found | {t.tail for t in self.triples if t.relation == SUBCLASS and t.head in found}
            if wider == found:
                return found
            found = wider

    def is_value(self, node: str) -> bool:
        """Whether a node is a number, a date, a duration or a boolean."""
        value = self.literal(node)
        return value is not None and value.kind in ORDERED

    # Conditions ----------------------------------------------------------------------------------

    def holding(self, condition: Condition, members: Members) -> Members:
        """The members, or the groups of members, for which a condition holds."""
        match condition:
            case Is(path, nodes):
                return {member for member in members if self.ends({member}, path) & set(nodes)}
            case InClass(nodes):
                return members & self.instances(nodes)
            case Has(path):
                return {member for member in members if self.ends({member}, path)}
            case TextMatch(path, test, text):
                return {
                    member
                    for member in members
                    if any(self.passes(end, test, text) for end in self.ends({member}, path))
                }
            case Compare(measure, comparator, operand, upper):
                own = self.operand(operand, measure, members)
                other = None if upper is None else self.operand(upper, measure, members)
                if own is None or (upper is not None and other is None):
                    return set()
                return {
                    member
                    for member, spans in self.measures(measure, members).items()
                    if any(compares(span, comparator, own, other, self.kind(measure)) for span in spans)
                }
        assert_never(condition)

    def passes(self, node: str, test: TextTest, text: str) -> bool:
        name = fold_name(self.random.graph.label(node) or "")
        wanted = fold_name(text)
        match test:
            case TextTest.CONTAINS:
                return wanted in name
            case TextTest.STARTS:
                return name.startswith(wanted)
            case TextTest.ENDS:
                return name.endswith(wanted)

    def operand(self, operand: Operand, measure: Measure, members: Members) -> Span | None:
        match operand:
            case Constant(value):
                return (value.low, value.high) if value.kind is self.kind(measure) else None
            case OwnValue(nodes):
                found = self.measures(measure, members if measure.by else set(nodes))
                return max((span for node in nodes for span in found.get(node, ())), default=None)
            case Average():
                measures = self.measures(measure, members)
                every = [span[0] for spans in measures.values() for span in spans]
                if not every or self.kind(measure) not in SUMMED:
                    return None
                return sum(every) / len(every), sum(every) / len(every)
        assert_never(operand)

    # Measures ------------------------------------------------------------------------------------

    def measures(self, measure: Measure, members: Members) -> dict[str, list[Span]]:
        """The values of each member, or of each group; those without one are left out."""
        groups = {member: {member} for member in members}
        if measure.by:
            groups = {}
            for member in members:
                for group in self.ends({member}, measure.by):
                    groups.setdefault(group, set()).add(member)
        found: dict[str, list[Span]] = {}
        for subject, own in groups.items():
            if measure.aggregate is Aggregate.COUNT:
                number = float(len(self.ends(own, measure.path)))
                spans = [(number, number)]
            else:
                spans = [span for member in own for span in self.spans(member, measure.path)]
                spans = summarised(measure.aggregate, spans, self.kind(measure))
            if spans:
                found[subject] = spans
        return found

    def spans(self, member: str, path: Path) -> list[Span]:
        """The values that a path reaches from one member, those of other kinds left out."""
        if path[-1].inverse:
            return []
        kind, found = self.kind_of(path), []
        for end in self.ends({member}, path):
            value = self.value(end, path)
            if value is not None and value.kind is kind and kind in ORDERED:
                found.append((value.low, value.high))
        return found

    def kind(self, measure: Measure) -> ValueKind:
        if measure.aggregate is Aggregate.COUNT:
            return ValueKind.NUMBER
        return self.kind_of(measure.path)

    def kind_of(self, path: Path) -> ValueKind:
        """The kind of the first of the relations that has one: that of most of its tails."""
        if path[-1].inverse:
            return ValueKind.NONE
        for relation in sorted(self.relations(path)):
            tails = {t.tail for t in self.triples if t.relation == relation}
            if any(tail in self.random.literals for tail in tails):
                kinds = Counter(value.kind for tail in tails if (value := self.literal(tail)) is not None)
                counts = [(kinds[kind], -kind, kind) for kind in ORDERED if kinds[kind]]
                if counts:
                    return max(counts)[2]
            else:
                found = ValueTable.of(self.random.graph)
                kind = found.relation_kind(self.random.graph.relation_id(relation))
                if kind in ORDERED:
                    return kind
        return ValueKind.NONE

    def relations(self, path: Path) -> set[str]:
        return {t.relation for t in self.triples if self.text(t.relation) == path[-1].relation}

    def value(self, node: str, path: Path) -> Value | None:
        if node in self.random.literals:
            return self.literal(node)
        graph = self.random.graph
        table = ValueTable.of(graph)
        for relation in sorted(self.relations(path)):  # the cells of columns
            value = table.value(graph.relation_id(relation), graph.entity_id(node))
            if value.kind in ORDERED and value.kind is self.kind_of(path):
                return value
        return None

    def literal(self, node: str) -> Value | None:
        if node not in self.random.literals:
            return None
        text, form = self.random.literals[node]
        return read_value(text, "" if form == "string" or form.startswith("@") else XSD + form)

    # Results -------------------------------------------------------------------------------------

    def final(self, final: Final, members: Members) -> Result:
        match final:
            case Count():
                return float(len(members)), float(len(members))
            case Summary(aggregate, path):
                spans = [span for member in members for span in self.spans(member, path)]
                found = summarised(aggregate, spans, self.kind_of(path))
                return found[0] if found else None
            case Test(condition, negated):
                return bool(self.holding(condition, members)) != negated
            case Each(measure):
                rows = self.measures(measure, members)
                return {member: (min(spans), max(spans)) for member, spans in rows.items()}
        assert_never(final)


def summarised(aggregate: Aggregate, spans: list[Span], kind: ValueKind) -> list[Span]:
    if not spans or aggregate is Aggregate.VALUE:
        return spans
    if aggregate is Aggregate.HIGHEST:
        return [max(spans)]
    if aggregate is Aggregate.LOWEST:
        return [min(spans)]
    if kind not in SUMMED:
        return []
    total = sum(low for low, _ in spans)
    number = total / len(spans) if aggregate is Aggregate.AVERAGE else total
    return [(number, number)]


def compares(span: Span, comparator: Comparator, operand: Span, upper: Span | None, kind: ValueKind) -> bool:
    """Of dates: after the other's end, before its begin, not before its begin, not after its end, within."""
    (low, high), (begin, end) = span, operand
    if upper is not None:
        return low >= begin and high <= upper[1]
    match comparator:
        case Comparator.ABOVE:
            return low >= end if kind is ValueKind.DATE else low > end
        case Comparator.BELOW:
            return high <= begin if kind is ValueKind.DATE else high < begin
        case Comparator.AT_LEAST:
            return low >= begin
        case Comparator.AT_MOST:
            return high <= end
        case Comparator.EQUALS:
            return low >= begin and high <= end
