"""Programs whose result is known before the graph is asked are dropped."""

from __future__ import annotations

import pytest
from given_programs import text_of, written

from kgqa.answer import VacuousPrograms
from kgqa.graph import GraphBuilder

GRAPH = GraphBuilder.of(
    [
        *(("France", "borders", name) for name in ("Spain", "Italy")),
        *(("Spain", "borders", name) for name in ("France", "Portugal")),
        *(("France", "population", "68"), ("Spain", "population", "49"), ("Italy", "population", "59")),
        *((name, "type", "country") for name in ("France", "Spain", "Italy")),
    ]
)
BELOW_ITSELF = "all country | where -> population below that of France | test is France"


@pytest.mark.parametrize(
    ("question", "vacuous", "kept"),
    [
        ("How many neighbours has France?", "France | count", "France -> borders | count"),
        ("How many people has France?", "France -> population | count", "France -> population"),
        ("Is France in Spain?", "Spain | test is France", "Spain -> borders | test is France"),
        ("Does France border?", "France -> borders | test <- borders is France", "France -> borders"),
        (
            "Has France or Spain many people?",
            "France or Spain | test -> population equals that of France",
            "France -> population",
        ),
        (
            "Has France or Spain more people?",
            "France | or ( Spain -> population )",
            "France or Spain -> population",
        ),
        ("Has France more than Spain?", BELOW_ITSELF, "France | test -> population above that of Spain"),
        (
            "What is the average population of each country?",
            "all country | by -> population each average -> population",
            "all country | by -> borders each average -> population",
        ),
    ],
)
def test_what_asks_nothing_of_the_graph_is_dropped(question: str, vacuous: str, kept: str) -> None:
    found = VacuousPrograms().rank(question, [], written(GRAPH, question, vacuous, kept), GRAPH)
    assert [text_of(hypothesis, GRAPH) for hypothesis in found] == [kept]


def test_a_thing_is_no_value() -> None:
    untyped = GraphBuilder.of([("Ann", "salary", "7"), ("Bob", "salary", "9"), ("Ann", "city", "Oslo")])
    texts = ["Ann -> salary | test is Oslo", "Ann | test -> salary is Oslo", "Ann -> city | test is Oslo"]
    found = written(untyped, "Is Ann in Oslo?", *texts)
    assert [text_of(one, untyped) for one in VacuousPrograms().rank("?", [], found, untyped)] == texts[2:]


def test_things_that_have_no_relation_in_common_are_not_each_other() -> None:
    town = [
        ("Ann", "city", "Oslo"),
        ("Bob", "city", "Rome"),
        ("Bob", "boss", "Ann"),
        ("Oslo", "in", "Norway"),
    ]
    graph = GraphBuilder.of(town)
    texts = ["Ann -> city | test is Bob", "Ann | test -> city is Norway", "Ann -> city | test is Rome"]
    found = written(graph, "Have Ann and Bob the same city, Rome in Norway?", *texts)
    assert [text_of(one, graph) for one in VacuousPrograms().rank("?", [], found, graph)] == texts[2:]


def test_values_of_several_are_counted() -> None:
    found = written(GRAPH, "How many?", "all country -> population | count")
    assert VacuousPrograms().rank("?", [], found, GRAPH) == found
