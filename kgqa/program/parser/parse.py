"""Reads the text of a program: the inverse of `program_text`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import partial

from kgqa.errors import ProgramError
from kgqa.graph import IndexedGraph, Value, ValueKind, ValueTable, fold_name, guess_value, read_value, shorten
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
from kgqa.program.measure import SUMMARIES, Aggregate, Measure, Path, Step
from kgqa.program.parser.node_names import NodeNames, near_names
from kgqa.program.parser.reading import Found, Reading, unique
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
    Named,
    Program,
    Start,
    Summary,
    Test,
)
from kgqa.program.steps import StepIndex
from kgqa.program.text import BAR, CLOSE, COMPARATORS, DATE_COMPARATORS, OPEN, OR, ORDINALS

__all__ = ["parse_program", "read_constant"]

_LONGEST_NAME = 200
_LONGEST_VALUE = 60
_DEEPEST = 16
"""Programs within programs, at most."""
_XSD = "http://www.w3.org/2001/XMLSchema#"
_ORDINAL = re.compile(r" (\d{1,9}) th(?= |$)")
_TOP = re.compile(r" top (\d{1,9})(?= |$)")


def parse_program(text: str, graph: IndexedGraph) -> Program:
    """The program with this text: what `program_text` wrote is read back.

    A name stands for all nodes that have it as their label, else for the node with this identifier, else
    for those with this alias. Names and relations may hold any words, those of the language too: the longest
    that the graph has is read first, a shorter one only if the rest makes no program then.

    Raises `ProgramError` for anything else, with the place and what is expected there.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> parse_program("Kismet -> directed_by | count", graph).final
    Count()
    >>> parse_program("Kismet -> directd_by", graph)
    Traceback (most recent call last):
        ...
    kgqa.errors.ProgramError: a relation of the graph is expected after 'Kismet ->', not 'directd_by'; \
near: 'directed_by'
    """
    if not isinstance(text, str):
        raise ProgramError(f"the text of a program is expected, not {type(text).__name__}")
    reading = _ProgramReading(" " + " ".join(text.split()), graph)
    try:
        for program, end in reading.program(0, 0):
            if end == len(reading.text):
                return program
            if program.final is not None:
                reading.expect(end, "the end of the program")
    except RecursionError:
        raise ProgramError(f"the program has too many clauses: {shorten(text, 80)!r}") from None
    raise reading.error()


def read_constant(text: str, dated: bool = False) -> Value | None:
    """The number, duration, truth value or (`dated`) date that a text of a program stands for, if any.

    >>> read_constant("1,200").low, read_constant("1944", dated=True).kind.name, read_constant("tall")
    (1200.0, 'DATE', None)
    """
    guessed = guess_value(text)
    if dated:
        forms = ("gYear", "gYearMonth", "date", "dateTime")
        readings = (guessed, *(read_value(text, _XSD + form) for form in forms))
        return next((value for value in readings if value.kind is ValueKind.DATE), None)
    if guessed.kind not in (ValueKind.TEXT, ValueKind.NONE):
        return guessed
    readings = tuple(read_value(text, _XSD + form) for form in ("duration", "time", "boolean"))
    return next((value for value in readings if value.kind is not ValueKind.TEXT), None)


class _ProgramReading(Reading):
    """Reads the parts of programs from one text."""

    def __init__(self, text: str, graph: IndexedGraph) -> None:
        super().__init__(text)
        self.graph = graph
        self.names = NodeNames.of(graph)
        self.steps = StepIndex.of(graph)

    # Programs ------------------------------------------------------------------------------------

    def program(self, place: int, depth: int) -> Found[Program]:
        """Programs from here on; those within others have no final operator."""
        if depth > _DEEPEST:
            raise ProgramError(f"programs are nested more than {_DEEPEST} deep")
        found: Iterator[tuple[Program, int]] = (
            (Program(start, clauses, final), end)
            for start, after in self._start(place)
            for (clauses, final), end in self._rest(after, True, depth)
        )
        return unique(found)

    def _start(self, place: int) -> Found[Start]:
        instances: Iterable[tuple[Start, int]] = (
            (Instances(nodes), end) for after in self.word(place, " all") for nodes, end in self._class(after)
        )
        named: Iterable[tuple[Start, int]] = ((Named(groups), end) for groups, end in self._groups(place))
        return unique([*instances, *named])

    def _groups(self, place: int) -> Found[tuple[Nodes, ...]]:
        found: list[tuple[tuple[Nodes, ...], int]] = []
        for nodes, end in self._node(place):
            found += [
                ((nodes, *others), last)
                for after in self.word(end, OR, silent=True)
                for others, last in self._groups(after)
            ]
            found.append(((nodes,), end))
        return unique(found)

    def _rest(self, place: int, chained: bool, depth: int) -> Found[tuple[tuple[Clause, ...], Final | None]]:
        return self.once(("rest", place, chained, depth), partial(self._read_rest, place, chained, depth))

    def _read_rest(
        self, place: int, chained: bool, depth: int
    ) -> Iterator[tuple[tuple[tuple[Clause, ...], Final | None], int]]:
        for clause, after in self._clauses(place, chained, depth):
            for (clauses, final), end in self._rest(after, isinstance(clause, Follow), depth):
                yield ((clause, *clauses), final), end
        if not depth:
            for after in self.word(place, BAR, silent=True):
                for last, end in self._final(after):
                    yield ((), last), end
        yield ((), None), place

    def _clauses(self, place: int, chained: bool, depth: int) -> Iterator[tuple[Clause, int]]:
        if chained:
            yield from ((Follow(step), end) for step, end in self._step(place))
        for after in self.word(place, BAR):
            yield from ((Follow(step), end) for step, end in self._step(after) if not chained)
            yield from self._clause(after, depth)

    def _clause(self, place: int, depth: int) -> Iterator[tuple[Clause, int]]:
        for words, negated in ((" only", False), (" except", True)):
            for after in self.word(place, words):
                yield from ((Keep(InClass(nodes), negated), end) for nodes, end in self._class(after))
        for words, negated in ((" without", True), (" with", False)):
            for after in self.word(place, words):
                yield from ((Keep(Has(path), negated), end) for path, end in self._path(after))
        for words, negated in ((" where not", True), (" where", False)):
            for after in self.word(place, words):
                yield from ((Keep(condition, negated), end) for condition, end in self._condition(after))
        yield from self._extreme(place)
        for join in Join:
            for opened in self.word(place, f" {join}"):
                for after in self.word(opened, OPEN):
                    for program, end in self.program(after, depth + 1):
                        yield from ((Combine(join, program), closed) for closed in self.word(end, CLOSE))

    def _extreme(self, place: int) -> Iterator[tuple[Clause, int]]:
        for by, grouped in self._by(place):
            rank, ranked = self._rank(grouped)
            top = _TOP.match(self.text, ranked)
            count = int(top[1]) if top and int(top[1]) else 1
            counted = top.end() if top and int(top[1]) else ranked
            for words, least in ((" most", False), (" least", True)):
                for after in self.word(counted, words):
                    for measure, end in self._measure(by, after):
                        yield Extreme(measure, least, rank, count), end

    def _rank(self, place: int) -> tuple[int, int]:
        for rank, word in enumerate(ORDINALS):
            for after in self.word(place, f" {word}", silent=True) if word else ():
                return rank, after
        found = _ORDINAL.match(self.text, place)
        return (int(found[1]), found.end()) if found and int(found[1]) else (1, place)

    def _final(self, place: int) -> Iterator[tuple[Final, int]]:
        yield from ((Count(), end) for end in self.word(place, " count"))
        for aggregate in SUMMARIES:
            for after in self.word(place, f" {aggregate}"):
                yield from ((Summary(aggregate, path), end) for path, end in self._path(after) if path)
        for words, negated in ((" test not", True), (" test", False)):
            for after in self.word(place, words):
                yield from ((Test(condition, negated), end) for condition, end in self._condition(after))
        for by, grouped in self._by(place):
            for after in self.word(grouped, " each"):
                yield from ((Each(measure), end) for measure, end in self._measure(by, after))

    # Conditions ----------------------------------------------------------------------------------

    def _condition(self, place: int) -> Found[Condition]:
        return self.once(("condition", place), partial(self._read_condition, place))

    def _read_condition(self, place: int) -> Iterator[tuple[Condition, int]]:
        for after in self.word(place, " in class"):
            yield from ((InClass(nodes), end) for nodes, end in self._class(after))
        for after in self.word(place, " has"):
            yield from ((Has(path), end) for path, end in self._path(after))
        for path, reached in self._path(place):
            for after in self.word(reached, " is"):
                yield from ((Is(path, nodes), end) for nodes, end in self._node(after))
            for test in TextTest:
                for after in self.word(reached, f" {test}"):
                    yield from ((TextMatch(path, test, text), end) for text, end in self._free_text(after))
        for by, grouped in self._by(place):
            for measure, after in self._measure(by, grouped):
                yield from self._comparison(measure, after)

    def _comparison(self, measure: Measure, place: int) -> Iterator[tuple[Condition, int]]:
        for after in self.word(place, " between"):
            for dated in (True, False) if self._is_dated(measure) else (False, True):
                for low, between in self._operand(after, dated):
                    for second in self.word(between, " and"):
                        for high, end in self._operand(second, dated):
                            yield Compare(measure, Comparator.AT_LEAST, low, high), end
        for words, dated in ((DATE_COMPARATORS, True), (COMPARATORS, False)):
            for comparator, word in words.items():
                for after in self.word(place, word):
                    for operand, end in self._operand(after, dated, only_constants=dated):
                        yield Compare(measure, comparator, operand), end

    def _is_dated(self, measure: Measure) -> bool:
        """Whether a measure is of dates: "between 1990 and 2000" means years then."""
        if measure.aggregate is Aggregate.COUNT or not measure.path or measure.path[-1].inverse:
            return False
        values = ValueTable.of(self.graph)
        kinds = [values.relation_kind(number) for number in self.steps.relations(measure.path[-1])]
        return ValueKind.DATE in kinds

    def _operand(self, place: int, dated: bool, only_constants: bool = False) -> Found[Operand]:
        found: list[tuple[Operand, int]] = []
        if not only_constants:
            for after in self.word(place, " that of"):
                found += [(OwnValue(nodes), end) for nodes, end in self._node(after)]
            found += [(Average(), end) for end in self.word(place, " the average")]
        for text, end in self.words(place, _LONGEST_VALUE):
            value = None if BAR in text else read_constant(text, dated)
            if value is not None:
                found.append((Constant(value), end))
        if not found:
            self.expect(place, "a date" if dated else "a number")
        return unique(found)

    def _free_text(self, place: int) -> Found[str]:
        """The text of a test: up to the next operator, or to a later one if that makes no program."""
        ends = [at for mark in (BAR, CLOSE) for at in self._all(mark, place + 1)]
        return [
            (self.text[place + 1 : end], end) for end in sorted({*ends, len(self.text)}) if end > place + 1
        ]

    def _all(self, mark: str, place: int) -> Iterator[int]:
        at = self.text.find(mark, place)
        while at >= 0:
            yield at
            at = self.text.find(mark, at + 1)

    # Measures and paths --------------------------------------------------------------------------

    def _by(self, place: int) -> Found[Path]:
        grouped = [
            (path, end)
            for after in self.word(place, " by", silent=True)
            for path, end in self._path(after)
            if path
        ]
        return [*grouped, ((), place)]

    def _measure(self, by: Path, place: int) -> Found[Measure]:
        found = []
        for aggregate in Aggregate:
            starts = [place] if aggregate is Aggregate.VALUE else self.word(place, f" {aggregate}")
            for after in starts:
                for path, end in self._path(after):
                    if (path or (by and aggregate is Aggregate.COUNT)) and not (
                        by and aggregate is Aggregate.VALUE
                    ):
                        found.append((Measure(path, aggregate, by), end))
        return unique(found)

    def _path(self, place: int) -> Found[Path]:
        return self.once(("path", place), partial(self._read_path, place))

    def _read_path(self, place: int) -> Iterator[tuple[Path, int]]:
        for step, after in self._step(place):
            yield from (((step, *path), end) for path, end in self._path(after))
        yield (), place

    def _step(self, place: int) -> Found[Step]:
        return self.once(("step", place), partial(self._read_step, place))

    def _read_step(self, place: int) -> Iterator[tuple[Step, int]]:
        for words, inverse in ((" ->", False), (" <-", True)):
            for after in self.word(place, words):
                texts = list(self.words(after, _LONGEST_NAME))
                found = [(Step(text, inverse), end) for text, end in texts if text in self.steps.by_text]
                spelled = self.steps.by_folded_text
                found = found or [
                    (Step(spelled[name], inverse), end)
                    for text, end in texts
                    if (name := fold_name(text)) in spelled
                ]
                if not found:
                    self.expect(after, "a relation of the graph")
                yield from found

    # Names ---------------------------------------------------------------------------------------

    def _node(self, place: int) -> Found[Nodes]:
        return self.once(("node", place), partial(self._read_node, place, "an entity of the graph", {}))

    def _class(self, place: int) -> Found[Nodes]:
        return self.once(
            ("class", place), partial(self._read_node, place, "a class of the graph", self._classes)
        )

    def _read_node(self, place: int, what: str, first: dict[str, Nodes]) -> Iterator[tuple[Nodes, int]]:
        texts = list(self.words(place, _LONGEST_NAME))
        found = False
        for finder in (first.get, self.names.nodes, self.names.like):
            for text, end in texts:
                nodes = finder(text)
                if nodes:
                    found = True
                    yield nodes, end
            if found and finder is self.names.nodes:
                return
        if not found:
            self.expect(place, what)

    @property
    def _classes(self) -> dict[str, Nodes]:
        return Classes.of(self.graph).by_name

    def near(self, name: str, expected: list[str]) -> tuple[str, ...]:
        """Names of what was expected that are spelled like one."""
        found: list[str] = []
        if "a relation of the graph" in expected:
            found += near_names(name, set(self.steps.texts))
        if "an entity of the graph" in expected:
            found += self.names.near(name)
        if "a class of the graph" in expected:
            found += near_names(name, self._classes)
        return tuple(dict.fromkeys(found))[:3]
