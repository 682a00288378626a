from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from kgqa.constraint.programs.program_walk import ProgramWalk
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.linking.program_linker import ProgramLinker
from kgqa.lm import MockTokenizer
from kgqa.program import Executor, program_text
from kgqa.training.examples.program_synthesis import synthetic_programs


def company() -> IndexedGraph:
    """A typed graph with numbers, dates, texts and two directions of one relation."""
    random = Random(0)
    triples = []
    people = [
        "Ada Stone",
        "Bo Marsh",
        "Cy Field",
        "Di Woods",
        "Ed Hills",
        "Flo Rivers",
        "Gus Lake",
        "Hal Brook",
    ]
    for place, person in enumerate(people):
        triples += [
            (person, "type", "Employee"),
            (person, "salary", str(random.randrange(20, 90) * 1000)),
            (person, "hire date", f"{random.randrange(1990, 2020)}-0{random.randrange(1, 10)}-11"),
            (person, "works in", random.choice(["Sales", "Research", "Kitchen"])),
            (person, "home town", random.choice(["Paris", "Rome"])),
        ]
        if place:
            triples.append((person, "reports to", people[place // 2]))
    for name, floor in (("Sales", 1), ("Research", 2), ("Kitchen", 2)):
        triples += [(name, "type", "Department"), (name, "floor", str(floor))]
    for name, size in (("Paris", 2_100_000), ("Rome", 2_800_000)):
        triples += [(name, "type", "City"), (name, "population", str(size))]
    return GraphBuilder.of([Triple(*triple) for triple in triples])


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return company()


def test_the_same_seed_gives_the_same_questions(graph: IndexedGraph) -> None:
    first, again = (list(synthetic_programs(company(), 40, seed=3)) for _ in range(2))
    assert first == again
    assert first != list(synthetic_programs(graph, 40, seed=4))


def test_the_walk_of_a_question_alone_accepts_its_program(graph: IndexedGraph) -> None:
    linker, tokenizer = ProgramLinker(), MockTokenizer()
    for example in synthetic_programs(graph, 40, seed=1):
        mentioned = linker.mentioned(example.question, graph)
        walk = ProgramWalk.programs_of(graph, mentioned, tokenizer)
        state = walk.start
        for token in tokenizer.encode_plain(" " + program_text(example.program, graph)):
            state = walk.advance(state, token)
        assert walk.accepts(state), example
        assert example.program in walk.programs(state)


def test_questions_are_about_what_the_program_executes_to(graph: IndexedGraph) -> None:
    executor = Executor.of(graph)
    for example in synthetic_programs(graph, 100, seed=2):
        assert executor.execute(example.program), example


def test_all_operators_occur(graph: IndexedGraph) -> None:
    texts = [program_text(example.program, graph) for example in synthetic_programs(graph, 700, seed=5)]
    found = Counter(
        word
        for text in texts
        for word in (
            " | count",
            " most ",
            " least ",
            "second",
            " top ",
            "average",
            "total",
            " where ",
            " where not ",
        )
        if word in text
    )
    found.update(
        word
        for text in texts
        for word in (" test ", " above ", " after ", " between ", " each", " or ")
        if word in text
    )
    assert len(found) == 15, found
    assert sum(text.endswith("| count") for text in texts) / len(texts) > 0.1


def test_few_of_the_counts_are_one(graph: IndexedGraph) -> None:
    executor = Executor.of(graph)
    counts = [
        executor.execute(example.program).value
        for example in synthetic_programs(graph, 200, seed=6)
        if program_text(example.program, graph).endswith("| count")
    ]
    ones = sum(value is not None and value.low == 1 for value in counts)
    assert ones <= 0.6 * len(counts)


@pytest.mark.parametrize(
    "triples",
    [
        [("a", "r", "b")],
        [("Rome", "near", f"Place {number}") for number in range(30)],
        [(f"x{number}", "->", f"x{number + 1}") for number in range(30)],
        [(f"{number}", "value", f"{number * 2}") for number in range(20)],
        [("|", "| count", "->"), ("(", "not", ")"), ('"', "'", "\\")],
        [(f"Item {number}", "type", "Thing") for number in range(9)],
    ],
)
def test_poor_graphs_give_few_questions_and_no_error(triples: list[tuple[str, str, str]]) -> None:
    graph = GraphBuilder.of([Triple(*triple) for triple in triples])
    assert len(list(synthetic_programs(graph, 20, seed=0))) <= 20


def test_a_graph_without_facts_gives_no_question() -> None:
    assert list(synthetic_programs(GraphBuilder.of([]), 20, seed=0)) == []
