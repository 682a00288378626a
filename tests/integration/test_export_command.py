"""kgqa export, and its files in kgqa score, compare and validate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.report.made_runs import record, write_run

from kgqa.answer import LlmReport
from kgqa.cli import main
from kgqa.report import PREDICTION_FORMS

Capture = pytest.CaptureFixture[str]
CHAIN = (("Kismet", "directed_by", "William Dieterle"), ("Juarez", "directed_by", "William Dieterle"))


@pytest.fixture
def run(index: Path, tmp_path: Path) -> Path:
    """A run over one question, whose answer is the other film of the same director."""
    question = {
        "id": "q1",
        "question": "what else did the director of Kismet make?",
        "topic_entities": ["Kismet"],
        "answers": ["Juarez"],
        "gold_paths": [CHAIN],
    }
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps(question) + "\n", "utf-8")
    one = record(chains=(CHAIN,), answers=("Juarez",), entities=("Juarez",), gold=("Juarez",))
    about = {"describes": {"about": {"dataset": str(file), "graph": str(index)}}}
    return write_run(tmp_path / "run", [one], about)


def test_files_of_every_form_are_scored_and_checked(
    run: Path, index: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out.jsonl"
    for form in PREDICTION_FORMS:
        assert main(["export", str(run), str(out), "--as", form]) == 0
        assert capsys.readouterr().err == f"{out}: 1 prediction as {form}\n"
        if form != "subgraphrag":
            assert main(["validate", str(out), "--graph", str(index)]) == 0
            assert capsys.readouterr().out == "1 of 1 chain holds\n"
        if form not in ("rog-paths", "tog"):
            assert main(["compare", str(run), str(out), "--json"]) == 0
            metrics = json.loads(capsys.readouterr().out)["metrics"]
            assert {(one["first"], one["second"]) for one in metrics.values()} == {(1.0, 1.0)}


def test_gold_paths_are_those_of_the_question_set(run: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out.jsonl"
    assert main(["export", str(run), str(out), "--as", "gcr"]) == 0
    row = json.loads(out.read_text("utf-8"))
    path = "Kismet -> directed_by -> William Dieterle <- directed_by <- Juarez"
    assert row["ground_truth_paths"] == [path]
    assert row["prediction"] == [f"# Reasoning Path:\n{path}\n# Answer:\nJuarez"]
    assert main(["score", str(out), "--as", "gcr", "--json"]) == 0
    totals = json.loads(capsys.readouterr().out)["definitions"]["gcr"]["totals"]
    assert (totals["path_f1"], totals["path_answer_f1"], totals["f1"]) == (100.0, 100.0, 100.0)


def test_a_reply_is_exported_only_where_the_llm_was_asked_in_the_words_of_a_paper(
    run: Path, tmp_path: Path
) -> None:
    about = json.loads((run / "run.json").read_text("utf-8"))["describes"]["about"]
    out = tmp_path / "out.jsonl"
    for aggregate, reply, prediction in (
        ("rog", "It is Juarez.", "It is Juarez."),
        ("weighed", '{"answerable": true, "answers": [{"1": "Juarez"}]}', "Juarez"),
    ):
        one = record(answers=("Juarez",), entities=("Juarez",), llm_report=LlmReport("m", reply=reply))
        described = {"describes": {"about": {**about, "aggregate": {"name": aggregate}}}}
        asked = write_run(tmp_path / aggregate, [one], described)
        assert main(["export", str(asked), str(out), "--as", "rog"]) == 0
        assert json.loads(out.read_text("utf-8"))["prediction"] == prediction


def test_what_cannot_be_exported_is_said_in_one_line(run: Path, tmp_path: Path, capsys: Capture) -> None:
    for arguments, code, message in (
        ([str(tmp_path), "x", "--as", "rog"], 1, "run.json: cannot be read"),
        ([str(run), "x", "--as", "csv"], 2, "is not one of 'rog', 'rog-paths', 'gcr', 'subgraphrag', 'tog'"),
        ([str(run), "x"], 2, "Missing option '--as'"),
        ([str(run), str(run), "--as", "rog"], 1, f"{run}: cannot be written"),
        (
            [str(write_run(tmp_path / "other", [record()])), "x", "--as", "rog"],
            1,
            "was not made by kgqa eval",
        ),
    ):
        assert main(["export", *arguments]) == code
        error = capsys.readouterr().err
        assert message in error
        assert error.count("\n") == 1
