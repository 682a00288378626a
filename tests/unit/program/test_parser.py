from __future__ import annotations

from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from random_programs import HOSTILE_NAMES, PLAIN_NAMES, RandomPrograms, random_graph

from kgqa.errors import ProgramError
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Triple
from kgqa.program import (
    Compare,
    Count,
    Executor,
    Extreme,
    Follow,
    Instances,
    Keep,
    Named,
    Program,
    Step,
    parse_program,
    program_text,
)

SEEDS = st.integers(0, 2**32)
TYPE = "type"


@pytest.fixture(scope="module")
def rivers() -> IndexedGraph:
    return GraphBuilder.of(
        [
            Triple("Danube", "flows through", "Austria"),
            Triple("Danube", TYPE, "River"),
            Triple("Rhine", TYPE, "River"),
            Triple("Rhine", "flows through", "Germany"),
            Triple("Danube", "length", "2850"),
            Triple("Rhine", "length", "1230"),
            Name("Danube", "Danube", alias=True),
            Name("Danube", "Donau", alias=True),
            Triple("A -> B | count", "length", "1"),
            Triple("A", "flows through", "B"),
        ]
    )


@given(SEEDS)
def test_the_text_of_a_program_is_read_as_this_program(seed: int) -> None:
    random = Random(seed)
    graph = random_graph(random, PLAIN_NAMES).graph
    drawn = RandomPrograms(graph, random)
    for _ in range(5):
        program = drawn.program()
        text = program_text(program, graph)
        found = parse_program(text, graph)
        executor = Executor.of(graph)
        assert executor.execute(found).key() == executor.execute(program).key(), text
        assert found == program, text


@given(SEEDS)
@example(0)
def test_names_that_look_like_operators_are_read_to_a_program_with_the_same_text(seed: int) -> None:
    random = Random(seed)
    graph = random_graph(random, HOSTILE_NAMES).graph
    drawn = RandomPrograms(graph, random)
    for _ in range(5):
        text = program_text(drawn.program(), graph)
        assert program_text(parse_program(text, graph), graph) == text


@given(SEEDS, st.data())
def test_any_other_text_is_refused_with_one_error(seed: int, data: st.DataObject) -> None:
    random = Random(seed)
    graph = random_graph(random, HOSTILE_NAMES).graph
    words = program_text(RandomPrograms(graph, random).program(), graph).split()
    words = data.draw(
        st.lists(st.sampled_from([*words, "|", "(", ")", "->", "where", "\0", "é"]), max_size=12)
    )
    found: Program | None
    try:
        found = parse_program(" ".join(words), graph)
    except ProgramError as error:
        found = None
        message = str(error)
        assert "expected" in message
    assert found is None or isinstance(found, Program)


def test_the_longest_name_of_the_graph_is_read_first(rivers: IndexedGraph) -> None:
    assert parse_program("A -> B | count", rivers) == Program(Named((("A -> B | count",),)))
    assert parse_program("A -> flows through | count", rivers).final == Count()


def test_names_are_found_without_case_and_by_aliases(rivers: IndexedGraph) -> None:
    through = (Follow(Step("flows through")),)
    assert parse_program("danube -> Flows Through", rivers) == Program(Named((("Danube",),)), through)
    assert parse_program("Donau -> flows through", rivers) == Program(Named((("Danube",),)), through)


def test_values_are_read_as_numbers_or_dates(rivers: IndexedGraph) -> None:
    program = parse_program("all River | where -> length above 1,000 | second most -> length", rivers)
    assert program.start == Instances(("River",))
    kept, best = program.clauses
    assert isinstance(kept, Keep)
    assert isinstance(kept.condition, Compare)
    assert kept.condition.operand.value.low == 1000  # type: ignore[union-attr]
    assert isinstance(best, Extreme)
    assert best.rank == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is expected at the beginning"),
        ("Danub -> length", "not 'Danub -> length'; near: 'Danube'"),
        ("Danube -> lenght", "a relation of the graph is expected after 'Danube ->', not 'lenght'"),
        ("Danube -> lenght", "; near: 'length'"),
        ("all Rivr", "near: 'River'"),
        ("Danube -> length | where -> length above tall", "a number is expected after"),
        ("Danube -> length | where -> length after tall", "a date is expected after"),
        ("Danube | count | count", "is expected after 'Danube | count', not '| count'"),
        ("Danube | count -> length", "the end of the program is expected after 'Danube | count'"),
        ("Danube | value -> length", "is expected after 'Danube |', not 'value -> length'"),
        ("Danube | and ( Rhine | count )", "is expected after 'Danube | and ( Rhine"),
        ("Danube | and ( " * 40, "nested"),
    ],
)
def test_an_error_quotes_the_place_and_what_is_expected(
    text: str, message: str, rivers: IndexedGraph
) -> None:
    with pytest.raises(ProgramError) as caught:
        parse_program(text, rivers)
    assert message in str(caught.value)


def test_what_is_no_text_is_refused(rivers: IndexedGraph) -> None:
    with pytest.raises(ProgramError, match="text of a program"):
        parse_program(None, rivers)  # type: ignore[arg-type]
