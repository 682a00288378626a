"""Programs are held against the names of the question."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import AskedNames
from kgqa.graph import GraphBuilder

GRAPH = GraphBuilder.of(
    [
        *(("France", "borders", name) for name in ("Spain", "Italy", "Germany")),
        *(("Germany", "borders", name) for name in ("France", "Poland", "Italy")),
        *(("Spain", "borders", name) for name in ("France", "Portugal")),
        ("France", "population", "68"),
        ("Spain", "population", "49"),
    ]
)


def ranked(question: str, topics: list[str], *texts: str) -> list[tuple[str, float]]:
    found = AskedNames(left_out=2.0, wider=10.0, reversed=8.0, turned=12.0).rank(
        question, topics, written(GRAPH, question, *texts), GRAPH
    )
    return [(text_of(hypothesis, GRAPH), hypothesis.score) for hypothesis in found]


def test_a_program_that_excepts_the_name_before_the_negation_ranks_last() -> None:
    right = "France -> borders | but not ( Germany -> borders )"
    wrong = "Germany -> borders | but not ( France -> borders )"
    question = "Which countries border France but not Germany?"
    assert ranked(question, ["France", "Germany"], wrong, right) == [(right, -1.0), (wrong, -9.0)]


def test_a_program_that_leaves_out_a_name_ranks_lower() -> None:
    both = "France or Germany -> borders"
    question = "What do France or Germany border?"
    found = ranked(question, ["France", "Germany"], "France -> borders", both)
    assert found == [(both, -1.0), ("France -> borders", -3.0)]


def test_a_program_that_leaves_out_a_name_which_the_same_has_in_a_condition_loses_more() -> None:
    wide, narrow = "Spain -> borders | count", "Spain -> borders | where <- borders is Germany | count"
    question = "How many countries does Spain border by Germany?"
    assert ranked(question, ["Germany"], wide, narrow) == [(narrow, -1.0), (wide, -11.0)]
    other = "Spain -> borders | where <- borders is Germany"
    assert ranked(question, ["Germany"], wide, other) == [(other, -1.0), (wide, -3.0)]


@pytest.mark.parametrize("question", ["What does it border?", "what about Portugal"])
def test_names_that_the_question_has_not_are_no_reason(question: str) -> None:
    found = written(GRAPH, "What does France border?", "France -> borders")
    assert AskedNames().rank(question, ["France"], found, GRAPH) == found


def test_a_name_is_tested_against_one_that_stands_behind_it() -> None:
    right = "Spain | test -> population above that of France"
    turned = "France | test -> population above that of Spain"
    same = "France or Spain | test -> population above that of Spain"
    found = ranked("Does Spain have more people than France?", ["France", "Spain"], turned, right)
    assert found == [(right, -1.0), (turned, -13.0)]
    assert ranked("Does Spain have more than France?", ["France", "Spain"], same) == [(same, -13.0)]
    unnamed = written(GRAPH, "France or Spain", turned)
    assert AskedNames().rank("Is it larger?", ["France", "Spain"], unnamed, GRAPH) == unnamed


def test_a_name_that_is_said_once_is_used_once() -> None:
    twice, once = "France -> borders | but not ( France <- borders )", "France -> borders"
    assert ranked("What does France border?", ["France"], twice, once) == [(once, -1.0), (twice, -5.0)]
    for question in (
        "What does France border, that France has no border with?",
        "What has its border with France?",
    ):
        assert {score for _, score in ranked(question, ["France"], twice, once)} == {-1.0}
