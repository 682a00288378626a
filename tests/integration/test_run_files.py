"""Run files and data sets on the command line, from the plan to the records."""

from __future__ import annotations

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from kgqa.cli import main
from kgqa.cli.runs.run_progress import Tally
from kgqa.evaluation import Record

RUN = """
title = "a few of the atlas"
dataset = "atlas"
part = "test"
limit = 12
hops = 2
batch_size = 3

[search]
beams = 3
"""


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    path = tmp_path / "few.toml"
    path.write_text(RUN, "utf-8")
    return path


def timeless(out: Path) -> list[dict[str, Any]]:
    lines = (out / "records.jsonl").read_text("utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in ("seconds", "timings")} for line in lines]


def ran(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["eval", *arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_run_file_is_run_and_options_and_assignments_go_before_it(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = ran(capsys, str(run_file), "--out", str(tmp_path / "a"))
    assert report["n"] == 12
    first, *_ = timeless(tmp_path / "a")
    assert (first["id"], first["kind"]) == ("atlas-test-1", None)
    assert first["passes"] > 0
    assert first["tokens"] > 0
    assert any(record["gold_rank"] for record in timeless(tmp_path / "a"))
    told = json.loads((tmp_path / "a" / "run.json").read_text("utf-8"))
    assert told["settings"]["answerer"]["finder"]["decoder"]["beams"] == 3
    assert told["settings"]["answerer"]["hops"] == 2
    assert re.fullmatch(r"[\w.]+ [0-9a-f]{64}", told["settings"]["answerer"]["finder"]["model"])
    assert told["describes"]["about"]["search"] == {"name": "beam", "beams": 3}
    shorter = ran(
        capsys, str(run_file), "--out", str(tmp_path / "b"), "--limit", "5", "--set", "search.beams=2"
    )
    assert shorter["n"] == 5
    assert main(["eval", str(run_file), "--out", str(tmp_path / "b")]) == 2
    assert "other questions" in capsys.readouterr().err


@pytest.mark.slow
def test_several_seeds_give_a_mean_and_a_deviation(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "seeds"
    drawn = ["--search", "sample", "--set", "search.temperature=3", "--limit", "6"]
    drawn += ["--seed", "4", "--seeds", "2"]
    found = ran(capsys, str(run_file), "--out", str(out), *drawn)
    assert list(found["seeds"]) == ["4", "5"]
    assert timeless(out / "seed-4") != timeless(out / "seed-5")
    ids = [[record["id"] for record in timeless(out / name)] for name in ("seed-4", "seed-5")]
    assert ids[0] == ids[1]
    one, two = (found["seeds"][seed]["f1"] for seed in ("4", "5"))
    assert found["mean"]["f1"] == pytest.approx((one + two) / 2)
    assert found["deviation"]["f1"] == pytest.approx(abs(one - two) / 2**0.5)
    assert main(["eval", str(run_file), "--out", str(out), *drawn]) == 0  # all recorded
    assert "deviation" in capsys.readouterr().out
    assert main(["eval", str(run_file), "--out", str(out), *drawn, "--dry-run"]) == 0
    assert "this is the plan of one of 2 runs" in capsys.readouterr().err
    assert main(["eval", str(run_file), "--out", str(out), "--seeds", "2"]) == 2
    assert "--search: beam draws nothing at random, so that seeds change nothing" in capsys.readouterr().err


def test_another_aggregator_takes_the_chains_that_were_decoded(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [str(run_file), "--cache", str(tmp_path / "cache"), "--out"]
    ran(capsys, *arguments, str(tmp_path / "a"))

    def refuse(*_: object) -> None:
        raise AssertionError("the model was asked")

    monkeypatch.setattr("kgqa.lm.path_writer.language_model.PathWriterLanguageModel.score", refuse)
    again = ran(capsys, *arguments, str(tmp_path / "b"))
    assert timeless(tmp_path / "b") == timeless(tmp_path / "a")
    other = ran(capsys, *arguments, str(tmp_path / "c"), "--set", "aggregate.share=0.0")
    assert other["recall"] >= again["recall"]
    assert timeless(tmp_path / "c") != timeless(tmp_path / "a")
    plan = ran(capsys, *arguments, str(tmp_path / "a"), "--dry-run")
    assert (plan["questions"], plan["recorded"], plan["decoded"], plan["seconds"]) == (12, 12, 12, 0.0)


def test_a_plan_says_what_would_be_done_and_does_nothing(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, cache = tmp_path / "out", tmp_path / "cache"
    arguments = [str(run_file), "--out", str(out), "--cache", str(cache), "--dry-run"]
    plan = ran(capsys, *arguments)
    assert (plan["questions"], plan["recorded"], plan["decoded"], plan["cost"]) == (12, 0, 0, 0.0)
    assert plan["seconds"] > 0
    assert plan["measured_on"] == 6
    assert plan["settings"]["hops"] == 2
    assert not out.exists()
    assert main(["eval", *arguments]) == 0
    said = capsys.readouterr().out
    assert "12 of atlas, part test, the first 12" in said
    assert "cost:          nothing" in said
    assert main(["eval", *arguments, "--seeds", "2"]) == 2
    assert "beam draws nothing at random" in capsys.readouterr().err


@pytest.mark.slow
def test_two_workers_have_the_records_of_one_process(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(run_file), "--no-cache", "--out"]
    one = ran(capsys, *arguments, str(tmp_path / "one"))
    two = ran(capsys, *arguments, str(tmp_path / "two"), "--workers", "2")
    assert one["f1"] == two["f1"]
    assert timeless(tmp_path / "one") == timeless(tmp_path / "two")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{run}", "--set", "beams=3"], "beams: no such setting"),
        (["{run}", "--set", "aggregate.shares=0.3"], "did you mean aggregate.share?"),
        (["{run}", "--set", "aggregate.name=votes"], "'votes' is not a choice; did you mean 'vote'?"),
        (["{run}", "--set", "dataset=atlass"], "did you mean atlas?"),
        (["{run}", "--set", "dataset=pathquestion-2hop", "--data", "{tmp}"], "kb.tsv.gz|questions_test"),
        (["{tmp}/none.toml"], "cannot be read"),
        (["--out", "{tmp}/o"], "name a run file or questions"),
        (["--questions", "atlas"], "name the folder for the records with --out"),
        (["{run}", "--part", "train", "--set", "dataset=webqsp-rog-18"], "no part train"),
    ],
)
def test_mistakes_are_one_line(
    run_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    out = [] if "--out" in arguments or "--questions" in arguments else ["--out", str(tmp_path / "o")]
    code = main(["eval", *(a.format(run=run_file, tmp=tmp_path) for a in arguments), *out])
    said = capsys.readouterr().err
    assert code in (1, 2)
    assert said.count("\n") == 1
    assert any(part in said for part in message.split("|"))


def test_data_lists_all_sets_and_tells_one_file_from_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "--json", "--data", str(tmp_path)]) == 0
    listed = json.loads(capsys.readouterr().out)
    by_name = {one["name"]: one for one in listed}
    assert {"metaqa-1hop", "pathquestion-3hop", "webqsp", "webqsp-rog", "cwq-rog", "atlas"} <= by_name.keys()
    assert not by_name["webqsp"]["parts"]["dev"]["here"]
    assert by_name["webqsp-rog"]["hub"] == "rmanluo/RoG-webqsp"
    assert main(["data", "atlas", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parts"]["test"]["read"] == 554
    (tmp_path / "pathquestion" / "pq2h").mkdir(parents=True)
    (tmp_path / "pathquestion" / "pq2h" / "questions_test.jsonl.gz").write_bytes(b"x")
    assert main(["data", "pathquestion-2hop", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "is another file (1 bytes, not 7693)" in said
    assert main(["data", "metaqa-1hop", "--download", str(tmp_path)]) == 2
    assert "not on the hub" in capsys.readouterr().err
    assert main(["data", "--download", str(tmp_path)]) == 2


def test_a_tally_knows_rate_rest_and_running_scores() -> None:
    seconds = iter([0.0, 10.0])
    tally = Tally(total=30, before=10, clock=lambda: next(seconds))
    usual: dict[str, Any] = dict.fromkeys(("hit", "precision", "recall", "faithful", "seconds"), 0.0)
    empty: dict[str, Any] = dict.fromkeys(
        ("topic_entities", "answers", "entities", "vote_shares", "chains", "proves", "gold"), ()
    )
    for hits, f1 in ((1.0, 0.5), (0.0, 0.25)):
        tally.count(
            Record(
                id="1", question="?", status="answered", hops=None, hits_at_1=hits, f1=f1, **usual, **empty
            )
        )
    assert tally.done == 12
    assert str(tally) == "0.2/s, 1:30 left, Hits@1 50.0, F1 37.5"


def killed_and_resumed(run_file: Path, folder: Path, kills: int, chance: random.Random) -> Path:
    """A run that is killed so many times, at moments drawn by chance, and then left to end."""
    out = folder / "killed"
    command = [sys.executable, "-m", "kgqa", "eval", str(run_file), "--out", str(out)]
    command += ["--cache", str(folder / f"cache-{chance.random()}")]
    for _ in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = _size(out)
        if chance.random() < 0.3:  # while it starts
            time.sleep(chance.random() * 2)
        else:
            deadline = time.monotonic() + 60
            while _size(out) == before and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.002)
            time.sleep(chance.random() * 0.3)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out


def _size(out: Path) -> int:
    try:
        return (out / "records.jsonl").stat().st_size
    except FileNotFoundError:
        return 0


def undisturbed(run_file: Path, folder: Path) -> Path:
    out = folder / "whole"
    assert main(["eval", str(run_file), "--out", str(out), "--no-cache", "--json"]) == 0
    return out


@pytest.mark.slow
def test_a_run_killed_three_times_ends_with_the_records_of_one_that_was_not(
    run_file: Path, tmp_path: Path
) -> None:
    run_file.write_text(RUN.replace("limit = 12", "limit = 24"))
    out = killed_and_resumed(run_file, tmp_path, 3, random.Random(0))
    assert timeless(out) == timeless(undisturbed(run_file, tmp_path))


@pytest.mark.slow
def test_a_run_killed_twenty_times_ends_with_the_records_of_one_that_was_not(
    run_file: Path, tmp_path: Path
) -> None:
    run_file.write_text(RUN.replace("limit = 12", "limit = 150"))
    out = killed_and_resumed(run_file, tmp_path, 20, random.Random(1))
    assert timeless(out) == timeless(undisturbed(run_file, tmp_path))
