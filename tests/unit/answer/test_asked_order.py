"""Programs compare the way that the question's words do."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import AskedOrder
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel

ROWS = [
    ("Ann", "1990-01-01", "34", "1.5", "3"),
    ("Bob", "1985-05-05", "39", "2.5", "1"),
    ("Cid", "2001-02-03", "23", "0.5", "2"),
]
GRAPH = GraphBuilder.of(
    [
        (name, relation, cell)
        for name, *cells in ROWS
        for relation, cell in zip(("born", "age", "density", "rank", "type"), (*cells, "player"), strict=True)
    ]
    + [
        (name, relation, cell)
        for name, *cells in (("Ann", "31", "-4"), ("Bob", "29", "8"), ("Cid", "35", "2"))
        for relation, cell in zip(("fastest lap", "elevation"), cells, strict=True)
    ]
    + [("Ann", "team", "Reds")]
)


def ranked(question: str, *texts: str) -> list[tuple[str, float]]:
    found = written(GRAPH, question, *texts)
    order = AskedOrder(MockLanguageModel().tokenizer).rank(question, [], found, GRAPH)
    return [(text_of(hypothesis, GRAPH), round(hypothesis.score, 3)) for hypothesis in order]


@pytest.mark.parametrize(
    ("question", "wrong", "right"),
    [
        ("Who is the oldest player?", "most -> born", "least -> born"),
        ("Who is the youngest player?", "least -> born", "most -> born"),
        ("Which player was born first?", "most -> born", "least -> born"),
        ("Which player was born most recently?", "least -> born", "most -> born"),
        ("Who is the oldest player?", "least -> age", "most -> age"),
        ("Who is the youngest player?", "most -> age", "least -> age"),
        ("Which player is the densest?", "least -> density", "most -> density"),
        ("Which player has the lowest density?", "most -> density", "least -> density"),
        ("Which has a density below 1?", "where -> density above 1", "where -> density below 1"),
        ("Which has at least 2 of it?", "where -> density at most 2", "where -> density at least 2"),
        (
            "Who has more than Ann?",
            "where -> density below that of Ann",
            "where -> density above that of Ann",
        ),
        ("Who is older than Ann?", "where -> born above that of Ann", "where -> born below that of Ann"),
        ("Who is older than Ann?", "where -> age below that of Ann", "where -> age above that of Ann"),
        ("Who was born after 2000?", "where -> born before 2000", "where -> born after 2000"),
        ("Who was born since 1990?", "where -> born after 1990", "where -> born since 1990"),
        ("Who was born since 1990?", "where -> born in 1990", "where -> born since 1990"),
        ("Who has a density of at least 1.5?", "where -> density above 1.5", "where -> density at least 1.5"),
        (
            "Who born since 1980 has a density above 1?",
            "where -> density below 1",
            "where -> density above 1",
        ),
        ("Who has a density above 1?", "where -> density at least 1", "where -> density above 1"),
        ("Who is younger, Ann or Bob?", "least -> born", "most -> born"),
        ("Which of Ann and Bob was born later?", "least -> born", "most -> born"),
        ("Who was born later, Ann or Bob?", "least -> born", "most -> born"),
        ("Who is older, Ann or Bob?", "least -> age", "most -> age"),
    ],
)
def test_what_goes_against_the_words_is_turned_round(question: str, wrong: str, right: str) -> None:
    expected = [(f"all player | {right}", -1.0)]
    assert ranked(question, f"all player | {right}") == expected
    assert ranked(question, f"all player | {wrong}") == expected


def test_a_test_compares_as_the_words_do() -> None:
    right, wrong = "Bob | test -> born below that of Ann", "Bob | test -> born above that of Ann"
    assert ranked("Is Bob older than Ann?", wrong) == [(right, -1.0)]
    assert ranked("Is Ann older than Bob?", wrong) == [(wrong, -1.0)]
    assert ranked("Is Bob older than Ann?", "Bob -> type | test is Ann") == []


def test_a_name_is_compared_with_where_it_stands_as_a_word() -> None:
    text = "all player | where -> born above that of Ann"
    assert ranked("Who is older than Annie, as Ann says?", text) == [
        ("all player | where -> born below that of Ann", -1.0)
    ]
    assert ranked("Ann asks: who is older than Annie?", text) == [(text, -1.0)]


def test_what_nothing_is_has_no_opposite() -> None:
    above = "all player | where -> density above 0"
    assert ranked("Which has a density below 0?", above) == [(above, -9.0)]


def test_the_scores_of_both_are_that_of_the_right_one() -> None:
    right, wrong = "all player | least -> born", "all player | most -> born"
    assert ranked("Who is the oldest player?", wrong, right) == [(right, -0.307)]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who is the highest ranked player?", "all player | least -> rank"),
        ("Who is the oldest and tallest player?", "all player | most -> born"),
        ("Who is the best player?", "all player | least -> density"),
        ("What is the longest age?", "all player | least -> born"),
        ("Which players are not above 1?", "all player | where -> density below 1"),
        ("Which players are above 1 and below 2?", "all player | where -> density below 1"),
        ("Which players have at least 1?", "all player | most -> density"),
        ("Which is the most sparsely populated?", "all player | least -> density"),
        ("Which is the least affordable?", "all player | most -> density"),
        ("What is the deepest?", "all player | least -> elevation"),
        ("Who has the fastest lap?", "all player | least -> fastest lap"),
        ("Who was named after Zeus by 2000?", "all player | where -> born before 2000"),
    ],
)
def test_what_the_words_do_not_tell_stays(question: str, text: str) -> None:
    assert ranked(question, text) == [(text, -1.0)]


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("Does Ann play in a team other than Reds?", True),
        ("Does Ann's father play for another team than Reds?", True),
        ("Is Ann in Reds rather than in Blues?", True),
        ("Does Ann play longer in Reds than Bob?", False),
    ],
)
def test_only_what_compares_needs_a_comparison(question: str, kept: bool) -> None:
    text = "Ann -> team | test is Reds"
    assert ranked(question, text) == ([(text, -1.0)] if kept else [])


def test_numbers_that_are_years_compare_as_dates_do() -> None:
    graph = GraphBuilder.of(
        [(name, "birth year", year) for name, year in (("Bach", "1685"), ("Mozart", "1756"))]
    )
    question = "Was Bach born before Mozart?"
    found = written(graph, question, "Bach | test -> birth year above that of Mozart")
    order = AskedOrder(MockLanguageModel().tokenizer).rank(question, [], found, graph)
    assert [text_of(one, graph) for one in order] == ["Bach | test -> birth year below that of Mozart"]
