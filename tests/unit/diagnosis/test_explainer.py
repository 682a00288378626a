"""The stage that lost an expected answer, planted one by one in questions to the atlas."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from kgqa.datasets import Question
from kgqa.diagnosis import Cause, Explainer
from kgqa.graph import GraphBuilder, Triple, open_graph
from kgqa.lm import MockLanguageModel, load_language_model
from kgqa.pipeline import Answerer, Query
from scripts import measure_why
from scripts.measure_why import Asked, Planted

DANUBE = "Which countries does the Danube flow through?"
ASKED: dict[object, str] = {
    measure_why.fact_removed: "Who wrote Emma?",
    measure_why.hops_too_few: "Which books did Jane Austen write?",
    measure_why.order_reversed: DANUBE,
}
PLANTS = [plant for plant in measure_why.PLANTS if plant is not measure_why.beam_narrowed]


@pytest.fixture(scope="module")
def answerer() -> Answerer:
    return Answerer(open_graph("atlas"), load_language_model(), grammar="auto", min_confidence=0.05)


def asked(answerer: Answerer, question: str) -> Asked:
    line = replace(answerer, grammar="relations", min_confidence=0.0)
    (outcome,) = line.run([Query(question)])
    names = outcome.unwrap().names
    return Asked(
        Question("1", question, answers=names), outcome.topics[0], names, outcome.hypotheses[0], line
    )


def first_of(planted: Planted, question: str) -> str:
    (outcome,) = planted.answerer.run([Query(question, planted.topics)])
    return "" if outcome.error is not None else next(iter(outcome.unwrap().names), "")


@pytest.fixture(scope="module")
def danube(answerer: Answerer) -> Asked:
    return asked(answerer, DANUBE)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.__name__)
def test_a_planted_failure_is_found_where_it_was_planted(
    answerer: Answerer, plant: Callable[[Asked, random.Random], Planted]
) -> None:
    question = ASKED.get(plant, "What is the capital of France?")
    right = asked(answerer, question)
    tries = (plant(right, random.Random(seed)) for seed in range(9))
    planted = next(one for one in tries if first_of(one, question) not in one.expected)
    found = Explainer(planted.answerer).explain(question, planted.topics, planted.expected)
    assert found.cause in planted.causes, found.describe()


def test_an_answer_that_is_right_lost_nothing(answerer: Answerer) -> None:
    explainer = Explainer(answerer)
    assert explainer.explain(DANUBE, expected=["Austria"]).cause is Cause.ANSWERED
    assert explainer.explain(DANUBE).cause is Cause.ANSWERED
    count = explainer.explain("How many countries does the Danube flow through?", expected=["10.0"])
    assert (count.cause, count.given) == (Cause.ANSWERED, ("10",))


@pytest.mark.parametrize("expected", ["1,300", "1999-12-31"])
def test_a_value_is_never_an_unknown_entity(answerer: Answerer, expected: str) -> None:
    found = Explainer(answerer).explain(
        "How many countries does the Danube flow through?", expected=[expected]
    )
    assert found.cause is Cause.NOT_DECODED


def test_a_fact_that_is_missing_is_suggested(answerer: Answerer) -> None:
    found = Explainer(answerer).explain(DANUBE, expected=["France"])
    assert found.cause is Cause.NO_CHAIN
    assert found.suggestion is not None
    assert found.suggestion not in answerer.graph
    head, relation, tail = found.suggestion
    said = [answerer.graph.label(head), answerer.graph.relation_label(relation), answerer.graph.label(tail)]
    assert said == ["Danube", "flows through country", "France"]
    assert "a fact that would answer it, if it is true: Danube -> flows through country -> France" in (
        found.describe()
    )


def test_names_that_are_like_an_unknown_one_are_shown(answerer: Answerer) -> None:
    found = Explainer(answerer).explain(DANUBE, expected=["Oustria"])
    assert found.cause is Cause.UNKNOWN
    assert "austria" in found.notes[0]


def test_a_topic_that_is_not_found_is_said_with_names_like_it(answerer: Answerer) -> None:
    found = Explainer(answerer).explain(DANUBE, topics=["Danub"], expected=["Austria"])
    assert found.cause is Cause.TOPIC
    (link,) = found.links
    assert (link.text, link.entities) == ("Danub", ())
    assert "Danube" in {answerer.graph.label(entity) for entity in link.others}
    assert "'Danub' is no topic; near names: Danube" in found.describe()


def test_a_program_that_was_decoded_and_lost_is_shown_with_its_place(answerer: Answerer) -> None:
    found = Explainer(answerer).explain("How many countries does the Danube flow through?", expected=["13"])
    assert found.cause is Cause.NOT_DECODED
    assert found.programs[0] == "Danube -> flows through country | count"
    assert "the graph lacks facts for it" in found.describe()
    number = Explainer(answerer).explain(
        "Which country of Africa has the largest population?", expected=["Algeria"]
    )
    assert number.cause is Cause.RANKED_LOW
    assert number.place is not None
    assert number.place > 1


def test_an_answer_of_another_form_is_told(answerer: Answerer) -> None:
    line = replace(answerer, grammar="relations")
    found = Explainer(line).explain("How many countries does the Danube flow through?", expected=["Austria"])
    assert found.cause is Cause.FORM


def test_a_diagnosis_has_all_in_json(danube: Asked) -> None:
    planted = measure_why.judge_disturbed(danube, random.Random(0))
    found = Explainer(planted.answerer).explain(DANUBE, expected=["Austria"]).to_dict()
    assert (found["cause"], found["expected"]) == ("ranked-low", ["Austria"])
    assert [judgement["judge"] for judgement in found["judges"]] == [
        "model",
        "meaning",
        "cross-encoder",
        "direction",
        "kind asked for",
        "Disturbed",
    ]
    before, after = found["judges"][-2:]
    assert before["expected"] > before["other"]
    assert after["expected"] < after["other"]
    assert found["expected_chain"]["end"] == "https://kgqa.example/atlas/Austria"


def test_a_model_without_embeddings_is_explained_too() -> None:
    facts = [("Kismet", "directed_by", "William Dieterle"), ("Kismet", "in_language", "English")]
    graph = GraphBuilder.of([Triple(*fact) for fact in facts])
    explainer = Explainer(Answerer(graph, MockLanguageModel()))
    wanted = explainer.explain("who directed Kismet", expected=["William Dieterle", "English"])
    assert wanted.cause is Cause.ANSWERED
    lost = {explainer.explain("who directed Kismet", expected=[name]).cause for name in wanted.given}
    assert Cause.ANSWERED in lost
