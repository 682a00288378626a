"""Programs in SPARQL 1.1, for any endpoint that has the graph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, assert_never

from kgqa.errors import ProgramError
from kgqa.graph import IndexedGraph, Value, ValueKind, fold_name
from kgqa.program.classes import Classes
from kgqa.program.condition import (
    Average,
    Comparator,
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
from kgqa.program.sparql.query_text import Lines, Writer, group, select
from kgqa.program.sparql.rdf_terms import RDFS_LABEL, RdfTerms
from kgqa.program.sparql.value_lines import KEY_SPAN, ValueReading, value_lines
from kgqa.program.steps import StepIndex

__all__ = ["to_sparql"]

_NOTHING = "FILTER(false)"


def to_sparql(program: Program, graph: IndexedGraph) -> str:
    """One query of SPARQL 1.1 that denotes the same as a program.

    It runs wherever the facts of the graph are: at the endpoint that an RDF graph came from, or in a store
    that `to_quads` filled. A set is the column of a `SELECT DISTINCT`, a number or date the one cell of a
    `SELECT`, a test an `ASK`, and `Each` two columns. Without a result to summarise there is no row.

    Names and values are compared as the program compares them, with two limits: case is folded by `LCASE`,
    and the names of an RDF graph are all its labels.

    Raises `UnknownEntityError`, `UnknownRelationError` or `ProgramError` for what the graph has not.

    >>> from kgqa.graph import GraphBuilder
    >>> from kgqa.program import parse_program
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> print(to_sparql(parse_program("Kismet -> directed_by | count", graph), graph))
    PREFIX kgqa: <urn:kgqa:>
    <BLANKLINE>
    SELECT (COUNT(DISTINCT ?x2) AS ?count) WHERE {
      VALUES ?x1 { kgqa:Kismet }
      ?x1 kgqa:directed_by ?x2 .
    }
    """
    return _Translation(graph).query(program)


@dataclass(frozen=True)
class _Set:
    """Patterns that bind a variable to the members of a set."""

    lines: Lines
    variable: str


class _Valued(NamedTuple):
    """Patterns that bind the members of a set, or their groups, with a measure of each."""

    lines: Lines
    variable: str
    number: str
    """To sort and compare by."""
    low: str
    high: str
    end: str
    """The node at the end of the path; empty for computed numbers."""
    literal: str
    """The literal that says its value: mostly itself."""
    kind: ValueKind


class _Translation:
    """Translates one program; every variable has a name of its own."""

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph
        self.steps = StepIndex.of(graph)
        self.classes = Classes.of(graph)
        self.terms = RdfTerms.of(graph)
        self.writer = Writer()

    def query(self, program: Program) -> str:
        return self.writer.query(self._result(self._members(program), program.final))

    # Sets ----------------------------------------------------------------------------------------

    def _members(self, program: Program) -> _Set:
        found = self._start(program.start)
        for clause in program.clauses:
            found = self._after(found, clause)
        return found

    def _start(self, start: Start) -> _Set:
        x = self._new("x")
        if isinstance(start, Instances):
            return _Set(self._instance_lines(x, start.nodes), x)
        return _Set([self._values(x, [node for nodes in start.groups for node in nodes])], x)

    def _after(self, members: _Set, clause: Clause) -> _Set:
        match clause:
            case Follow(step):
                y = self._new("x")
                return _Set([*members.lines, f"{members.variable} {self._path((step,))} {y} ."], y)
            case Keep(condition, negated):
                return self._kept(members, condition, negated)
            case Extreme():
                return self._winners(members, clause)
            case Combine(join, program):
                return self._joined(members, join, program)
        assert_never(clause)

    def _joined(self, members: _Set, join: Join, program: Program) -> _Set:
        if program.final is not None:
            raise ProgramError("a program within a program denotes a set and has no final operator")
        others = self._members(program)
        if join is Join.OR:
            both = self._new("x")
            parts = [
                select(f"DISTINCT ({part.variable} AS {both})", part.lines) for part in (members, others)
            ]
            return _Set([*group("", parts[0]), *group("UNION", parts[1])], both)
        x = members.variable
        inner = select(f"DISTINCT ({others.variable} AS {x})", others.lines)
        return _Set([*members.lines, *group("MINUS" if join is Join.BUT_NOT else "", inner)], x)

    def _kept(self, members: _Set, condition: Condition, negated: bool) -> _Set:
        if isinstance(condition, Compare):
            return self._comparing(members, condition, negated)
        x = members.variable
        lines = self._holding(x, condition)
        if not negated:
            return _Set([*members.lines, *lines], x)
        return _Set([*members.lines, *group("MINUS", lines)], x)

    def _holding(self, x: str, condition: Condition) -> Lines:
        """Patterns that hold for exactly the nodes `x` that a condition holds for."""
        match condition:
            case Is(path, nodes):
                if not path:
                    return [self._values(x, nodes)]
                e = self._new("e")
                return [self._values(e, nodes), f"{x} {self._path(path)} {e} ."]
            case InClass(nodes):
                return self._instance_lines(x, nodes)
            case Has(path):
                return [f"{x} {self._path(path)} {self._new('e')} ."] if path else self._all(x)
            case TextMatch(path, test, text):
                e, name = (self._new("e") if path else x), self._new("name")
                label = self._new("label")
                ends = [f"{x} {self._path(path)} {e} ."] if path else self._all(x)
                function = {TextTest.CONTAINS: "CONTAINS", TextTest.STARTS: "STRSTARTS"}.get(test, "STRENDS")
                return [
                    *ends,
                    f"OPTIONAL {{ {e} {self.writer.iri(RDFS_LABEL)} {label} }}",
                    f"BIND(IF(isLiteral({e}), STR({e}), STR({label})) AS {name})",
                    f"FILTER({function}(LCASE({name}), {self.writer.text(fold_name(text))}))",
                ]
        raise AssertionError(condition)

    def _all(self, x: str) -> Lines:
        """All nodes of the graph."""
        p, e = self._new("p"), self._new("e")
        return [f"{{ {x} {p} {e} }} UNION {{ {e} {p} {x} }}"]

    # Comparisons ---------------------------------------------------------------------------------

    def _comparing(self, members: _Set, condition: Compare, negated: bool) -> _Set:
        measure = condition.measure
        valued = self._measured(members, measure)
        lines = self._compared(members, condition, valued)
        if not negated:
            return _Set([*valued.lines, *lines], valued.variable)
        base = members
        if measure.by:
            base = _Set([*members.lines, self._triple(members.variable, measure.by, valued.variable)], "")
        inner = select(f"DISTINCT {valued.variable}", [*valued.lines, *lines])
        return _Set([*base.lines, *group("MINUS", inner)], valued.variable)

    def _compared(self, members: _Set, condition: Compare, valued: _Valued) -> Lines:
        if valued.kind is ValueKind.NONE:
            return [_NOTHING]
        lines: Lines = []
        bounds = []
        for operand in (condition.operand, condition.upper):
            if operand is None:
                continue
            found = self._operand(operand, condition.measure, members, valued.kind, lines)
            if found is None:
                return [_NOTHING]
            bounds.append(found)
        date = valued.kind is ValueKind.DATE
        if condition.upper is not None:
            tests = [_test(Comparator.AT_LEAST, valued, bounds[0], date)]
            tests += [_test(Comparator.AT_MOST, valued, bounds[1], date)]
        else:
            tests = [_test(condition.comparator, valued, bounds[0], date)]
        return [*lines, f"FILTER({' && '.join(tests)})"]

    def _operand(
        self, operand: Operand, measure: Measure, members: _Set, kind: ValueKind, lines: Lines
    ) -> tuple[str, str] | None:
        """Where the operand begins and ends; patterns that it needs are added to the lines."""
        match operand:
            case Constant(value):
                return _bounds(value) if value.kind is kind else None
            case OwnValue(nodes):
                return self._own_value(nodes, measure, members, lines)
            case Average():
                if kind not in (ValueKind.NUMBER, ValueKind.DURATION):
                    return None
                mean = self._new("mean")
                valued = self._measured(members, measure)
                lines += group("", self._aggregate(f"(AVG({valued.number}) AS {mean})", valued, measure))
                return mean, mean
        assert_never(operand)

    def _aggregate(self, what: str, valued: _Valued, measure: Measure) -> Lines:
        """One number over all measures; no row if there is none."""
        inner = valued.lines
        if measure.aggregate is Aggregate.VALUE:  # each value of each member once
            inner = self._distinct_ends(valued)
        return [*select(what, inner), f"HAVING(COUNT({valued.number}) > 0)"]

    def _own_value(self, nodes: Nodes, measure: Measure, members: _Set, lines: Lines) -> tuple[str, str]:
        if measure.by:
            valued = self._measured(members, measure)
            named = [self._values(valued.variable, nodes), *valued.lines]
        else:
            x = self._new("x")
            valued = self._measured(_Set([self._values(x, nodes)], x), measure)
            named = valued.lines
        low, high = self._new("low"), self._new("high")
        order = " ".join(f"DESC({name})" for name in dict.fromkeys((valued.low, valued.high)))
        if valued.low == valued.high:
            what = f"({valued.low} AS {low})"
            high = low
        else:
            what = f"({valued.low} AS {low}) ({valued.high} AS {high})"
        lines += group("", [*select(what, named), f"ORDER BY {order} LIMIT 1"])
        return low, high

    # Measures ------------------------------------------------------------------------------------

    def _measured(self, members: _Set, measure: Measure) -> _Valued:
        """The members, or their groups, each with its measure; several rows where it has several values."""
        if measure.aggregate is Aggregate.COUNT:
            return self._counted(members, measure)
        x = members.variable
        valued = self._reached(members, measure.path, measure.by)
        if measure.aggregate is Aggregate.VALUE or valued.kind is ValueKind.NONE:
            return valued
        summed = measure.aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE)
        if summed and valued.kind not in (ValueKind.NUMBER, ValueKind.DURATION):
            return self._no_value(valued.variable)
        owner, number = valued.variable, self._new("measure")
        inner = self._distinct_ends(valued, x) if summed else valued.lines
        function = _FUNCTIONS[measure.aggregate]
        lines = group(
            "",
            [*select(f"{owner} ({function}({valued.number}) AS {number})", inner), f"GROUP BY {owner}"],
        )
        if valued.kind is not ValueKind.DATE:
            return _Valued(lines, owner, number, number, number, "", "", valued.kind)
        low, high = self._new("low"), self._new("high")
        lines += [
            f"BIND(FLOOR({number} * 1000) / 1000.0 AS {low}) # seconds since 1970-01-01T00:00:00Z",
            f"BIND({low} + ROUND(({number} - {low}) * {KEY_SPAN}) AS {high})",
        ]
        return _Valued(lines, owner, number, low, high, "", "", valued.kind)

    def _counted(self, members: _Set, measure: Measure) -> _Valued:
        x, number = members.variable, self._new("number")
        lines, owner, counted = list(members.lines), x, x
        if measure.by:
            owner = self._new("group")
            lines.append(self._triple(x, measure.by, owner))
        if measure.path:  # a member that reaches nothing has 0
            counted = self._new("e")
            lines.append(f"OPTIONAL {{ {self._triple(x, measure.path, counted)} }}")
        what = f"{owner} (COUNT(DISTINCT {counted}) AS {number})"
        found = group("", [*select(what, lines), f"GROUP BY {owner}"])
        return _Valued(found, owner, number, number, number, "", "", ValueKind.NUMBER)

    def _reached(self, members: _Set, path: Path, by: Path) -> _Valued:
        """The values that a path reaches from the members, with the members or their groups."""
        x, end = members.variable, self._new("v")
        reading = ValueReading.of(self.graph, path)
        lines, owner = list(members.lines), x
        if by:
            owner = self._new("group")
            lines.append(self._triple(x, by, owner))
        if reading.kind is ValueKind.NONE:
            return self._no_value(owner)
        names = {part: self._new(part) for part in _PARTS[reading.kind is ValueKind.DATE]}
        lines.append(self._triple(x, path, end))
        lines += value_lines(reading, end, names, self.writer.iri)
        number = names["n"]
        low, high = names.get("low", number), names.get("high", number)
        literal = names["literal"] if reading.cells else end
        return _Valued(lines, owner, number, low, high, end, literal, reading.kind)

    def _no_value(self, owner: str) -> _Valued:
        none = self._new("n")
        return _Valued(
            [f"VALUES ({owner} {none}) {{ }}"], owner, none, none, none, none, none, ValueKind.NONE
        )

    def _distinct_ends(self, valued: _Valued, *more: str) -> Lines:
        """The lines with each value of each member once."""
        kept = dict.fromkeys((valued.variable, *more, valued.end, valued.number))
        return group("", select(f"DISTINCT {' '.join(kept)}", valued.lines))

    # Superlatives --------------------------------------------------------------------------------

    def _winners(self, members: _Set, clause: Extreme) -> _Set:
        valued, number = self._best(members, clause)
        if valued.kind is ValueKind.NONE:
            return _Set(valued.lines, valued.variable)
        first, last = self._new("first"), self._new("last")
        order = f"ORDER BY {number}" if clause.least else f"ORDER BY DESC({number})"
        offset = f" OFFSET {clause.rank - 1}" if clause.rank > 1 else ""
        alone = clause.rank == clause.count == 1
        if alone:  # the best of all values
            what = f"({'MIN' if clause.least else 'MAX'}({number}) AS {first})"
            lines = [*valued.lines, *group("", select(what, valued.lines)), f"FILTER({number} = {first})"]
            return _Set(lines, valued.variable)
        nth = [*select(f"({number} AS {first})", valued.lines), f"{order} LIMIT 1{offset}"]
        if clause.count == 1:
            return _Set([*valued.lines, *group("", nth), f"FILTER({number} = {first})"], valued.variable)
        until = [*select(number, valued.lines), f"{order} LIMIT {clause.rank + clause.count - 1}"]
        worst = select(f"({'MAX' if clause.least else 'MIN'}({number}) AS {last})", group("", until))
        better, worse = ("<=", ">=") if not clause.least else (">=", "<=")
        within = f"FILTER({number} {better} {first} && {number} {worse} {last})"
        return _Set([*valued.lines, *group("", nth), *group("", worst), within], valued.variable)

    def _best(self, members: _Set, clause: Extreme) -> tuple[_Valued, str]:
        """The measures; for ranks one row a member, with the best of its values."""
        valued = self._measured(members, clause.measure)
        several = clause.measure.aggregate is Aggregate.VALUE and (clause.rank, clause.count) != (1, 1)
        if not several or valued.kind is ValueKind.NONE:
            return valued, valued.number
        best = self._new("best")
        what = f"{valued.variable} ({'MIN' if clause.least else 'MAX'}({valued.number}) AS {best})"
        lines = group("", [*select(what, valued.lines), f"GROUP BY {valued.variable}"])
        return valued._replace(lines=lines), best

    # Results -------------------------------------------------------------------------------------

    def _result(self, members: _Set, final: Final | None) -> Lines:
        x = members.variable
        match final:
            case None:
                return select(f"DISTINCT {x}", members.lines)
            case Count():
                return select(f"(COUNT(DISTINCT {x}) AS ?count)", members.lines)
            case Summary(aggregate, path):
                return self._summary(members, aggregate, path)
            case Test(condition, negated):
                lines = self._kept(members, condition, negated=False).lines
                return group("ASK", group("FILTER NOT EXISTS", lines) if negated else lines)
            case Each(measure):
                return self._table(members, measure)
        assert_never(final)

    def _summary(self, members: _Set, aggregate: Aggregate, path: Path) -> Lines:
        valued = self._reached(members, path, ())
        if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE):
            if valued.kind not in (ValueKind.NUMBER, ValueKind.DURATION):
                valued = self._no_value(members.variable)
            what = f"({_FUNCTIONS[aggregate]}({valued.number}) AS ?{aggregate})"
            return [*select(what, self._distinct_ends(valued)), f"HAVING(COUNT({valued.number}) > 0)"]
        order = f"{valued.number}" if aggregate is Aggregate.LOWEST else f"DESC({valued.number})"
        return [*select(f"({valued.literal} AS ?{aggregate})", valued.lines), f"ORDER BY {order} LIMIT 1"]

    def _table(self, members: _Set, measure: Measure) -> Lines:
        valued = self._measured(members, measure)
        x = valued.variable
        if valued.literal:
            return select(f"DISTINCT {x} ({valued.literal} AS ?value)", valued.lines)
        if valued.kind is not ValueKind.DATE:
            return select(f"{x} ({valued.number} AS ?value)", valued.lines)
        each = self._reached(members, measure.path, measure.by)  # the dates that are the highest or lowest
        same = [f"FILTER({valued.variable} = {each.variable})"] if each.variable != x else []
        lines = [*valued.lines, *each.lines, *same, f"FILTER({valued.number} = {each.number})"]
        return [*select(f"{x} (SAMPLE({each.literal}) AS ?value)", lines), f"GROUP BY {x}"]

    # Terms ---------------------------------------------------------------------------------------

    def _instance_lines(self, x: str, nodes: Nodes) -> Lines:
        if not self.classes.type_relations:
            return [self._values(x, nodes), _NOTHING]
        path = self._alternatives(self.classes.type_relations)
        if self.classes.subclass_relations:
            wider = self._alternatives(self.classes.subclass_relations)
            path += f"/({wider})*" if "|" in wider else f"/{wider}*"
        c = self._new("class")
        return [self._values(c, nodes), f"{x} {path} {c} ."]

    def _values(self, x: str, nodes: Sequence[str]) -> str:
        found = dict.fromkeys(self.graph.entity_id(node) for node in nodes)
        terms = " ".join(self.writer.term(self.terms.node(number)) for number in found)
        return f"VALUES {x} {{ {terms} }}"

    def _triple(self, x: str, path: Path, y: str) -> str:
        return f"{x} {self._path(path)} {y} ."

    def _path(self, path: Path) -> str:
        steps = []
        for step in path:
            text = self._alternatives(self.steps.relations(step))
            steps.append(f"^{text}" if step.inverse else text)
        return "/".join(steps)

    def _alternatives(self, relations: Iterable[int]) -> str:
        found = [self.writer.iri(self.terms.relation(number)) for number in relations]
        return found[0] if len(found) == 1 else f"({'|'.join(found)})"

    def _new(self, name: str) -> str:
        return self.writer.variable(name)


_PARTS = (
    ("n", "literal", "cell"),
    (
        *("n", "literal", "cell", "year", "month", "day", "months", "after", "year_of_month", "year_after"),
        *("first", "following", "low", "high"),
    ),
)
_FUNCTIONS = {
    Aggregate.TOTAL: "SUM",
    Aggregate.AVERAGE: "AVG",
    Aggregate.HIGHEST: "MAX",
    Aggregate.LOWEST: "MIN",
}


def _bounds(value: Value) -> tuple[str, str]:
    """Where a constant begins and ends; an instant ends where it begins."""
    if value.kind is not ValueKind.DATE:
        number = _number(value.low)
        return number, number
    instant = value.high - value.low < 1e-3
    return _number(value.low), _number(value.low if instant else value.high)


def _number(value: float) -> str:
    text = str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    return text if re.fullmatch(r"-?[0-9]+", text) else f"{value!r}" if "e" in repr(value) else f"{value!r}e0"


def _test(comparator: Comparator, valued: _Valued, bounds: tuple[str, str], date: bool) -> str:
    low, high = bounds
    if not date:
        return f"{valued.number} {_SIGNS[comparator]} {low}"
    instant = low == high
    match comparator:
        case Comparator.ABOVE:
            return f"{valued.low} > {low}" if instant else f"{valued.low} >= {high} && {valued.low} > {low}"
        case Comparator.BELOW:
            return f"{valued.high} <= {low} && {valued.low} < {low}"
        case Comparator.AT_LEAST:
            return f"{valued.low} >= {low}"
        case Comparator.AT_MOST:
            if instant:
                return f"{valued.high} <= {high}"
            return f"{valued.high} <= {high} && ({valued.low} < {high} || {low} = {high})"
        case Comparator.EQUALS:
            return " && ".join(
                _test(part, valued, bounds, date) for part in (Comparator.AT_LEAST, Comparator.AT_MOST)
            )
    assert_never(comparator)


_SIGNS = {
    Comparator.ABOVE: ">",
    Comparator.BELOW: "<",
    Comparator.AT_LEAST: ">=",
    Comparator.AT_MOST: "<=",
    Comparator.EQUALS: "=",
}
