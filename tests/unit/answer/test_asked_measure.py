"""Programs compare what the question's adjective is about."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import AskedMeasure, compares_as_asked
from kgqa.answer.programs.asked_measure import measures_asked
from kgqa.graph import GraphBuilder

GRAPH = GraphBuilder.of(
    (name, relation, cell)
    for name, *cells in (
        ("Ann", "180", "70", "3000"),
        ("Bob", "170", "80", "2000"),
        ("Cid", "190", "90", "1000"),
    )
    for relation, cell in zip(("type", "height", "weight", "salary"), ("player", *cells), strict=True)
)
BY_HEIGHT, BY_WEIGHT = "all player | most -> height", "all player | most -> weight"


def ranked(question: str, *texts: str) -> list[tuple[str, float]]:
    found = AskedMeasure(8.0).rank(question, [], written(GRAPH, question, *texts), GRAPH)
    return [(text_of(hypothesis, GRAPH), hypothesis.score) for hypothesis in found]


def test_another_measure_loses_score() -> None:
    assert ranked("Who is the tallest?", BY_WEIGHT, BY_HEIGHT) == [(BY_HEIGHT, -1.0), (BY_WEIGHT, -9.0)]
    salary, height = "Ann | test -> salary above that of Bob", "Ann | test -> height above that of Bob"
    assert ranked("Does Ann earn more than Bob?", height, salary) == [(salary, -1.0), (height, -9.0)]
    kept = "all player | where -> weight above that of Bob"
    other = "all player | where -> height above that of Bob"
    assert ranked("Who is heavier than Bob?", other, kept) == [(kept, -1.0), (other, -9.0)]


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("Who is the tallest?", [BY_WEIGHT]),
        ("Who is the tallest by weight?", [BY_WEIGHT, BY_HEIGHT]),
        ("Who is the tallest and heaviest?", [BY_WEIGHT, BY_HEIGHT]),
        ("Who is the tallest?", [BY_HEIGHT, "all player | count"]),
        ("Who earns something?", [BY_WEIGHT, "all player | most -> salary"]),
    ],
)
def test_nothing_loses_where_the_words_do_not_tell(question: str, texts: list[str]) -> None:
    assert sorted(ranked(question, *texts)) == sorted((text, -1.0) for text in texts)


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("Which is bigger?", "size"),
        ("Which is the heaviest?", "weight"),
        ("Which is larger?", "area"),
        ("Which is the most expensive?", "price"),
        ("How old is Ann?", "age"),
        ("Does it cost more than this?", "fare"),
        ("Who is the best player?", ""),
    ],
)
def test_adjectives_and_verbs_are_about_measures(question: str, word: str) -> None:
    found = measures_asked(question)
    assert word in found if word else not found


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Is Ann taller than Bob?", True),
        ("Has Ann more height than Bob?", True),
        ("Does Ann earn more than Bob?", False),
        ("Did Ann play more matches than Bob?", False),
        ("Was Ann born before Bob?", False),
    ],
)
def test_a_comparison_by_other_words_is_not_what_is_asked(question: str, asked: bool) -> None:
    (found,) = written(GRAPH, question, "Ann | test -> height above that of Bob")
    assert compares_as_asked(found, question) == asked
