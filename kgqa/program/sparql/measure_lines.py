"""Measures of members in SPARQL: patterns that bind the members of a set, or their groups, with a number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kgqa.graph import IndexedGraph, ValueKind
from kgqa.program.classes import Classes
from kgqa.program.condition import Nodes
from kgqa.program.measure import Aggregate, Measure, Path
from kgqa.program.sparql.query_text import Lines, Writer, group, select
from kgqa.program.sparql.rdf_terms import RdfTerms
from kgqa.program.sparql.value_lines import KEY_SPAN, ValueReading, value_lines
from kgqa.program.steps import StepIndex

__all__ = ["FUNCTIONS", "NOTHING", "MeasureLines", "MemberSet", "Valued"]

NOTHING = "FILTER(false)"
"""A pattern that nothing matches."""
_PARTS = (
    ("n", "literal", "cell"),
    (
        *("n", "literal", "cell", "year", "month", "day", "months", "after", "year_of_month", "year_after"),
        *("first", "following", "low", "high"),
    ),
)
FUNCTIONS = {
    Aggregate.TOTAL: "SUM",
    Aggregate.AVERAGE: "AVG",
    Aggregate.HIGHEST: "MAX",
    Aggregate.LOWEST: "MIN",
}


@dataclass(frozen=True)
class MemberSet:
    """Patterns that bind a variable to the members of a set."""

    lines: Lines
    variable: str


class Valued(NamedTuple):
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


class MeasureLines:
    """Writes the patterns of one query; every variable has a name of its own."""

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph
        self.steps = StepIndex.of(graph)
        self.classes = Classes.of(graph)
        self.terms = RdfTerms.of(graph)
        self.writer = Writer()

    # Measures ------------------------------------------------------------------------------------

    def _measured(self, members: MemberSet, measure: Measure) -> Valued:
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
        function = FUNCTIONS[measure.aggregate]
        lines = group(
            "",
            [*select(f"{owner} ({function}({valued.number}) AS {number})", inner), f"GROUP BY {owner}"],
        )
        if valued.kind is not ValueKind.DATE:
            return Valued(lines, owner, number, number, number, "", "", valued.kind)
        low, high = self._new("low"), self._new("high")
        lines += [
            f"BIND(FLOOR({number} * 1000) / 1000.0 AS {low}) # seconds since 1970-01-01T00:00:00Z",
            f"BIND({low} + ROUND(({number} - {low}) * {KEY_SPAN}) AS {high})",
        ]
        return Valued(lines, owner, number, low, high, "", "", valued.kind)

    def _counted(self, members: MemberSet, measure: Measure) -> Valued:
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
        return Valued(found, owner, number, number, number, "", "", ValueKind.NUMBER)

    def _reached(self, members: MemberSet, path: Path, by: Path) -> Valued:
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
        return Valued(lines, owner, number, low, high, end, literal, reading.kind)

    def _no_value(self, owner: str) -> Valued:
        none = self._new("n")
        return Valued([f"VALUES ({owner} {none}) {{ }}"], owner, none, none, none, none, none, ValueKind.NONE)

    def _distinct_ends(self, valued: Valued, *more: str) -> Lines:
        """The lines with each value of each member once."""
        kept = dict.fromkeys((valued.variable, *more, valued.end, valued.number))
        return group("", select(f"DISTINCT {' '.join(kept)}", valued.lines))

    # Terms ---------------------------------------------------------------------------------------

    def _instance_lines(self, x: str, nodes: Nodes) -> Lines:
        if not self.classes.type_relations:
            return [self._values(x, nodes), NOTHING]
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
