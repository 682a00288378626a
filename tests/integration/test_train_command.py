"""`kgqa train` as a user types it: every kind of model, killed runs, bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from tiny_models import tiny_model

from kgqa.cli import main
from kgqa.lm import load_language_model

FACTS = [
    (film, relation, f"{name} {number}")
    for number, film in enumerate(("Kismet", "Juarez", "Fog", "Boxing", "Island", "Zodiac"))
    for relation, name in (("directed_by", "Director"), ("in_language", "Language"), ("has_genre", "Genre"))
]
NO_PROGRAMS = ["--program-steps", "0"]
QUICK = [
    "--made-up",
    "30",
    "--steps",
    "4",
    "--batch-size",
    "4",
    "--checkpoint-every",
    "2",
    "--dev-limit",
    "3",
]


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("graph") / "films.tsv"
    path.write_text("".join("\t".join(fact) + "\n" for fact in FACTS), "utf-8")
    return path


@pytest.fixture(scope="module")
def questions(films: Path) -> Path:
    rows = [
        {
            "id": f"q{number}",
            "question": f"who made {film}",
            "topic_entities": [film],
            "answers": [f"Director {number}"],
        }
        for number, film in enumerate(("Kismet", "Juarez", "Fog", "Boxing", "Island", "Zodiac"))
    ]
    path = films.parent / "questions.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def saved(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


@pytest.mark.slow
def test_a_graph_alone_gives_a_model_that_answers(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "model"
    arguments = [
        "train",
        "--graph",
        str(films),
        "-o",
        str(out),
        *QUICK,
        "--reranker-steps",
        "2",
        "--program-steps",
        "2",
        "--json",
    ]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert [step for step, _ in told["reranker_dev_scores"]] == [0, 2]
    assert told["examples"] == {"made-up": 27}
    assert [step for step, _ in told["dev_scores"]] == [0, 2, 4]
    assert {"config.json", "model.safetensors", "README.md", "training.json"} <= {
        p.name for p in out.iterdir()
    }
    assert not (out / "checkpoint.pt").exists()
    record = json.loads((out / "training.json").read_text("utf-8"))
    assert record["settings"]["steps"] == 4
    assert record["data"][0]["name"] == "films.tsv"
    asked = ["ask", "who directed Kismet?", "--graph", str(films), "--model", str(out), "--json"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["answers"]


def test_answers_alone_teach_a_model_what_made_means(
    films: Path, questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--questions", str(questions), "--dev", str(questions), "--made-up", "0", "--steps", "30"]
    more = [
        "--batch-size",
        "8",
        "--checkpoint-every",
        "30",
        "--learning-rate",
        "1e-3",
        "--reranker-steps",
        "0",
    ]
    arguments = ["train", "--graph", str(films), "-o", str(tmp_path / "model"), *options, *more, "--json"]
    assert main(arguments) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["examples"]["answers"] == 6
    assert told["dev_scores"][-1][1] == 100


@pytest.mark.parametrize("lora", [[], ["--lora", "2", "--lora-init", "pissa"]])
@pytest.mark.parametrize(("kind", "grammar"), [("llama", "path"), ("gpt2", "relations"), ("t5", "relations")])
def test_any_model_is_trained_and_loads_and_answers(
    kind: str, grammar: str, lora: list[str], films: Path, questions: Path, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    model, tokenizer = tiny_model(kind, more_tokens=0)
    model.save_pretrained(tmp_path / "start")
    tokenizer.save_pretrained(tmp_path / "start")
    out = tmp_path / "model"
    common = ["--graph", str(films), "--grammar", grammar]
    options = [
        "--questions",
        str(questions),
        "--dev",
        str(questions),
        "--learning-rate",
        "1e-3",
        "--neftune",
        "5",
    ]
    arguments = [
        "train",
        *common,
        "--model",
        str(tmp_path / "start"),
        "-o",
        str(out),
        *QUICK,
        *options,
        *lora,
    ]
    assert main([*arguments, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [step for step, _ in told["dev_scores"]] == [2, 4]
    assert len(told["losses"]) == 4
    before, after = saved(tmp_path / "start"), saved(out)
    assert any(not torch.equal(before[name], after[name]) for name in before.keys() & after.keys())
    load_language_model(out)
    assert main(["ask", "who made Kismet", *common, "--model", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["answers"]


def test_a_killed_run_costs_at_most_one_interval(films: Path, tmp_path: Path) -> None:
    def arguments(name: str) -> list[str]:
        options = ["--made-up", "30", "--steps", "4", "--batch-size", "4", "--checkpoint-every", "2"]
        options += ["--dev-limit", "1", "--reranker-steps", "4", *NO_PROGRAMS]
        return ["train", "--graph", str(films), "-o", str(tmp_path / name), *options]

    for kept in ("checkpoint.pt", "reranker-checkpoint.pt"):  # killed twice, in both stages
        running = subprocess.Popen(
            [sys.executable, "-m", "kgqa", *arguments("cut")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        checkpoint = tmp_path / "cut" / kept
        while not checkpoint.exists():
            assert running.poll() is None
            time.sleep(0.02)
        running.send_signal(signal.SIGKILL)
        running.wait()
        assert 2 <= torch.load(checkpoint)["done"] < 4
        assert not (tmp_path / "cut" / "config.json").exists()
    assert main(arguments("cut")) == 0
    assert main(arguments("whole")) == 0
    for file in ("model.safetensors", "reranker.safetensors"):
        whole, cut = (load_file(tmp_path / name / file) for name in ("whole", "cut"))
        assert all(torch.equal(whole[name], cut[name]) for name in whole)


@pytest.mark.parametrize(
    ("options", "code", "complaint"),
    [
        (["--model", "nowhere/at/all"], 1, "nowhere/at/all is not a folder"),
        (["--lora-dropout", "0"], 2, "lora_dropout and lora_init are about adapters"),
        (["--lora-init", "pissa"], 2, "lora_dropout and lora_init are about adapters"),
        (["--lora", "8"], 2, "lora, neftune and path_tokens apply to other models"),
        (["--grammar", "path"], 2, "grammar, recipe"),
        (
            ["--model", "nowhere", "--reranker-steps", "5"],
            2,
            "reranker_steps, program_steps and program_keep apply to the path writer",
        ),
        (["--model", "nowhere", "--program-keep", "0"], 2, "program_keep apply to the path writer"),
        (["--fresh", "--reranker-steps", "5"], 2, "has no reranker to train"),
        (["--fresh", "--model", "kgqa/path-writer"], 2, "fresh starts from random weights"),
        (["--device", "cuda"], 2, "the path writer is trained on CPUs"),
        (["--learning-rate", "0"], 2, "--learning-rate: must be above 0"),
        (["--steps", "0"], 2, "--steps: must be 1 or more, not 0"),
        (["--keep", "2"], 2, "--keep: must be 1 or less, not 2.0"),
        (["--program-keep", "2"], 2, "--program-keep: must be 1 or less, not 2.0"),
        (["--questions", "missing.jsonl"], 1, "missing.jsonl"),
        (["--made-up", "0"], 1, "nothing to learn from"),
    ],
)
def test_bad_input_is_one_clear_line(
    options: list[str],
    code: int,
    complaint: str,
    films: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["train", "--graph", str(films), "-o", str(tmp_path / "model"), *options]) == code
    printed = capsys.readouterr().err.strip().splitlines()
    assert complaint in printed[-1]
    assert not (tmp_path / "model").exists()


def test_questions_with_graphs_of_their_own_are_trained_on_those_and_on_no_default_graph(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [
        {
            "id": f"q{number}",
            "question": f"what is the capital of {country}",
            "q_entity": [country],
            "answer": [f"{city} {number}"],
            "graph": [[country, "seat", f"{city} {number}"], [country, "lies in", "a sea"]],
        }
        for number, (country, city) in enumerate((("Kenya", "Lamu"), ("Peru", "Cuzco"), ("Chile", "Arica")))
    ]
    file = tmp_path / "rog.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    arguments = ["train", "--questions", str(file), "--dev", str(file), "-o", str(tmp_path / "model"), *QUICK]
    assert main([*arguments, "--reranker-steps", "0", *NO_PROGRAMS, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["examples"]["answers"] == 3
    assert told["examples"]["made-up"] == 30
    record = json.loads((tmp_path / "model" / "training.json").read_text("utf-8"))
    assert [source["name"] for source in record["data"]] == ["rog.jsonl", "rog.jsonl"]


def test_without_a_graph_nothing_is_trained(
    questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for options, code, complaint in (
        ([], 2, "give a graph, or questions with graphs"),
        (
            ["--questions", str(questions)],
            1,
            "'who made Kismet' has no graph of its own, and no graph is given",
        ),
    ):
        assert main(["train", "-o", str(tmp_path / "model"), *options]) == code
        assert complaint in capsys.readouterr().err
        assert not (tmp_path / "model").exists()


def test_a_model_is_never_written_over(
    films: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.json").write_text("{}", "utf-8")
    assert main(["train", "--graph", str(films), "-o", str(tmp_path)]) == 2
    assert "holds a model already" in capsys.readouterr().err
    assert (tmp_path / "config.json").read_text("utf-8") == "{}"
