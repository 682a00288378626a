"""Invented event logs: their questions can be answered, and their worlds differ."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from kgqa.graph import IndexedGraph
from kgqa.linking import ProgramLinker
from kgqa.program import Combine, Count, Executor, Extreme, Keep, Summary, Test, parse_program, program_text
from kgqa.training.examples.program_example import ProgramExample
from kgqa.training.examples.program_synthesis import accepted_program
from scripts.logs.tables import events, pools, things
from scripts.logs.wording import plural
from scripts.programs.event_logs import SOURCE, event_logs

Logs = list[tuple[IndexedGraph, list[ProgramExample]]]


@pytest.fixture(scope="module")
def logs() -> Logs:
    return list(event_logs(3, 4, 40))


def test_each_question_has_a_program_that_executes_and_that_the_question_allows(logs: Logs) -> None:
    for graph, examples in logs:
        assert len(examples) == 40
        assert len({example.question for example in examples}) == 40
        for example in examples:
            assert example.source == SOURCE
            found = Executor.of(graph).execute(example.program)
            assert found.members is None or len(found.members), example
            mentioned = ProgramLinker().mentioned(example.question, graph)
            assert accepted_program(example.program, graph, mentioned) is not None, example
            read = parse_program(program_text(example.program, graph), graph)
            assert Executor.of(graph).execute(read).key() == found.key()


def test_the_operators_are_mixed(logs: Logs) -> None:
    used: Counter[type] = Counter()
    for _, examples in logs:
        for example in examples:
            used.update({type(example.program.final), *map(type, example.program.clauses)})
    assert min(used[kind] for kind in (Count, Summary, Test, Keep, Extreme, Combine)) > 5


def test_a_seed_draws_the_same_logs_again_and_worlds_differ(logs: Logs) -> None:
    again = list(event_logs(3, 2, 40))
    assert [examples for _, examples in again] == [examples for _, examples in logs[:2]]
    schemas = [{str(graph.relation_labels[at]) for at in range(graph.relation_count)} for graph, _ in logs]
    assert all(one != other for one, other in combinations(schemas, 2))


def test_the_tables_are_whole() -> None:
    assert len({event.domain for event in events()}) >= 15
    for event in events():
        assert event.object.kinds
        names = {one.name for one in event.attributes}
        assert not event.agent or event.agent in names
        assert all(f"{{{event.object.name}}}" in form for verb in event.slotted for form in verb), event
        assert all("{" not in form for verb in event.bare for form in verb)
        for one in event.attributes:
            if one.values[0] == "@":
                assert one.values[1:] in pools()
            elif one.values[0] == "*":
                assert one.values[1:] in things()
            assert all(phrase.count("{}") == 1 for phrase in one.phrases), one


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("person", "people"),
        ("class outing", "class outings"),
        ("shopping tour", "shopping tours"),
        ("shopping", "shopping"),
        ("means of transport", "means of transport"),
        ("programme seen", "programmes seen"),
        ("visit", "visits"),
        ("shelf", "shelves"),
        ("foods", "foods"),
        ("dishes", "dishes"),
        ("aircraft", "aircraft"),
    ],
)
def test_plurals(one: str, many: str) -> None:
    assert plural(one) == many
