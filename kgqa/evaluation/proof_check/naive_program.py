"""Programs executed the plain way, on sets of identifiers: what a proof is checked against."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from kgqa.errors import ProgramError, UnknownEntityError, UnknownRelationError
from kgqa.evaluation.proof_check.facts import Facts
from kgqa.evaluation.proof_check.value_columns import Bounds
from kgqa.graph import Value, ValueKind, fold_name
from kgqa.program.condition import (
    Average,
    Comparator,
    Compare,
    Condition,
    Constant,
    Has,
    InClass,
    Is,
    Operand,
    OwnValue,
    TextMatch,
    TextTest,
)
from kgqa.program.measure import Aggregate, Measure, Path
from kgqa.program.program import Clause, Combine, Extreme, Follow, Instances, Join, Keep, Program, Start

__all__ = ["NaiveProgram", "Stage", "Table", "Term", "compares", "ranking_keys", "summary_of", "summed"]


class Term(NamedTuple):
    """One thing that is counted or summed: the member it is reached from, the node, its value."""

    owner: str
    end: str
    value: Bounds | None = None


@dataclass(frozen=True)
class Table:
    """The measures of members or groups: the least and the greatest bounds of each, and its terms."""

    kind: ValueKind
    least: dict[str, Bounds]
    most: dict[str, Bounds]
    terms: dict[str, list[Term]]
    valued: set[str]
    """The members that have a value, or are in a group and have something that is summed."""


@dataclass(frozen=True)
class Stage:
    """A program with its sets: the first one and that after each clause; of combined ones, their stages."""

    program: Program
    sets: list[set[str]]
    inner: dict[int, Stage]


class NaiveProgram:
    """Executes programs on `Facts`."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def stage(self, program: Program) -> Stage:
        """The sets of a program.

        Raises `UnknownEntityError`, `UnknownRelationError` and `ProgramError` as the executor does.
        """
        found = Stage(program, [self.start(program.start)], {})
        for place, clause in enumerate(program.clauses):
            if isinstance(clause, Combine):
                if clause.program.final is not None:
                    raise ProgramError("a program within a program denotes a set and has no final operator")
                found.inner[place] = self.stage(clause.program)
            found.sets.append(self._after(clause, found.sets[-1], found.inner.get(place)))
        return found

    def start(self, start: Start) -> set[str]:
        """The set that a program begins with."""
        if isinstance(start, Instances):
            return self.facts.instances(self._known(start.nodes))
        return {node for nodes in start.groups for node in self._known(nodes)}

    def _after(self, clause: Clause, members: set[str], inner: Stage | None) -> set[str]:
        match clause:
            case Follow(step):
                return {end for node in members for end in self.reach(node, (step,))}
            case Keep(condition, negated):
                held = self.holding(condition, members)
                if not negated:
                    return held
                grouped = condition.measure.by if isinstance(condition, Compare) else ()
                return {end for node in members for end in self.reach(node, grouped)} - held
            case Extreme(measure):
                return set(self.winners(clause, self.table(measure, members)))
            case Combine(join):
                others = set() if inner is None else inner.sets[-1]
                match join:
                    case Join.AND:
                        return members & others
                    case Join.OR:
                        return members | others
                    case Join.BUT_NOT:
                        return members - others
                assert_never(join)
        assert_never(clause)

    def reach(self, node: str, path: Path) -> set[str]:
        """All ends of a path from a node."""
        found = {node}
        for text, inverse in path:
            if not self.facts.relations(text):
                raise UnknownRelationError(text)
            found = {end for here in found for end in self.facts.step(here, text, inverse)}
        return found

    def _known(self, nodes: tuple[str, ...]) -> set[str]:
        for node in nodes:
            if not self.facts.knows(node):
                raise UnknownEntityError(node)
        return set(nodes)

    # Conditions ----------------------------------------------------------------------------------

    def holding(self, condition: Condition, members: set[str]) -> set[str]:
        """The members, or groups, for which a condition holds."""
        match condition:
            case Is(path, nodes):
                wanted = self._known(nodes)
                return {node for node in members if self.reach(node, path) & wanted}
            case InClass(nodes):
                return members & self.facts.instances(self._known(nodes))
            case Has(path):
                return {node for node in members if self.reach(node, path)}
            case TextMatch(path):
                return {
                    n for n in members if any(self.matches(condition, end) for end in self.reach(n, path))
                }
            case Compare(measure, _, operand, upper):
                table = self.table(measure, members)
                first = self.operand(operand, measure, members)
                second = None if upper is None else self.operand(upper, measure, members)
                if first is None or (upper is not None and second is None) or first[0] != table.kind:
                    return set()
                last = None if second is None else second[1]
                return {
                    node
                    for node in table.least
                    if any(
                        compares(condition.comparator, value, first, last)
                        for value in self.compared_values(measure, table, node)
                    )
                }
        assert_never(condition)

    def matches(self, condition: TextMatch, node: str) -> bool:
        """Whether the name of a node passes the test."""
        name, wanted = fold_name(self.facts.label(node)), fold_name(condition.text)
        match condition.test:
            case TextTest.CONTAINS:
                return wanted in name
            case TextTest.STARTS:
                return name.startswith(wanted)
            case TextTest.ENDS:
                return name.endswith(wanted)
        assert_never(condition.test)

    def compared_values(self, measure: Measure, table: Table, node: str) -> list[Bounds]:
        """What is compared for a member: each of its values, or the aggregate."""
        if measure.aggregate is Aggregate.VALUE:
            return [term.value for term in table.terms[node] if term.value is not None]
        return [table.least[node]]

    def operand(
        self, operand: Operand, measure: Measure, members: set[str]
    ) -> tuple[ValueKind, Bounds] | None:
        """What is compared with; `None` where there is nothing."""
        match operand:
            case Constant(Value(kind, low, high)):
                return kind, (low, high)
            case OwnValue(nodes):
                named = self._known(nodes)
                table = self.table(measure, members if measure.by else named)
                own = [bounds for node, bounds in table.most.items() if node in named]
                return (table.kind, max(own)) if own else None
            case Average():
                table = self.table(measure, members)
                values = [
                    value for node in table.least for value in self.compared_values(measure, table, node)
                ]
                if not values or table.kind not in (ValueKind.NUMBER, ValueKind.DURATION):
                    return None
                mean = summed((low for low, _ in values), len(values))
                return table.kind, (mean, mean)
        assert_never(operand)

    # Measures ------------------------------------------------------------------------------------

    def table(self, measure: Measure, members: set[str]) -> Table:
        """The measures of the members, or of their groups."""
        groups: dict[str, list[str]] = {}
        for node in members:
            for subject in self.reach(node, measure.by):
                groups.setdefault(subject, []).append(node)
        kind = ValueKind.NUMBER if measure.aggregate is Aggregate.COUNT else self._kind(measure.path)
        found = Table(kind, {}, {}, {}, set())
        for subject, owners in groups.items():
            terms = self._terms(measure, owners)
            if measure.aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE) and kind not in (
                ValueKind.NUMBER,
                ValueKind.DURATION,
            ):
                terms = []
            if terms or measure.aggregate is Aggregate.COUNT:
                counted = measure.aggregate is Aggregate.COUNT
                found.valued.update(owners if counted else (term.owner for term in terms))
                found.least[subject], found.most[subject] = summary_of(measure.aggregate, terms)
                found.terms[subject] = terms
        return found

    def _kind(self, path: Path) -> ValueKind:
        for text, _ in path:
            if not self.facts.relations(text):
                raise UnknownRelationError(text)
        return ValueKind.NONE if path[-1].inverse else self.facts.kind(path[-1].relation)

    def _terms(self, measure: Measure, owners: list[str]) -> list[Term]:
        terms = [Term(owner, end) for owner in owners for end in self.reach(owner, measure.path)]
        if measure.aggregate is Aggregate.COUNT:
            return terms
        if measure.path[-1].inverse:
            return []
        valued = (
            term._replace(value=self.facts.value(measure.path[-1].relation, term.end)) for term in terms
        )
        return [term for term in valued if term.value is not None]

    def winners(self, clause: Extreme, table: Table) -> list[str]:
        """The members with an extreme measure and their equals, the first first."""
        keys = ranking_keys(clause, table)
        order = sorted(keys.values())
        if clause.rank > len(order):
            return []
        first, last = order[clause.rank - 1], order[min(clause.rank + clause.count - 2, len(order) - 1)]
        return sorted((node for node in keys if first <= keys[node] <= last), key=lambda node: keys[node])


def ranking_keys(clause: Extreme, table: Table) -> dict[str, Bounds]:
    """What members are ranked by: less is better."""
    if clause.least:
        return table.least
    return {node: (-low, -high) for node, (low, high) in table.most.items()}


def compares(
    comparator: Comparator, value: Bounds, operand: tuple[ValueKind, Bounds], upper: Bounds | None
) -> bool:
    """Whether a value compares so; dates cover the time from their first bound up to the second."""
    (low, high), (kind, (least, most)) = value, operand
    dated = kind == ValueKind.DATE
    if upper is not None:
        return low >= least and high <= upper[1]
    match comparator:
        case Comparator.ABOVE:
            return low >= most if dated else low > least
        case Comparator.BELOW:
            return high <= least if dated else low < least
        case Comparator.AT_LEAST:
            return low >= least
        case Comparator.AT_MOST:
            return high <= most
        case Comparator.EQUALS:
            return low >= least and high <= most
    assert_never(comparator)


def summed(values: Iterable[float], share: int = 1) -> float:
    """A sum, or a share of it; with fractions, below 2^53, to 14 digits of the size of what is summed."""
    values = list(values)
    try:
        number, size = math.fsum(values) / share, math.fsum(map(abs, values)) / share
    except OverflowError:
        return sum(values) / share
    digits = math.floor(math.log10(size)) if size else 280
    whole = number.is_integer() and all(value.is_integer() for value in values)
    if whole or size >= 2**53 or abs(digits) >= 280:
        return number
    return round(number, 13 - digits)


def summary_of(aggregate: Aggregate, terms: list[Term]) -> tuple[Bounds, Bounds]:
    """The least and the greatest bounds of a member."""
    values = sorted(term.value for term in terms if term.value is not None)
    match aggregate:
        case Aggregate.COUNT:
            number = float(len({term.end for term in terms}))
        case Aggregate.TOTAL | Aggregate.AVERAGE:
            number = summed((low for low, _ in values), len(values) if aggregate is Aggregate.AVERAGE else 1)
        case Aggregate.VALUE:
            return values[0], values[-1]
        case Aggregate.HIGHEST:
            return values[-1], values[-1]
        case Aggregate.LOWEST:
            return values[0], values[0]
        case _:
            assert_never(aggregate)
    return (number, number), (number, number)
