"""kgqa review, as a user types it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from kgqa.cli import main
from kgqa.datasets import load_questions

ASKED = [("1", "who directed Kismet", "Kismet"), ("2", "who directed Juarez", "Juarez")]


@pytest.fixture
def run(index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    file, folder = tmp_path / "questions.jsonl", tmp_path / "run"
    rows = ({"id": i, "question": q, "topic_entities": [t], "answers": ["x"]} for i, q, t in ASKED)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    assert main(["eval", "--questions", str(file), "--graph", str(index), "--out", str(folder)]) == 0
    capsys.readouterr()
    return folder


def review(monkeypatch: pytest.MonkeyPatch, typed: str, run: Path, *options: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    return main(["review", str(run), *options])


def test_answers_are_judged_and_the_next_time_what_is_left(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(monkeypatch, "what?\nw it asks for another thing\nq\n", run, "--reviewer", "Ann") == 0
    shown = capsys.readouterr()
    assert "-> directed_by -> William Dieterle" in shown.out
    assert shown.err.count("a accept, l wrong link") == 2
    assert "1 of 2 questions judged" in shown.out
    assert review(monkeypatch, "a\n", run, "--reviewer", "Ann") == 0
    assert capsys.readouterr().err.startswith("1 answer to judge as Ann")
    assert review(monkeypatch, "a\na\n", run, "--reviewer", "Bo") == 0
    capsys.readouterr()
    assert main(["review", str(run), "--summary", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["judged"] == 2
    assert found["by_reviewer"] == {"Ann": {"wrong relation": 1, "accept": 1}, "Bo": {"accept": 2}}
    assert found["agreement"] == [{"reviewers": ["Ann", "Bo"], "questions": 2, "same": 1, "kappa": 0.0}]


def test_accepted_questions_are_read_by_kgqa_eval(
    run: Path, index: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert review(monkeypatch, "a\nr\n", run) == 0
    out = run.parent / "accepted.jsonl"
    assert main(["review", str(run), "--export", str(out)]) == 0
    (question,) = load_questions(out)
    assert question.answers == ("William Dieterle",)
    assert next(fact for path in question.gold_paths for fact in path)[1:] == (
        "directed_by",
        "William Dieterle",
    )
    capsys.readouterr()
    command = ["eval", "--questions", str(out), "--graph", str(index), "--out", str(run.parent / "again")]
    assert main([*command, "--at-least", "hits_at_1=100"]) == 0
    assert main([*command, "--at-least", "hit=101"]) == 2
    assert "is no percentage" in capsys.readouterr().err


def test_what_cannot_be_reviewed_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["review", str(tmp_path)]) == 1
    assert "run.json" in capsys.readouterr().err


def test_a_user_without_a_name_is_asked_for_one(
    run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def nobody() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert review(monkeypatch, "a\n", run) == 2
    assert "--reviewer" in capsys.readouterr().err
    assert review(monkeypatch, "a\n", run, "--reviewer", "Ann") == 0
