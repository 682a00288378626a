"""What kgqa ask prints for questions that need a program, and what an evaluation makes of them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from given_programs import GivenPrograms
from tiny_models import tiny_model

from kgqa.cli.app import main
from kgqa.datasets import CATALOGUE, DataFolders
from kgqa.evaluation import BatchRunner
from kgqa.graph import GraphBuilder, IndexedGraph, open_graph
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer

DATA = Path(os.environ.get("KGQA_DATA") or Path(__file__).parents[3] / "shared" / "data")
FACTS = [
    ("Danube", "flows through", "Austria"),
    ("Danube", "flows through", "Hungary"),
    ("Rhine", "flows through", "Austria"),
    ("Nigeria", "continent", "Africa"),
    ("Egypt", "continent", "Africa"),
    ("Benin", "continent", "Africa"),
    ("Nigeria", "population", "223800000"),
    ("Egypt", "population", "112700000"),
    ("France", "borders", "Spain"),
    ("France", "borders", "Belgium"),
    ("Germany", "borders", "Belgium"),
    ("Inception", "director", "Nolan"),
    ("Dunkirk", "director", "Nolan"),
    ("Inception", "year", "2010"),
    ("Dunkirk", "year", "2017"),
    ("France", "capital", "Paris"),
    ("Danube", "length in km", "2850"),
    ("Rhine", "length in km", "1230"),
    ("Danube", "type", "river"),
    ("Rhine", "type", "river"),
]
PROGRAMS = {
    "who directed Inception?": "Inception -> director",
    "how many countries does the Danube flow through?": "Danube -> flows through | count",
    "which country of Africa has the largest population?": "Africa <- continent | most -> population",
    "which countries border France but not Germany?": "France -> borders | but not ( Germany -> borders )",
    "which films did Nolan direct after 2010?": "Nolan <- director | where -> year after 2010",
    "is Paris the capital of France?": "France -> capital | test is Paris",
    "how long is each river?": "all river | each -> length in km",
    "what is the total length of all rivers?": "all river | total -> length in km",
}
ANSWERS = {
    "who directed Inception?": "Nolan",
    "how many countries does the Danube flow through?": "2",
    "which country of Africa has the largest population?": "Nigeria",
    "which countries border France but not Germany?": "Spain",
    "which films did Nolan direct after 2010?": "Dunkirk",
    "is Paris the capital of France?": "yes",
    "how long is each river?": "Danube",
    "what is the total length of all rivers?": "4,080 km",
}


class Finder(GivenPrograms):
    writes_programs = True


@pytest.fixture(autouse=True)
def given(monkeypatch: pytest.MonkeyPatch) -> None:
    """`kgqa ask` over a small graph, with a finder of given programs in place of a model."""
    graph = GraphBuilder.of(FACTS)
    finder = Finder({question: [program] for question, program in PROGRAMS.items()})

    def build(settings: Any, **_: object) -> Answerer:
        return Answerer(graph, finder, "programs", calibration=None, min_confidence=settings.min_confidence)

    monkeypatch.setattr("kgqa.cli.ask.build_answers", build)
    monkeypatch.setattr("kgqa.cli.ask.opened_graph", lambda _: graph)


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    capsys.readouterr()
    assert main(["ask", *arguments]) in (0, None)
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("question", PROGRAMS)
def test_the_answer_comes_first_and_its_proof_below(
    question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, *proof = asked(capsys, question)
    assert first.split("  ")[0] == ANSWERS[question]
    assert f"    {PROGRAMS[question]}" in proof
    assert 3 <= len(proof) <= 12


def test_notes_say_what_an_answer_rests_on(capsys: pytest.CaptureFixture[str]) -> None:
    superlative = "\n".join(asked(capsys, "which country of Africa has the largest population?"))
    assert "2 of 3 have a value" in superlative
    negation = "\n".join(asked(capsys, "which countries border France but not Germany?"))
    assert "closed world" in negation


def test_the_program_its_query_and_all_facts_are_shown_on_request(
    capsys: pytest.CaptureFixture[str],
) -> None:
    question = "how many countries does the Danube flow through?"
    assert asked(capsys, question, "--show", "program")[-1] == PROGRAMS[question]
    assert any("SELECT (COUNT(DISTINCT" in line for line in asked(capsys, question, "--show", "sparql"))
    longer = asked(capsys, question, "--show", "proof")
    assert len(longer) > len(asked(capsys, question))


@pytest.mark.parametrize("question", PROGRAMS)
def test_json_has_answer_program_query_and_proof(question: str, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = asked(capsys, question, "--json")
    found = json.loads(line)
    assert found["program"] == PROGRAMS[question] == found["proof"]["program"]
    assert found["sparql"]
    assert {"answers", "confidence", "notes", "reason", "seconds", "table", "vote_share"} <= found.keys()
    kinds = {"2": "number", "yes": "boolean", "4,080 km": "number"}
    expected = "table" if question.startswith("how long") else kinds.get(ANSWERS[question], "entity")
    assert found["answer_type"] == expected
    assert found["value"] == (ANSWERS[question] if expected in ("number", "boolean") else None)
    shown = [entity["name"] for entity in found["answers"]] + [row["name"] for row in found["table"]]
    assert ANSWERS[question] in [found["value"], *shown]


def test_the_reason_is_given_where_no_program_of_the_right_kind_was_found(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "how many countries does the Danube flow through?"
    monkeypatch.setitem(PROGRAMS, question, "Danube -> flows through")
    graph = GraphBuilder.of(FACTS)
    finder = Finder({question: ["Danube -> flows through"]})
    monkeypatch.setattr(
        "kgqa.cli.ask.build_answers", lambda *_, **__: Answerer(graph, finder, "programs", calibration=None)
    )
    assert asked(capsys, question) == ["The graph does not say."]
    (line,) = asked(capsys, question, "--json")
    assert "asks for a number" in json.loads(line)["reason"]


def test_any_causal_model_writes_programs_under_the_constraint(tmp_path: Path) -> None:
    for part in tiny_model("llama"):
        part.save_pretrained(tmp_path)
    model = load_language_model(str(tmp_path))
    answerer = Answerer(GraphBuilder.of(FACTS), model, "programs")
    (outcome,) = answerer.run(["how many countries does the Danube flow through?"])
    assert outcome.hypotheses
    answer = outcome.unwrap()
    assert answer.value is not None or "asks for a number" in answer.reason


GEOQUERY: Mapping[str, str] = {
    "geo-000-00": "Arizona <- in state | only city | most -> population",
    "geo-002-00": "Texas -> area",
    "geo-004-00": "all state | least -> population",
}


@pytest.mark.data
@pytest.mark.skipif(not (DATA / "geoquery").is_dir(), reason=f"geoquery is not in {DATA}; set KGQA_DATA")
def test_questions_of_geoquery_are_scored_end_to_end() -> None:
    graph: IndexedGraph = open_graph(DATA / "geoquery" / "kb.ttl.gz", use_cache=False)
    questions = {q.id: q for q in CATALOGUE["geoquery"].questions(DataFolders.of(DATA), "dev")}
    chosen = [questions[id_] for id_ in GEOQUERY if id_ in questions]
    assert len(chosen) >= 2
    programs: Mapping[str, Sequence[str]] = {one.question: [GEOQUERY[one.id]] for one in chosen}
    answerer = Answerer(graph, Finder(programs), "programs", calibration=None)
    for record in BatchRunner(answerer).records(chosen):
        assert record.status == "answered", record.error
        assert (record.denotation, record.faithful) == (1.0, 1.0), (record.question, record.answers)
