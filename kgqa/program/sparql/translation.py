"""Programs in SPARQL 1.1, for any endpoint that has the graph."""

from __future__ import annotations

from typing import assert_never

from kgqa.errors import ProgramError
from kgqa.graph import IndexedGraph, ValueKind, fold_name
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
from kgqa.program.sparql.comparison_text import comparison_text, constant_bounds
from kgqa.program.sparql.measure_lines import FUNCTIONS, NOTHING, MeasureLines, MemberSet, Valued
from kgqa.program.sparql.query_text import Lines, group, select
from kgqa.program.sparql.rdf_terms import RDFS_LABEL

__all__ = ["to_sparql"]


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


class _Translation(MeasureLines):
    """Translates one program; every variable has a name of its own."""

    def query(self, program: Program) -> str:
        return self.writer.query(self._result(self._members(program), program.final))

    # Sets ----------------------------------------------------------------------------------------

    def _members(self, program: Program) -> MemberSet:
        found = self._start(program.start)
        for clause in program.clauses:
            found = self._after(found, clause)
        return found

    def _start(self, start: Start) -> MemberSet:
        x = self._new("x")
        if isinstance(start, Instances):
            return MemberSet(self._instance_lines(x, start.nodes), x)
        return MemberSet([self._values(x, [node for nodes in start.groups for node in nodes])], x)

    def _after(self, members: MemberSet, clause: Clause) -> MemberSet:
        match clause:
            case Follow(step):
                y = self._new("x")
                return MemberSet([*members.lines, f"{members.variable} {self._path((step,))} {y} ."], y)
            case Keep(condition, negated):
                return self._kept(members, condition, negated)
            case Extreme():
                return self._winners(members, clause)
            case Combine(join, program):
                return self._joined(members, join, program)
        assert_never(clause)

    def _joined(self, members: MemberSet, join: Join, program: Program) -> MemberSet:
        if program.final is not None:
            raise ProgramError("a program within a program denotes a set and has no final operator")
        others = self._members(program)
        if join is Join.OR:
            both = self._new("x")
            parts = [
                select(f"DISTINCT ({part.variable} AS {both})", part.lines) for part in (members, others)
            ]
            return MemberSet([*group("", parts[0]), *group("UNION", parts[1])], both)
        x = members.variable
        inner = select(f"DISTINCT ({others.variable} AS {x})", others.lines)
        return MemberSet([*members.lines, *group("MINUS" if join is Join.BUT_NOT else "", inner)], x)

    def _kept(self, members: MemberSet, condition: Condition, negated: bool) -> MemberSet:
        if isinstance(condition, Compare):
            return self._comparing(members, condition, negated)
        x = members.variable
        lines = self._holding(x, condition)
        if not negated:
            return MemberSet([*members.lines, *lines], x)
        return MemberSet([*members.lines, *group("MINUS", lines)], x)

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

    def _comparing(self, members: MemberSet, condition: Compare, negated: bool) -> MemberSet:
        measure = condition.measure
        valued = self._measured(members, measure)
        lines = self._compared(members, condition, valued)
        if not negated:
            return MemberSet([*valued.lines, *lines], valued.variable)
        base = members
        if measure.by:
            base = MemberSet(
                [*members.lines, self._triple(members.variable, measure.by, valued.variable)], ""
            )
        inner = select(f"DISTINCT {valued.variable}", [*valued.lines, *lines])
        return MemberSet([*base.lines, *group("MINUS", inner)], valued.variable)

    def _compared(self, members: MemberSet, condition: Compare, valued: Valued) -> Lines:
        if valued.kind is ValueKind.NONE:
            return [NOTHING]
        lines: Lines = []
        bounds = []
        for operand in (condition.operand, condition.upper):
            if operand is None:
                continue
            found = self._operand(operand, condition.measure, members, valued.kind, lines)
            if found is None:
                return [NOTHING]
            bounds.append(found)
        date = valued.kind is ValueKind.DATE
        if condition.upper is not None:
            tests = [comparison_text(Comparator.AT_LEAST, valued, bounds[0], date)]
            tests += [comparison_text(Comparator.AT_MOST, valued, bounds[1], date)]
        else:
            tests = [comparison_text(condition.comparator, valued, bounds[0], date)]
        return [*lines, f"FILTER({' && '.join(tests)})"]

    def _operand(
        self, operand: Operand, measure: Measure, members: MemberSet, kind: ValueKind, lines: Lines
    ) -> tuple[str, str] | None:
        """Where the operand begins and ends; patterns that it needs are added to the lines."""
        match operand:
            case Constant(value):
                return constant_bounds(value) if value.kind is kind else None
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

    def _aggregate(self, what: str, valued: Valued, measure: Measure) -> Lines:
        """One number over all measures; no row if there is none."""
        inner = valued.lines
        if measure.aggregate is Aggregate.VALUE:  # each value of each member once
            inner = self._distinct_ends(valued)
        return [*select(what, inner), f"HAVING(COUNT({valued.number}) > 0)"]

    def _own_value(self, nodes: Nodes, measure: Measure, members: MemberSet, lines: Lines) -> tuple[str, str]:
        if measure.by:
            valued = self._measured(members, measure)
            named = [self._values(valued.variable, nodes), *valued.lines]
        else:
            x = self._new("x")
            valued = self._measured(MemberSet([self._values(x, nodes)], x), measure)
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

    # Superlatives --------------------------------------------------------------------------------

    def _winners(self, members: MemberSet, clause: Extreme) -> MemberSet:
        valued, number = self._best(members, clause)
        if valued.kind is ValueKind.NONE:
            return MemberSet(valued.lines, valued.variable)
        first, last = self._new("first"), self._new("last")
        order = f"ORDER BY {number}" if clause.least else f"ORDER BY DESC({number})"
        offset = f" OFFSET {clause.rank - 1}" if clause.rank > 1 else ""
        alone = clause.rank == clause.count == 1
        if alone:  # the best of all values
            what = f"({'MIN' if clause.least else 'MAX'}({number}) AS {first})"
            lines = [*valued.lines, *group("", select(what, valued.lines)), f"FILTER({number} = {first})"]
            return MemberSet(lines, valued.variable)
        nth = [*select(f"({number} AS {first})", valued.lines), f"{order} LIMIT 1{offset}"]
        if clause.count == 1:
            return MemberSet([*valued.lines, *group("", nth), f"FILTER({number} = {first})"], valued.variable)
        until = [*select(number, valued.lines), f"{order} LIMIT {clause.rank + clause.count - 1}"]
        worst = select(f"({'MAX' if clause.least else 'MIN'}({number}) AS {last})", group("", until))
        better, worse = ("<=", ">=") if not clause.least else (">=", "<=")
        within = f"FILTER({number} {better} {first} && {number} {worse} {last})"
        return MemberSet([*valued.lines, *group("", nth), *group("", worst), within], valued.variable)

    def _best(self, members: MemberSet, clause: Extreme) -> tuple[Valued, str]:
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

    def _result(self, members: MemberSet, final: Final | None) -> Lines:
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

    def _summary(self, members: MemberSet, aggregate: Aggregate, path: Path) -> Lines:
        valued = self._reached(members, path, ())
        if aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE):
            if valued.kind not in (ValueKind.NUMBER, ValueKind.DURATION):
                valued = self._no_value(members.variable)
            what = f"({FUNCTIONS[aggregate]}({valued.number}) AS ?{aggregate})"
            return [*select(what, self._distinct_ends(valued)), f"HAVING(COUNT({valued.number}) > 0)"]
        order = f"{valued.number}" if aggregate is Aggregate.LOWEST else f"DESC({valued.number})"
        return [*select(f"({valued.literal} AS ?{aggregate})", valued.lines), f"ORDER BY {order} LIMIT 1"]

    def _table(self, members: MemberSet, measure: Measure) -> Lines:
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
