"""kgqa why, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgqa.cli import main

QUESTIONS = [
    ("1", "who directed Kismet", "Kismet", "William Dieterle"),
    ("2", "who directed Juarez", "Juarez", "Joel Zwick"),
    ("3", "which language is Kismet in", "Kismet", "Spanish"),
    ("4", "who directed Emma", "Emma", "William Dieterle"),
]


@pytest.fixture
def run(index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    file, folder = tmp_path / "questions.jsonl", tmp_path / "run"
    rows = (
        {"id": id_, "question": question, "topic_entities": [topic], "answers": [answer]}
        for id_, question, topic, answer in QUESTIONS
    )
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    command = ["eval", "--questions", str(file), "--graph", str(index), "--out", str(folder)]
    assert main(command) == 0
    capsys.readouterr()
    return folder


def test_the_stage_that_lost_an_answer_is_printed(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["why", "who directed Kismet?", "--expected", "English", "--graph", str(index)]
    assert main(command) == 0
    shown = capsys.readouterr().out
    assert "  expected: English" in shown
    assert "  given:    William Dieterle" in shown
    assert main([*command, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["cause"] in ("no-chain", "ranked-low")
    assert found["expected_chain"]["triples"] == [["Kismet", "in_language", "English"]]
    assert found["first_chain"]["triples"] == [["Kismet", "directed_by", "William Dieterle"]]


def test_the_failed_questions_of_a_run_are_sorted_by_cause(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", str(run), "--json", "--gaps"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["questions"], found["wrong"]) == (4, 3)
    causes = {failure["id"]: failure["cause"] for failure in found["failures"]}
    assert causes == {"2": "unknown", "3": "no-chain", "4": "topic"}
    assert found["causes"] == {"topic": 1, "unknown": 1, "no-chain": 1}
    assert found["gaps"] == []
    assert main(["why", str(run), "--examples", "0"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 of 4 questions have a wrong first answer, or none"
    assert "    1  unknown: the graph has no entity of the expected name" in lines
    assert not any("who directed" in line for line in lines)


def test_what_the_graph_lacks_is_shown_without_a_question(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts = tmp_path / "codes.tsv"
    facts.write_text("".join(f"Film {n}\tP57\tMaker {n % 3}\n" for n in range(9)), "utf-8")
    assert main(["why", "--gaps", "--graph", str(facts)]) == 0
    assert "relations whose name has no word (P57)" in capsys.readouterr().out


def test_a_question_may_be_longer_than_the_name_of_a_file(
    index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = f"who directed Kismet, {'the old film, ' * 30}?"
    assert main(["why", question, "--topic", "Kismet", "--expected", "English", "--graph", str(index)]) == 0
    assert "  expected: English" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "name a question, the folder of a run, or --gaps"),
        (["who?", "--graph", "http://localhost:1/sparql"], "kgqa build --from"),
        (["who?", "--llm", "nobody"], "--llm: what an LLM chooses is not explained"),
    ],
)
def test_what_cannot_be_explained_is_refused_with_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["why", *arguments]) == 2
    errors = capsys.readouterr().err
    assert said in errors
    assert errors.count("\n") == 1


def test_a_run_without_settings_is_refused(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = run / "run.json"
    manifest = json.loads(file.read_text("utf-8"))
    manifest["describes"]["about"] = {}
    file.write_text(json.dumps(manifest), "utf-8")
    assert main(["why", str(run)]) == 1
    assert "has no settings" in capsys.readouterr().err


def test_a_run_is_told_from_a_question(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", str(run), "--expected", "English"]) == 2
    assert "--expected and --topic are about one question" in capsys.readouterr().err
    assert main(["why", str(tmp_path)]) == 1
    assert "not the folder of a run" in capsys.readouterr().err


def test_a_path_without_a_run_is_no_question(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "runs/none"]) == 1
    assert "runs/none: not the folder of a run" in capsys.readouterr().err
