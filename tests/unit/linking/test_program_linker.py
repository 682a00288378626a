"""What a question mentions for a program."""

from __future__ import annotations

import pytest

from kgqa.graph import GraphBuilder, IndexedGraph, Name, Statement, Triple
from kgqa.linking import ProgramLinker

FACTS = (
    ("alice", "friend", "bob"),
    ("colorado river", "in", "colorado"),
    ("colorado the river", "traverses", "utah"),
    ("bob", "sex", "M"),
    ("carol", "sex", "F"),
)


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    statements: list[Statement] = [
        *(Triple(*fact) for fact in FACTS),
        Name("colorado the river", "colorado river", alias=True),
    ]
    return GraphBuilder.of(statements)


def named(question: str, graph: IndexedGraph) -> set[str]:
    return {node for nodes in ProgramLinker().mentioned(question, graph).topics for node in nodes}


def test_a_possessive_without_an_apostrophe_names_the_person(graph: IndexedGraph) -> None:
    assert named("who are alices friends", graph) == {"alice"}


def test_what_has_the_name_as_an_alias_is_meant_beside_what_has_it_as_its_label(graph: IndexedGraph) -> None:
    assert named("what does the colorado river traverse", graph) == {"colorado river", "colorado the river"}


def test_a_single_capital_is_a_name_where_the_graph_has_it(graph: IndexedGraph) -> None:
    assert named("Which people have sex F?", graph) == {"F"}


@pytest.fixture(scope="module")
def diary() -> IndexedGraph:
    builder = GraphBuilder()
    for event, day in (("e1", "2020-01-02"), ("e2", "2020-01-05")):
        builder.add(Triple(event, "date", day))
        builder.add(Name(event, f"tea on {day}"))
    facts = [("e1", "watched", "a movie"), ("e2", "hobby", "working out"), ("e2", "with", "Riley")]
    return builder.add_all([*facts, ("e2", "said", "it")]).build()


def test_everyday_words_are_names_where_the_graph_writes_them_so(diary: IndexedGraph) -> None:
    assert named("How often did I watch a movie in 2020?", diary) == {"a movie"}
    assert named("When did I do working out with Riley?", diary) == {"working out", "Riley"}
    assert named("How often did I watch A Movie in 2020?", diary) == {"a movie"}  # as before, a capital tells
    assert named("Did Riley do it?", diary) == {"Riley"}


def test_a_part_of_several_names_is_none_of_them(diary: IndexedGraph) -> None:
    assert named("How often did I have tea in 2020?", diary) == set()


def test_a_word_that_asks_for_an_operator_is_no_name_unless_it_is_written_as_one() -> None:
    films = GraphBuilder.of(
        [("Most", "directed_by", "Bobby Garabedian"), ("Kismet", "directed_by", "Dieterle")]
    )
    assert not named("Who directed the most movies?", films)
    assert named("Who directed Most?", films) == {"Most"}
    assert named("Who directed most of Kismet?", films) == {"Kismet"}


def test_an_ordinal_before_a_superlative_is_no_name() -> None:
    units = GraphBuilder.of([("second", "symbol", "s"), ("Texas", "area", "9")])
    assert named("What is the second largest city of Texas?", units) == {"Texas"}
    assert named("What is the second-largest city of Texas?", units) == {"Texas"}
    assert named("What is the symbol of the second?", units) == {"second"}
    assert ProgramLinker().mentioned("the second largest of Texas", units).places == (2,)


def test_averages_are_offered_where_the_question_speaks_of_one(graph: IndexedGraph) -> None:
    questions = ("Who has more than the average?", "Who has more than the mean?", "Who has more than bob?")
    assert [ProgramLinker().mentioned(one, graph).averages for one in questions] == [True, True, False]


def test_numbers_within_names_are_no_values() -> None:
    lines = GraphBuilder.of([("Line 4", "fare", "2"), ("Line 12", "fare", "3")])
    found = ProgramLinker().mentioned("Does Line 4 have a fare above 2?", lines)
    assert [value.text for value in found.values] == ["2"]
    assert [value.text for value in ProgramLinker().mentioned("above 4 or 12", lines).values] == ["4", "12"]
    signs = GraphBuilder.of([("in dollar signs", "comment", "a rating")])  # only like "2 dollar signs"
    assert [value.text for value in ProgramLinker().mentioned("2 dollar signs", signs).values] == ["2"]


def test_plurals_of_everyday_words_are_names_where_the_graph_has_the_singular() -> None:
    books = GraphBuilder.of(
        [("Dawn", "genre", "novel"), ("Dusk", "genre", "story"), ("Dawn", "by", "Novels")]
    )
    assert named("Which novels are by Ann?", books) == {"Novels"}
    assert named("Which stories are by Ann?", books) == {"story"}


def test_a_number_that_something_is_compared_with_is_no_name() -> None:
    facts = [("Iron Moth", "type", "band"), ("Iron Moth", "members", "4"), ("Red Kites", "members", "4")]
    bands = GraphBuilder.of(facts)
    assert named("Which bands have more than 4 members?", bands) == set()
    assert named("Which bands have between 2 and 4 members?", bands) == set()
    assert named("Is Iron Moth louder than 4?", bands) == {"Iron Moth"}
    assert named("Which bands have 4 members?", bands) == {"4"}
    assert named("Who has more than 4?", GraphBuilder.of(facts[1:])) == {"4"}  # no class to start from
