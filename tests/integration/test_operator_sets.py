"""The sets whose questions need operators, with their real files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kgqa.datasets import ANSWER_TYPES, CATALOGUE, DataFolders, Part, Question, set_status
from kgqa.evaluation import RunRecipe, RunSettings
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation
from kgqa.evaluation.scoring.metrics import score_denotation
from kgqa.graph import IndexedGraph, open_graph

DATA = Path(os.environ.get("KGQA_DATA") or Path(__file__).parents[3] / "shared" / "data")
SETS = ("geoquery", "spider", "overnight", "timelineqa")
pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(
        not all((DATA / name).is_dir() for name in SETS),
        reason=f"geoquery, spider, overnight and timelineqa are not in {DATA}; set KGQA_DATA",
    ),
]
COUNTS = {
    "geoquery": {"train": 547, "dev": 49},
    "spider": {"train": 2371, "dev": 294},
    "overnight": {"train": 3625, "dev": 888},
    "timelineqa": {"train": 362, "dev": 66},
}
GRAPHS = {"geoquery": 0, "spider": 98, "overnight": 8, "timelineqa": 3}


def questions(name: str, part: Part = "dev") -> list[Question]:
    return list(CATALOGUE[name].questions(DataFolders.of(DATA), part))


@pytest.mark.parametrize("name", SETS)
def test_every_file_is_here_and_the_one_that_it_should_be(name: str) -> None:
    status = set_status(CATALOGUE[name], DataFolders.of(DATA), check=True)
    assert [one.error for one in status.files.values()] == [None] * 3
    assert {part: one.read for part, one in status.parts.items()} == COUNTS[name]
    assert len(status.known.graphs) == GRAPHS[name]
    assert status.known.portion(None) == status.known.portion("dev")


@pytest.mark.parametrize("name", SETS)
def test_the_parts_have_types_operators_and_graphs(name: str) -> None:
    known = CATALOGUE[name]
    train, dev = questions(name, "train"), questions(name)
    for question in (*train, *dev):
        assert question.operators
        assert question.answer_type in ANSWER_TYPES
        assert (question.graph_name in known.graphs) == bool(known.graphs)
        assert not {"answer_type", "operators", "graph", "topic_ids", "answer_ids"} & question.extras.keys()
    assert not {question.id for question in train} & {question.id for question in dev}
    if name == "spider":
        assert not {question.graph_name for question in train} & {question.graph_name for question in dev}
    if name == "overnight":
        assert all(question.extras["clean"] is True for question in (*train, *dev))


@pytest.mark.parametrize("name", SETS)
def test_gold_answers_are_right_and_those_of_the_next_question_mostly_wrong(name: str) -> None:
    dev = questions(name)
    gold = [GoldDenotation.of(question) for question in dev]
    said = [Denotation(question.answers, question.answer_ids) for question in dev]
    assert all(score_denotation(*pair).denotation == 1.0 for pair in zip(said, gold, strict=True))
    texts = [Denotation(tuple(map(str.upper, question.answers[::-1]))) for question in dev]
    assert all(score_denotation(*pair).denotation == 1.0 for pair in zip(texts, gold, strict=True))
    others = [score_denotation(one, two).denotation for one, two in zip(said[1:], gold, strict=False)]
    assert sum(others) < len(others) / 2  # paraphrases stand side by side


@pytest.fixture(scope="module")
def states() -> IndexedGraph:
    return open_graph(DATA / "geoquery" / "kb.ttl.gz", use_cache=False)


def test_identifiers_of_topics_and_answers_are_in_the_graph(states: IndexedGraph) -> None:
    for question in (*questions("geoquery", "train"), *questions("geoquery")):
        for entity in (*question.topic_ids, *question.answer_ids):
            assert entity in states.entities, question


def test_a_state_is_no_river_of_the_same_name(states: IndexedGraph) -> None:
    names = states.find("Mississippi")
    assert {name.split("/")[-2] for name in names} >= {"state", "river"}
    river = next(name for name in names if "/river/" in name)
    state = next(name for name in names if "/state/" in name)
    gold = GoldDenotation(("Mississippi",), "entity", (river,))
    assert score_denotation(Denotation(("Mississippi",), (state,)), gold).hit == 0.0
    assert score_denotation(Denotation(("Mississippi",), (river,)), gold).denotation == 1.0


@pytest.mark.parametrize("name", ["spider", "overnight", "timelineqa"])
def test_a_recipe_opens_the_graphs_that_its_questions_name(name: str, tmp_path: Path) -> None:
    recipe = RunRecipe.of(RunSettings(dataset=name, part="dev", limit=3), DATA, tmp_path)
    recipe.check()
    graphs = recipe.named_graphs
    assert graphs is not None
    (used,) = graphs.files
    assert used == next(iter(recipe.questions)).graph_name
    graph = graphs.open(used)
    for question in recipe.questions:
        for entity in (*question.topic_ids, *question.answer_ids):
            assert entity in graph.entities
    literals = [entity for entity in graph.entities if "^^" in entity]
    assert literals, "typed values keep their types"
    assert all(graph.label(entity) for entity in literals[:50])
    assert recipe.takes_default_graph is False
    assert len(recipe.graph) == 0
