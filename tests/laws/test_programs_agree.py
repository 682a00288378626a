"""The oracle of programs: the executor, SPARQL in pyoxigraph, and brute force denote the same."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from enum import StrEnum
from random import Random
from typing import Any

import pyoxigraph
import pytest
from program_oracle import ProgramOracle, Result
from random_programs import RandomGraph, RandomPrograms, random_graph

from kgqa.graph import ValueKind, read_value
from kgqa.program import (
    Aggregate,
    Comparator,
    Denotation,
    Each,
    Executor,
    Join,
    Program,
    TextTest,
    execution,
    program_text,
    steps,
    to_quads,
    to_sparql,
)
from kgqa.program.sparql import RdfTerms


class SparqlStore:
    """A graph in pyoxigraph, loaded as any user would load it."""

    def __init__(self, random: RandomGraph) -> None:
        self.graph = random.graph
        self.store = pyoxigraph.Store()
        self.store.extend(to_quads(random.graph))
        self.nodes = self._nodes()

    def _nodes(self) -> dict[Any, str]:
        """The identifier of each term, in the form that the store gives it back in."""
        found: dict[Any, str] = {}
        terms, scratch = RdfTerms.of(self.graph), pyoxigraph.Store()
        is_node = pyoxigraph.NamedNode("urn:is")
        for number in range(self.graph.entity_count):
            term = terms.node(number)
            if isinstance(term, str):
                found[pyoxigraph.NamedNode(term)] = self.graph.entity(number)
                continue
            datatype = pyoxigraph.NamedNode(term.datatype) if term.datatype else None
            literal = (
                pyoxigraph.Literal(term.text, language=term.language)
                if term.language
                else pyoxigraph.Literal(term.text, datatype=datatype)
            )
            scratch.add(pyoxigraph.Quad(pyoxigraph.NamedNode(f"urn:n{number}"), is_node, literal))
        for quad in scratch:
            found[quad.object] = self.graph.entity(int(quad.subject.value.removeprefix("urn:n")))
        return found

    def result(self, program: Program, query: str) -> Result:
        found = self.store.query(query)
        if isinstance(found, pyoxigraph.QueryBoolean):
            return bool(found)
        assert isinstance(found, pyoxigraph.QuerySolutions)
        rows = [tuple(row) for row in found]
        if program.final is None:
            return frozenset(self.nodes[row[0]] for row in rows)
        assert all(value is not None for row in rows for value in row), query
        if isinstance(program.final, Each):
            table: dict[str, list[tuple[float, float]]] = {}
            for member, value in rows:
                table.setdefault(self.nodes[member], []).append(_span(value))
            return {member: (min(spans), max(spans)) for member, spans in table.items()}
        assert len(rows) <= 1
        return _span(rows[0][0]) if rows else None


def _span(literal: Any) -> tuple[float, float]:
    value = read_value(literal.value, literal.datatype.value)
    assert value.kind is not ValueKind.TEXT, literal
    return value.low, value.high


def executed(program: Program, random: RandomGraph) -> Result:
    """What the executor says, in the form of the oracle."""
    graph = random.graph
    found: Denotation = Executor.of(graph).execute(program)
    if found.members is not None:
        return frozenset(graph.entity(number) for number in found.members.tolist())
    if found.table is not None:
        table = found.table
        columns = zip(table.low, table.high, table.best_low, table.best_high, strict=True)
        return {
            graph.entity(member): ((low, high), (best_low, best_high))
            for member, (low, high, best_low, best_high) in zip(table.members.tolist(), columns, strict=True)
        }
    if found.value is not None:
        return found.value.low, found.value.high
    return found.truth


def same(one: Result, other: Result) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) for a, b in zip(one, other, strict=True))
    if isinstance(one, dict) and isinstance(other, dict):
        pairs = [(one[key], other[key]) for key in one] if one.keys() == other.keys() else None
        return pairs is not None and all(same(a[0], b[0]) and same(a[1], b[1]) for a, b in pairs)
    return type(one) is type(other) and one == other


def check(seed: int, programs: int) -> None:
    """Programs over one graph, each in three ways."""
    random = Random(seed)
    facts = random_graph(random)
    drawn, oracle, store = RandomPrograms(facts.graph, random), ProgramOracle(facts), SparqlStore(facts)
    for _ in range(programs):
        program = drawn.program()
        expected = oracle.result(program)
        found = executed(program, facts)
        where = f"seed {seed}: {program_text(program, facts.graph)}\n{program}"
        assert same(found, expected), f"{where}\nexecutor {found}\nbrute force {expected}"
        query = to_sparql(program, facts.graph)
        asked = store.result(program, query)
        assert same(asked, expected), f"{where}\nSPARQL {asked}\nbrute force {expected}\n{query}"


@pytest.fixture
def as_if_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sets of any size are executed as those of thousands of members are."""
    monkeypatch.setattr(execution, "_MANY", 0)
    monkeypatch.setattr(steps, "_FEW", 0)


@pytest.mark.parametrize("seed", range(60))
def test_executor_sparql_and_brute_force_agree(seed: int) -> None:
    check(seed, programs=5)


@pytest.mark.usefixtures("as_if_large")
@pytest.mark.parametrize("seed", range(60, 100))
def test_large_sets_are_executed_to_the_same(seed: int) -> None:
    check(seed, programs=5)


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("part", range(50))
def test_executor_sparql_and_brute_force_agree_on_ten_thousand_programs(part: int) -> None:
    for seed in range(1000 + 20 * part, 1020 + 20 * part):
        check(seed, programs=10)


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.usefixtures("as_if_large")
@pytest.mark.parametrize("part", range(10))
def test_large_sets_are_executed_to_the_same_in_two_thousand_programs(part: int) -> None:
    for seed in range(3000 + 20 * part, 3020 + 20 * part):
        check(seed, programs=10)


def test_every_part_of_a_program_is_drawn_in_programs_that_denote_something() -> None:
    """Else agreement would say little."""
    seen: Counter[str] = Counter()
    for seed in range(400):
        random = Random(seed)
        facts = random_graph(random)
        drawn = RandomPrograms(facts.graph, random)
        for _ in range(5):
            program = drawn.program()
            if Executor.of(facts.graph).execute(program):
                seen.update(set(_parts(program)))
    assert {part: seen[part] for part in PARTS if seen[part] < 10} == {}


PARTS = {
    *("Named", "Instances", "Follow", "Keep", "Extreme", "Combine", "Count", "Summary", "Test", "Each"),
    *("Is", "InClass", "Has", "Compare", "TextMatch", "Constant", "OwnValue", "Average"),
    *("negated", "inverse", "least", "by", "upper", *Join, *Comparator, *TextTest, *Aggregate),
}


def _parts(part: object) -> Iterator[str]:
    """The names of the classes, choices and flags in a program."""
    if isinstance(part, tuple):
        if hasattr(part, "_asdict"):
            yield from (name for name, value in part._asdict().items() if value is True)
        for item in part:
            yield from _parts(item)
    elif isinstance(part, StrEnum):
        yield str(part)
    elif is_dataclass(part):
        yield type(part).__name__
        for field in fields(part):
            value = getattr(part, field.name)
            if value not in (None, False, ()):
                yield field.name
            yield from _parts(value)
