"""Programs have a superlative where the question has one, and pick the place that it says."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import AskedSuperlative
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel

LENGTHS = {"Danube": "2850", "Rhine": "1230", "Elbe": "1094", "Oder": "866"}
GRAPH = GraphBuilder.of(
    [
        *((river, "length", length) for river, length in LENGTHS.items()),
        *((river, "type", "river") for river in LENGTHS),
    ]
)
LONGEST = "all river | most -> length"


def ranked(question: str, *texts: str) -> list[tuple[str, float]]:
    found = written(GRAPH, question, *texts)
    order = AskedSuperlative(MockLanguageModel().tokenizer).rank(question, [], found, GRAPH)
    return [(text_of(hypothesis, GRAPH), round(hypothesis.score, 3)) for hypothesis in order]


@pytest.mark.parametrize(
    ("question", "clause"),
    [
        ("What is the second longest river?", "second most"),
        ("What is the 2nd-longest river?", "second most"),
        ("Which river comes second in length?", "second most"),
        ("Which river is third by length?", "third most"),
        ("What are the two longest rivers?", "top 2 most"),
        ("Name the top 3 rivers by length.", "top 3 most"),
        ("What are the 3 longest rivers?", "top 3 most"),
    ],
)
def test_the_place_of_the_question_is_put_in(question: str, clause: str) -> None:
    expected = [(f"all river | {clause} -> length", -1.0)]
    assert ranked(question, LONGEST) == expected
    assert ranked(question, expected[0][0]) == expected


@pytest.mark.parametrize(
    "question",
    [
        "What is the longest river?",
        "What was the longest river in the second year?",
        "What is the longest river of the 2nd region?",
        "What are the second and the third longest rivers?",
        "Is the second of the rivers the longest?",
        "Which two rivers are longest?",
    ],
)
def test_other_numbers_are_no_places(question: str) -> None:
    assert ranked(question, LONGEST) == [(LONGEST, -1.0)]


def test_a_program_with_a_place_or_with_two_superlatives_stays() -> None:
    third = "all river | third most -> length"
    both = "all river | top 3 most -> length | least -> length"
    question = "What is the third of the second longest 3 rivers?"
    assert ranked(question, third, both) == [(third, -1.0), (both, -1.0)]


def test_where_there_are_fewer_the_first_is_not_the_answer() -> None:
    assert ranked("What is the ninth longest river?", LONGEST) == [(LONGEST, -9.0)]


def test_the_scores_of_both_are_that_of_the_right_one() -> None:
    right = "all river | second most -> length"
    assert ranked("What is the second longest river?", LONGEST, right) == [(right, -0.307)]


@pytest.mark.parametrize("question", ["What is the longest river?", "Which river came first?"])
def test_what_compares_nothing_loses_where_something_does(question: str) -> None:
    other = "all river -> length"
    assert ranked(question, LONGEST, other) == [(LONGEST, -1.0), (other, -6.0)]
    assert ranked(question, other) == [(other, -1.0)]
    assert {score for _, score in ranked("Which river has a length?", LONGEST, other)} == {-1.0}


def test_a_relation_that_has_the_superlative_in_its_name_says_it() -> None:
    graph = GraphBuilder.of(
        [("Texas", "largest city", "Houston"), ("Houston", "area", "9"), ("Austin", "area", "7")]
    )
    question = "What is the largest city of Texas, Houston or Austin?"
    found = written(graph, question, "Texas -> largest city", "Houston or Austin | most -> area")
    order = AskedSuperlative(MockLanguageModel().tokenizer).rank(question, [], found, graph)
    assert [hypothesis.score for hypothesis in order] == [-1.0, -1.0]
