"""Published methods from the command line, each on a real model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgqa.cli import main
from kgqa.methods import METHODS


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "records.jsonl").read_text("utf-8").splitlines()]


def test_an_unknown_method_names_the_known_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["eval", "--questions", "atlas", "--out", str(tmp_path)], ["ask", "who?"]):
        assert main([*command, "--method", "tug"]) == 2
        told = capsys.readouterr().err
        assert "no method is called 'tug'" in told
        assert "did you mean tog?" in told


def test_several_methods_take_no_options_of_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    some = ["eval", "--questions", "atlas", "--out", str(tmp_path), "--method", "all"]
    for wrong, told in ((["--dry-run"], "name one"), (["--table", "m.json"], "name the Markdown file")):
        assert main([*some, *wrong]) == 2
        assert told in capsys.readouterr().err
    assert main([*some[:-2], "--table", "m.md"]) == 2
    assert "name some with --method" in capsys.readouterr().err


def test_ask_says_what_the_shipped_model_leaves_out_of_a_method(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ask", "What is the capital of France?", "--method", "rog"]) == 0
    told = capsys.readouterr()
    assert "reads no prompts and writes no free text; rog runs without" in told.err
    assert "Paris" in told.out


@pytest.mark.slow
def test_the_shipped_model_runs_what_it_can_and_the_rest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("KGQA_LLM", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    out, page = tmp_path / "out", tmp_path / "methods.md"
    command = ["eval", "--questions", "atlas", "--part", "test", "--limit", "4", "--inverse", "--no-cache"]
    command += ["--method", "all", "--out", str(out), "--table", str(page)]
    assert main(command) == 0
    told = capsys.readouterr()
    assert "not run: tog: no LLM is named" in told.err.replace("\n", " ")
    assert "Reasoning on Graphs (RoG): WebQSP Hits@1 85.7, WebQSP F1 70.8, " in told.out
    assert "writes no free text; dog runs without" in told.err
    ran = {path.name for path in out.iterdir()}
    assert ran == {"kgqa", "gcr", "dog", "rog"}
    for name in ran:
        run = json.loads((out / name / "run.json").read_text("utf-8"))
        assert run["describes"]["about"]["method"] == name
        for record in records(out / name):
            assert record["written"]
            assert all(one["holds"] for one in record["written"])
    before = page.read_text("utf-8")
    assert main(command) == 0  # resumed: nothing is asked again
    assert page.read_text("utf-8") == before


@pytest.mark.slow
def test_every_method_answers_with_a_real_model(
    tmp_path: Path, smollm2_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, model = tmp_path / "out", str(smollm2_folder)
    command = ["eval", "--questions", "atlas", "--part", "test", "--limit", "2", "--inverse", "--no-cache"]
    command += ["--model", model, "--llm", model, "--set", "walk.reply_tokens=40", "--set", "search.beams=3"]
    assert main([*command, "--method", "all", "--out", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told) == set(METHODS)
    for name in METHODS:
        assert told[name]["n"] == 2
        assert told[name]["failed"] == 0
        assert (told[name]["off_graph"], told[name]["faithful"]) == (0, 1.0)
    written = {name: [one for r in records(out / name) for one in r["written"]] for name in METHODS}
    assert all("# Answer:" in one["text"] and one["answer"] is not None for one in written["gcr"])
    assert all("This tells us" in one["text"] and one["answer"] is not None for one in written["dog"])
    assert all("->" not in one["text"] and one["answer"] is None for one in written["rog"])
    replies = [r["llm_report"]["reply"] for name in ("gcr", "rog") for r in records(out / name)]
    assert all(replies)
    assert told["tog"]["usage"]["requests"] >= 2
    assert told["ksl"]["usage"]["requests"] >= 2
