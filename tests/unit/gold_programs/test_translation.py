"""SQL and lambda DCS as programs over a small invented graph, in the canonical style."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kgqa.graph import Value, ValueKind
from kgqa.program import Denotation, Step, program_text
from scripts.programs import gold
from scripts.programs.answers import is_gold
from scripts.programs.gold import translate
from scripts.programs.world import World, open_world

TURTLE = """
@prefix : <http://example.org/spider/zoo/schema#> .
@prefix n: <http://example.org/zoo/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:Animal a rdfs:Class ; rdfs:label "animal" .
:Keeper a rdfs:Class ; rdfs:label "keeper" .
:Cage a rdfs:Class ; rdfs:label "cage" .
:Toy a rdfs:Class ; rdfs:label "toy" .
n:leo a :Animal ; rdfs:label "Leo" ; :weight 190 ; :kind "lion" ; :cage n:c1 ; :animalId 1 .
n:lea a :Animal ; rdfs:label "Lea" ; :weight 130 ; :kind "lion" ; :cage n:c1 ; :animalId 2 .
n:bo a :Animal ; rdfs:label "Bo" ; :weight 60 ; :kind "wolf" ; :cage n:c2 ; :animalId 3 .
n:c1 a :Cage ; rdfs:label "North" ; :size 40 ; :keeper n:k1 .
n:c2 a :Cage ; rdfs:label "South" ; :size 30 ; :keeper n:k2 .
n:c3 a :Cage ; rdfs:label "West" ; :size 20 ; :keeper n:k2 .
n:k1 a :Keeper ; rdfs:label "Ann Li" ; :firstName "Ann" ; :lastName "Li" ; :born 1980 .
n:k2 a :Keeper ; rdfs:label "Bob Ray" ; :firstName "Bob" ; :lastName "Ray" ; :born 1990 .
n:t1 a :Toy ; rdfs:label "ball" ; :cage n:c3 .
"""
LABELS = ["animal", "keeper", "cage", "weight", "kind", "size", "born"]

ASKED = [
    ("How many animals are there?", "SELECT count(*) FROM animal", ["3"], "all animal | count"),
    (
        "Which animals are lions?",
        "SELECT name FROM animal WHERE kind = 'lion'",
        ["Leo", "Lea"],
        "lion <- kind",
    ),
    (
        "How many lions weigh more than 150?",
        "SELECT count(*) FROM animal WHERE kind = 'lion' AND weight > 150",
        ["1"],
        "all animal | where -> kind is lion | where -> weight above 150 | count",
    ),
    (
        "What animals live in North?",
        "SELECT T1.name FROM animal AS T1 JOIN cage AS T2 ON T1.cage_id = T2.cage_id WHERE T2.name = 'North'",
        ["Leo", "Lea"],
        "North <- cage | only animal",
    ),
    (
        "Who keeps the cage of the heaviest animal?",
        "SELECT T3.name FROM animal T1 JOIN cage T2 ON T1.cage_id = T2.cage_id JOIN keeper T3"
        " ON T2.keeper_id = T3.keeper_id ORDER BY T1.weight DESC LIMIT 1",
        ["Ann Li"],
        "all animal | most -> weight | -> cage -> keeper",
    ),
    (
        "Which animals are in the cages of Ann Li?",
        "SELECT T1.name FROM animal T1 JOIN cage T2 ON T1.cage_id = T2.cage_id JOIN keeper T3"
        " ON T2.keeper_id = T3.keeper_id WHERE T3.first_name = 'Ann' AND T3.last_name = 'Li'",
        ["Leo", "Lea"],
        "Ann Li <- keeper <- cage | only animal",
    ),
    (
        "Which cages have no animal?",
        "SELECT name FROM cage WHERE cage_id NOT IN (SELECT cage_id FROM animal)",
        ["West"],
        "all cage | but not ( all animal -> cage )",
    ),
    (
        "Who keeps most cages?",
        "SELECT T2.name FROM cage T1 JOIN keeper T2 ON T1.keeper_id = T2.keeper_id"
        " GROUP BY T1.keeper_id ORDER BY count(*) DESC LIMIT 1",
        ["Bob Ray"],
        "all keeper | most count <- keeper",
    ),
    (
        "Which kinds have at least two animals?",
        "SELECT kind FROM animal GROUP BY kind HAVING count(*) >= 2",
        ["lion"],
        "all animal | where by -> kind count at least 2",
    ),
    (
        "Which animals are heavier than average?",
        "SELECT name FROM animal WHERE weight > (SELECT avg(weight) FROM animal)",
        ["Leo", "Lea"],
        "all animal | where -> weight above the average",
    ),
    (
        "Which animals are lighter than Lea?",
        "SELECT name FROM animal WHERE weight < (SELECT weight FROM animal WHERE name = 'Lea')",
        ["Bo"],
        "all animal | where -> weight below that of Lea",
    ),
    (
        "What is the total weight of the lions?",
        "SELECT sum(weight) FROM animal WHERE kind = 'lion'",
        ["320"],
        "lion <- kind | total -> weight",
    ),
    (
        "Which animals are lions or heavier than 100?",
        "SELECT name FROM animal WHERE kind = 'wolf' OR weight > 150",
        ["Bo", "Leo"],
        "all animal | where -> kind is wolf | or ( all animal | where -> weight above 150 )",
    ),
    (
        "What are the first names of keepers without big cages?",
        "SELECT first_name FROM keeper EXCEPT SELECT T1.first_name FROM keeper T1 JOIN cage T2"
        " ON T1.keeper_id = T2.keeper_id WHERE T2.size > 35",
        ["Bob"],
        "all keeper | where not <- keeper -> size above 35 | -> first name",
    ),
    (
        "Which animals weigh between 100 and 150?",
        "SELECT name FROM animal WHERE weight BETWEEN 100 AND 150",
        ["Lea"],
        "all animal | where -> weight between 100 and 150",
    ),
    (
        "Which animals have an L in front?",
        "SELECT name FROM animal WHERE name LIKE 'L%'",
        ["Leo", "Lea"],
        "all animal | where starts with L",
    ),
]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "spider" / "graphs").mkdir(parents=True)
    labels = {"firstName": "first name", "lastName": "last name", "animalId": "animal id"}
    labels |= {name: name for name in LABELS}
    schema, label = "http://example.org/spider/zoo/schema#", "http://www.w3.org/2000/01/rdf-schema#label"
    properties = "".join(f'<{schema}{name}> <{label}> "{text}" .\n' for name, text in labels.items())
    (folder / "spider" / "graphs" / "zoo.ttl").write_text(TURTLE + properties, encoding="utf-8")
    return folder


@pytest.fixture
def zoo(data: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    path = data / "spider" / "graphs" / "zoo.ttl"
    monkeypatch.setattr(gold, "graph_file", lambda *_: path)
    return open_world(path)


def row(question: str, sql: str, answers: list[str]) -> dict[str, Any]:
    return {"graph": "zoo", "question": question, "gold_sql": sql, "answers": answers, "id": "zoo-1"}


@pytest.mark.parametrize(("question", "sql", "answers", "text"), ASKED)
def test_sql_becomes_the_program_that_the_question_reads_like(
    zoo: World, data: Path, question: str, sql: str, answers: list[str], text: str
) -> None:
    found = translate(data, "spider", row(question, sql, answers))
    assert found.program is not None, found.reason
    assert program_text(found.program, zoo.graph) == text


@pytest.mark.parametrize(
    ("sql", "answers", "reason"),
    [
        ("SELECT count(*) FROM animal", ["4"], "other answers"),
        ("SELECT name, weight FROM animal", ["Leo"], "several columns"),
        ("SELECT weight / size FROM animal", ["1"], "arithmetic"),
        ("SELECT name FROM animal WHERE kind = 'unicorn'", [], "a constant that the graph has not"),
        ("SELECT name FROM submarine", ["U1"], "a table that is no class of the graph"),
        ("SELECT FROM WHERE", ["U1"], "SQL that cannot be parsed"),
    ],
)
def test_what_has_no_program_is_dropped_with_its_reason(
    zoo: World, data: Path, sql: str, answers: list[str], reason: str
) -> None:
    found = translate(data, "spider", row("?", sql, answers))
    assert (found.program, found.reason) == (None, reason)


def number(value: float, text: str) -> Denotation:
    return Denotation(value=Value(ValueKind.NUMBER, value, value, text))


def test_numbers_are_gold_within_half_a_percent(zoo: World) -> None:
    assert is_gold(number(100.4, "100.4"), zoo.graph, ["100"])
    assert not is_gold(number(101.0, "101"), zoo.graph, ["100"])


def test_sets_are_gold_only_as_a_whole(zoo: World) -> None:
    lions = zoo.executor.steps.reached(zoo.ids(zoo.named("lion")), Step("kind", inverse=True))
    assert is_gold(Denotation(lions), zoo.graph, ["LEO", "lea"])
    assert not is_gold(Denotation(lions), zoo.graph, ["Leo"])
    assert not is_gold(Denotation(lions), zoo.graph, ["Leo", "Lea", "Bo"])
