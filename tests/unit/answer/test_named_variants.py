"""Variants of programs use what the question names."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import NamedVariants
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel

ROWS = (
    ("Dawn", "novel", "Ann", "300", "9"),
    ("Dusk", "novel", "Bob", "100", "8"),
    ("Moss", "crime", "Ann", "200", "7"),
    ("Reed", "crime", "Cid", "250", "6"),
)
GRAPH = GraphBuilder.of(
    (name, relation, cell)
    for name, *cells in ROWS
    for relation, cell in zip(("type", "genre", "author", "pages", "price"), ("book", *cells), strict=True)
)


def added(question: str, topics: list[str], *texts: str) -> set[tuple[str, float]]:
    given = written(GRAPH, question, *texts)
    found = NamedVariants(MockLanguageModel().tokenizer).rank(question, topics, given, GRAPH)
    assert found[: len(given)] == given
    return {(text_of(hypothesis, GRAPH), hypothesis.score) for hypothesis in found[len(given) :]}


@pytest.mark.parametrize(
    ("question", "topics", "text", "variant"),
    [
        (
            "Which novels are not by Ann?",
            ["novel", "Ann"],
            "all book | where not -> author is Ann",
            "all book | where not -> author is Ann | where -> genre is novel",
        ),
        (
            "Which book is not by Ann or Bob?",
            ["Ann", "Bob"],
            "all book | where not -> author is Ann",
            "all book | where not -> author is Ann | where not -> author is Bob",
        ),
        (
            "What is the longest book by Ann?",
            ["Ann"],
            "all book | most -> pages",
            "all book | where -> author is Ann | most -> pages",
        ),
        ("Which book is the longest?", [], "all book | most -> price", "all book | most -> pages"),
        ("How many pages has Dawn?", ["Dawn"], "Dawn -> price", "Dawn -> pages"),
        (
            "Which book has more than 240 pages?",
            [],
            "all book | where -> pages above the average",
            "all book | where -> pages above 240",
        ),
        (
            "Which book has fewer than 240 pages?",
            [],
            "all book | where by -> genre count below 240",
            "all book | where -> pages below 240",
        ),
    ],
)
def test_what_the_question_names_is_used(question: str, topics: list[str], text: str, variant: str) -> None:
    assert added(question, topics, text) == {(variant, -3.0)}


@pytest.mark.parametrize(
    ("question", "topics", "text"),
    [
        ("Which novels are by Ann?", ["novel", "Ann"], "novel <- genre | where -> author is Ann"),
        ("Is Dawn by Ann, or by Bob?", ["Dawn", "Ann", "Bob"], "Dawn -> author | test is Bob"),
        ("Which book has most pages?", [], "all book | most -> pages"),
        ("Which are not by Ann?", ["Ann"], "all book | most -> pages"),
    ],
)
def test_nothing_is_added_where_all_is_used_or_nothing_fits(
    question: str, topics: list[str], text: str
) -> None:
    assert added(question, topics, text) == set()


def test_of_many_names_not_all_combinations_are_tried() -> None:
    names = ["Ann", "Bob", "Cid", "Dan", "Eve", "Fay", "Gus", "Hal"]
    books = [(f"B{number}", relation, name) for number in range(9) for name in names for relation in "abc"]
    graph = GraphBuilder.of([*books, *((f"B{number}", "type", "book") for number in range(9))])
    question = f"Which books are by {', '.join(names)}?"
    given = written(graph, question, "all book")
    found = NamedVariants(MockLanguageModel().tokenizer).rank(question, names, given, graph)  # of 65,535
    assert len(given) < len(found) < 30
