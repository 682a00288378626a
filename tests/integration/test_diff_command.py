"""kgqa diff, as a user types it."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kgqa.cli import main

QUESTIONS = [
    ("1", "who directed Kismet", "Kismet", ["William Dieterle"]),
    ("2", "which language is Juarez in", "Juarez", ["Spanish"]),
    ("3", "which films did William Dieterle direct", "William Dieterle", []),
]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "questions.jsonl"
    rows = (
        {"id": id_, "question": question, "topic_entities": [topic], "answers": answers}
        for id_, question, topic, answers in QUESTIONS
    )
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


@pytest.fixture
def edited(facts: Path) -> Path:
    """The facts without the director of Kismet."""
    file = facts.with_name("edited.tsv")
    file.write_text("".join(facts.read_text("utf-8").splitlines(keepends=True)[1:]), "utf-8")
    return file


def run(*command: object) -> int:
    return main(["diff", *map(str, command)])


def test_facts_are_compared_without_questions(
    facts: Path, edited: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(facts, edited) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown == [
        "facts: 0 added, 1 removed; entities: 0 added, 0 removed; 0 relabelled",
        "  - Kismet -> directed_by -> William Dieterle",
    ]
    assert run(facts, edited, "--json", "--markdown", facts.with_name("d.md")) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["facts"]["listed"]["removed"][0]["fact"] == ["Kismet", "directed_by", "William Dieterle"]
    assert found["answers"] is None
    assert facts.with_name("d.md").read_text("utf-8").startswith(f"From `{facts}` to `{edited}`, facts: 0")


def test_an_index_is_compared_with_what_it_was_built_as(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(index) == 2
    assert "was not changed since it was built" in capsys.readouterr().err
    more = tmp_path / "more.tsv"
    more.write_text("Kismet\trelease_year\t1944\n", "utf-8")
    assert main(["add", str(index), str(more)]) == 0
    capsys.readouterr()
    assert run(index) == 0
    assert "  + Kismet -> release_year -> 1944" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--hops", "2"), 2, "--hops: is about questions"),
        (("--no-inverse",), 2, "--inverse: is about questions"),
        (("--why",), 2, "--why: is about questions"),
        (("--sarif", "d.sarif"), 2, "--sarif: is about questions"),
        (("--questions", "nowhere.jsonl"), 1, "nowhere.jsonl"),
        (("--run", "nowhere"), 1, "nowhere"),
    ],
)
def test_what_cannot_be_asked_is_one_line(
    facts: Path, options: tuple[str, ...], code: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(facts, facts, *options) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_facts_of_an_endpoint_are_not_compared(facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(facts, "http://localhost:1/sparql") == 2
    assert "facts of an endpoint are not compared" in capsys.readouterr().err


@pytest.mark.slow
def test_a_question_that_is_worse_off_fails_with_its_line(
    facts: Path, edited: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = [tmp_path / name for name in ("d.xml", "d.sarif", "d.md")]
    reports = ["--junit", files[0], "--sarif", files[1], "--markdown", files[2]]
    asked = ["--questions", questions, "--cache", tmp_path / "cache"]
    assert run(facts, edited, *asked, "--why", "--check", "3", *reports) == 1
    shown = capsys.readouterr().out.splitlines()
    at = shown.index("who directed Kismet: has other answers (F1 1.00 before, 0.00 now)")
    assert "  - Kismet -> directed_by -> William Dieterle" in shown[at:]
    assert shown[-1] == (
        "2 of 3 questions are answered otherwise (2 may be worse); 0 more lost a fact that proved them; "
        "asked again: 0; checked: 3 of 3 others are equal"
    )
    (suite,) = ElementTree.fromstring(files[0].read_text("utf-8"))
    assert [(case.get("line"), len(case)) for case in suite] == [("1", 1), ("2", 0), ("3", 1)]
    (log,) = json.loads(files[1].read_text("utf-8"))["runs"]
    assert [one["ruleId"] for one in log["results"]] == ["other-answers", "fewer-answers"]
    assert "**2 of 3 questions are answered otherwise" in files[2].read_text("utf-8")
    assert run(facts, edited, *asked, "--json") == 1
    found = json.loads(capsys.readouterr().out)["answers"]
    assert found["asked"] == {"old": 0, "new": 0}
    assert [change["kind"] for change in found["changes"]] == ["other", "fewer"]


@pytest.mark.slow
def test_the_questions_of_a_run_are_asked_with_its_settings(
    facts: Path, edited: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "run"
    made = ["eval", "--questions", str(questions), "--graph", str(facts), "--out", str(folder), "--hops", "1"]
    assert main(made) == 0
    facts.unlink()
    capsys.readouterr()
    assert run(edited, edited, "--run", folder, "--no-cache", "--json") == 0
    found = json.loads(capsys.readouterr().out)["answers"]
    assert found["changes"] == []
    assert found["asked"] == {"old": 3, "new": 0}
