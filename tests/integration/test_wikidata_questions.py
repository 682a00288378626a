"""Questions asked of an extract of Wikidata, built from each of its dumps by the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from wikidata_json import json_dump
from wikidata_rdf import full_rdf

from kgqa.cli import main
from kgqa.graph import open_index
from kgqa.pipeline import Query
from kgqa.pipeline.assembly import build_answers
from kgqa.pipeline.settings import ASK_DEFAULTS, AnswererSettings

QUESTIONS = {
    "Where was Douglas Adams born?": ["Cambridge"],
    "When was Douglas Adams born?": ["1952-03-11"],
    "Who wrote Pride and Prejudice?": ["Jane Austen"],
    "What is the capital of Germany?": ["Berlin"],
    "When did Albert Einstein die?": ["1955-04-18"],
    "Where did Marie Curie die?": ["Passy"],
    "Which award did Albert Einstein receive?": ["Nobel Prize in Physics"],
    "Who is the spouse of Marie Curie?": ["Pierre Curie"],
    "What is the population of Berlin?": ["3755251"],
    "How long is the Danube?": ["2850"],
    "Who is the composer of The Magic Flute?": ["Wolfgang Amadeus Mozart"],
    "When was The Magic Flute published?": ["1791"],
    "When did Julius Caesar die?": ["15 March 44 BC"],
    "When was Aristotle born?": ["384 BC"],
    "When was Isaac Newton born?": ["1643-01-04"],
    "Who directed Metropolis?": ["Fritz Lang"],
    "In which country is Paris?": ["France"],
    "Who was the father of Ada Lovelace?": ["Lord Byron"],
    "Where was the author of Pride and Prejudice born?": ["Steventon"],
    "Which river is the longest?": ["Danube"],
}
UNITS = {"How long is the Danube?": "km"}


@pytest.mark.slow
@pytest.mark.parametrize(("name", "content"), [("dump.json", json_dump()), ("dump.nt", full_rdf())])
def test_twenty_questions_are_answered_from_each_form(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    assert main(["build", str(tmp_path / name), "-o", str(tmp_path / "index")]) == 0
    settings = AnswererSettings.of(ASK_DEFAULTS)
    answers = build_answers(settings, graph=open_index(tmp_path / "index"))
    found, units = {}, {}
    for outcome in answers.run([Query(question, []) for question in QUESTIONS]):
        answer = outcome.answer
        assert not isinstance(answer, Exception)
        assert answer.graph is not None
        found[answer.question] = [answer.graph.label(ranked.entity) for ranked in answer.entities]
        if answer.question in UNITS:
            units[answer.question] = answer.unit_of(answer.entities[0])
    assert found == QUESTIONS
    assert units == UNITS


def test_an_answer_is_printed_with_the_names_of_relations(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "dump.json").write_text(json_dump(), "utf-8")
    assert main(["build", str(tmp_path / "dump.json"), "-o", str(tmp_path / "index")]) == 0
    capsys.readouterr()
    assert main(["ask", "When was Douglas Adams born?", "--graph", str(tmp_path / "index")]) == 0
    assert "date of birth" in capsys.readouterr().out
    question = "Where was Douglas Adams born?"
    assert main(["ask", question, "--graph", str(tmp_path / "index"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["answers"][0]["name"] == "Cambridge"
