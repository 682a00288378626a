"""Programs end at values where the question asks for values, and nowhere else."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import AskedValues
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel

GRAPH = GraphBuilder.of(
    [
        *((name, "type", "employee") for name in ("Ann", "Bob", "Cid")),
        *(("Ann", "hired", "2019-01-01"), ("Bob", "hired", "2020-01-01"), ("Cid", "hired", "2021-01-01")),
        *(("Ann", "height", "170"), ("Bob", "height", "180")),
        *(("Ann", "goals", "7"), ("Bob", "goals", "3"), ("Ann", "team", "Reds"), ("Ann", "team", "Blues")),
        *(
            ("Reds", "stop", "Hill"),
            ("Blues", "stop", "Hill"),
            ("Cid", "team", "Reds"),
            ("Cid", "goals", "9"),
        ),
    ]
)


def ranked(question: str, *texts: str) -> list[tuple[str, float]]:
    found = AskedValues(MockLanguageModel().tokenizer).rank(
        question, [], written(GRAPH, question, *texts), GRAPH
    )
    return [(text_of(hypothesis, GRAPH), round(hypothesis.score, 3)) for hypothesis in found]


@pytest.mark.parametrize(
    ("question", "text", "meant"),
    [
        ("How many goals has Ann?", "Ann -> goals | count", "Ann -> goals"),
        (
            "How tall is the tallest employee?",
            "all employee | most -> height",
            "all employee | most -> height | -> height",
        ),
        ("Who was hired last?", "all employee | most -> hired | -> hired", "all employee | most -> hired"),
        (
            "Which employees were hired after 2019?",
            "all employee | where -> hired after 2019 | -> goals",
            "all employee | where -> hired after 2019",
        ),
        (
            "Which employees are in Reds and Blues?",
            "Reds <- team -> goals | and ( Blues <- team -> goals )",
            "Reds <- team | and ( Blues <- team )",
        ),
    ],
)
def test_what_is_meant_takes_the_place(question: str, text: str, meant: str) -> None:
    assert ranked(question, text) == [(meant, -1.0)]
    assert ranked(question, text, meant) == [(meant, -0.307)]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("How many teams has Ann?", "Ann -> team | count"),
        ("How old is the tallest employee?", "all employee | most -> height"),
        ("Who is the tallest employee?", "all employee | most -> height"),
        ("When was Ann hired, and how often?", "Ann -> hired | count"),
        ("How many goals are there?", "all employee -> goals | count"),
        ("When was the last one hired?", "all employee | most -> hired | -> hired"),
        ("Who has a team?", "all employee -> team"),
        ("Which teams are those of employees?", "all employee -> team"),
        ("Which employee teams are there?", "all employee -> team"),
    ],
)
def test_what_may_be_meant_stays(question: str, text: str) -> None:
    assert ranked(question, text) == [(text, -1.0)]


def test_a_step_that_the_noun_is_a_word_of_stays() -> None:
    facts = [
        (f"S{year}", relation, tail)
        for year in (2004, 2005)
        for relation, tail in (("type", "player season"), ("player", "Ann"), ("season", str(year)))
    ]
    graph = GraphBuilder.of(facts)
    text, question = "Ann <- player -> season", "What seasons did Ann play?"
    found = AskedValues(MockLanguageModel().tokenizer).rank(
        question, [], written(graph, question, text), graph
    )
    assert [text_of(hypothesis, graph) for hypothesis in found] == [text]
