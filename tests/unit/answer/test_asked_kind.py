"""Answers are what the noun of the question names."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import AskedKind, PathRanker
from kgqa.decode import BeamSearch
from kgqa.finders import ModelFinder
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, Query

GRAPH = GraphBuilder.of(
    [
        *(("Ann", "type", "employee"), ("Bob", "type", "employee"), ("Kim", "type", "sales agent")),
        *(("Ann", "home office", "Oslo"), ("Bob", "home office", "Rome"), ("Kim", "home office", "Rome")),
        *(("Ann", "campus", "North"), ("Ann", "member of", "Union")),
        *(("Ann", "hire date", "2001-02-03"), ("Bob", "hire date", "2011-02-03")),
    ]
)


def ranked(question: str, *texts: str) -> list[tuple[str, float]]:
    found = AskedKind(5.0).rank(question, [], written(GRAPH, question, *texts), GRAPH)
    return [(text_of(hypothesis, GRAPH), hypothesis.score) for hypothesis in found]


def test_who_asks_for_a_class_is_given_instances() -> None:
    right = "all employee | where -> hire date after 2005"
    dates = f"{right} | -> hire date"
    assert ranked("Which employees were hired after 2005?", dates, right) == [(right, -1.0), (dates, -6.0)]
    agents, all_agents = "How many of the agents are there?", "all sales agent | count"
    assert ranked(agents, "all employee | count", all_agents)[0] == (all_agents, -1.0)


def test_who_asks_for_ends_of_a_relation_is_given_those() -> None:
    right, wrong = "all employee -> home office | count", "all employee | count"
    assert ranked("How many offices are there?", wrong, right) == [(right, -1.0), (wrong, -6.0)]
    assert ranked("list all offices", "all employee") == [("all employee", -6.0)]
    assert ranked("list all campuses", "all employee -> campus") == [("all employee -> campus", -1.0)]
    offices = "all employee -> home office"
    assert ranked("list all campuses", offices) == [(offices, -6.0)]


def test_other_words_and_other_results_are_no_reason() -> None:
    table = "all employee | by -> home office each count"
    for question, text in (
        ("How many people are there?", "all employee | count"),
        ("What are the names of the offices?", "all employee"),
        ("What campus has Ann?", "Ann -> home office"),
        ("Which person on campus hired Ann?", "Ann -> home office"),
        ("Which members has the union?", "Union <- member of"),
        ("Which agents hire dates are there?", "all sales agent"),
        ("What is the number of offices?", "all employee -> home office | count"),
        ("How many employees has each office?", table),
        ("Was Ann hired after 2005?", "Ann | test -> hire date after 2005"),
    ):
        assert ranked(question, text) == [(text, -1.0)]


def test_a_table_has_a_row_for_each_thing_that_is_named() -> None:
    offices, employees = "all employee | by -> home office each count", "all employee | each count -> campus"
    for question in ("How many people work in each office?", "Number of employees per office"):
        assert ranked(question, employees, offices) == [(offices, -1.0), (employees, -16.0)]
    asked = "How many campuses has each employee?"
    assert ranked(asked, offices, employees) == [(employees, -1.0), (offices, -16.0)]
    assert ranked("How many are there of each?", offices) == [(offices, -1.0)]


WARD = [
    *(("Ann", "type", "patient"), ("Bob", "type", "patient"), ("Kim", "type", "doctor")),
    *(("Ann", "treated by", "Kim"), ("Kim", "department", "Surgery"), ("Kim", "follows", "Bob")),
    *(("Kim", "first year", "1999"), ("Surgery", "causes", "Pain"), ("Rain", "causes", "Surgery")),
]


@pytest.mark.parametrize(
    ("question", "topic", "expected"),
    [
        ("Which doctors work in Surgery?", "Surgery", {"Kim"}),
        ("Which patients were treated in Surgery?", "Surgery", {"Ann", "Bob"}),
        ("what year did Kim begin", "Kim", {"1999"}),
        ("Which department has Ann?", "Ann", {"Surgery"}),
        # These name nothing, or may have a verb.
        ("what causes Surgery", "Surgery", None),
        ("what causes the Surgery", "Surgery", None),
        ("What is the doctor known for?", "Kim", None),
        ("Who is in Surgery?", "Surgery", None),
    ],
)
def test_paths_that_end_at_another_kind_of_thing_come_later(
    question: str, topic: str, expected: set[str] | None
) -> None:
    def ends(*rankers: PathRanker) -> set[str]:
        finder = ModelFinder(MockLanguageModel(), decoder=BeamSearch(100), rankers=rankers)
        answerer = Answerer(GraphBuilder.of(WARD), finder)
        (outcome,) = answerer.run([Query(question, [topic])])
        return set(outcome.hypotheses[0].ends)

    found = ends(AskedKind(other=1e3, behind_what=True))
    assert found == ends() if expected is None else found <= expected
