"""The script that trains the program writer and its reranker, with few steps on a small set."""

from __future__ import annotations

import gzip
import json
import logging
import sys
from pathlib import Path

import pytest
import torch

from kgqa.errors import ModelError
from kgqa.graph import open_graph
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.reranker import RERANKER
from kgqa.program import parse_program
from kgqa.program.json_form import program_to_dict
from scripts import train_programs
from scripts.programs.question_sets import graph_file, is_left_out

torch.set_num_threads(1)  # more wait for each other where the machine is busy

FILMS = "\n".join(
    [
        "@prefix : <http://example.org/> .",
        "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .",
        ':Film a rdfs:Class ; rdfs:label "film" .',
        *(
            f':f{place} a :Film ; rdfs:label "{name}" ; :director :d{place % 3} ; :year {1990 + place} .'
            for place, name in enumerate(("Kismet", "Juarez", "Fog", "Boxing", "Island", "Zodiac"))
        ),
        *(f':d{place} rdfs:label "{name}" .' for place, name in enumerate(("Ada", "Bela", "Cora"))),
    ]
)
ASKED = {
    "Who directed Kismet?": "Kismet -> director",
    "How many films did Ada direct?": "Ada <- director | count",
    "Which films did Bela direct?": "Bela <- director",
    "What is the newest film by Cora?": "Cora <- director | most -> year",
}
USED, LEFT_OUT = "films", next(f"g{n}" for n in range(99) if is_left_out({"set": "spider", "graph": f"g{n}"}))


@pytest.fixture
def arguments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A command with few steps; the folder of the new weights is `new`."""
    monkeypatch.setattr(train_programs, "MADE_UP", {"spider": 8, "atlas": 2})
    monkeypatch.setattr(train_programs, "LOGS", 1)
    monkeypatch.setattr(train_programs, "QUESTIONS_OF_A_LOG", 3)
    file = graph_file(tmp_path, "spider", USED)
    file.parent.mkdir(parents=True)
    file.write_bytes(gzip.compress(FILMS.encode()))
    graph = open_graph(file)
    rows = [
        {"set": "spider", "part": part, "graph": name, "id": f"{name} {question}", "question": question,
         "program": program_to_dict(parse_program(text, graph))}
        for part, name in (("train", USED), ("dev", "unseen"), ("train", LEFT_OUT))
        for question, text in ASKED.items()
    ]  # fmt: skip
    gold = tmp_path / "gold.jsonl"
    gold.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return [str(tmp_path), str(gold), "-o", str(tmp_path / "new"), "--steps", "4", "--reranker-steps", "2"]


@pytest.mark.slow
def test_a_training_that_is_interrupted_is_resumed_and_leaves_what_a_model_loads(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "kgqa")
    monkeypatch.setattr(sys, "argv", ["train_programs.py", *arguments])
    programs = tmp_path / "new" / "programs"

    def killed(*_: object) -> None:
        raise ModelError("killed")

    with monkeypatch.context() as patched:
        patched.setattr(train_programs, "train_reranker", killed)
        with pytest.raises(ModelError, match="killed"):
            train_programs.main()
    assert [record.getMessage().split(":")[0] for record in caplog.records[1:]] == ["step 1", "step 4"]
    assert not (programs / RERANKER).exists()
    caplog.clear()
    written = (programs / "model.safetensors").read_bytes()

    train_programs.main()
    assert [record.getMessage().split(":")[0] for record in caplog.records[1:]] == ["step 2"]
    assert (programs / "model.safetensors").read_bytes() == written
    assert (programs / RERANKER).is_file()
    assert not list(tmp_path.glob("new/*checkpoint*"))
    assert PathWriter.load(programs).config.reader_layers == 2


def test_dev_questions_and_graphs_that_are_left_out_are_not_read(
    arguments: list[str], tmp_path: Path
) -> None:
    lessons = list(train_programs.read_lessons(tmp_path, Path(arguments[1]), 0))
    assert [lesson.source for lesson in lessons] == ["spider", "atlas", "event logs"]
    assert [one.question for one in lessons[0].examples if one.source == "spider"] == list(ASKED)
    assert {one.source for lesson in lessons for one in lesson.examples} <= train_programs.SHARES.keys()
