"""What is written about a training."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from kgqa.lm.path_writer.language_model import WEIGHTS
from kgqa.lm.path_writer.modeling import PathWriter, load_encoder
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.training.curve import Curve
from kgqa.training.record import DataFile, TrainingRecord, versions

RECORD = TrainingRecord(
    title="A model of films",
    about="Writes paths.",
    method="In 3 steps.",
    base="kgqa/path-writer",
    settings={"steps": 3, "seed": 7},
    data=[DataFile("films.tsv", "ab" * 32)],
    sources={"questions": 2579, "atlas {}": 12, "unused": 1},
    shares={"questions": 0.24, "atlas {}": 0.76},
    curve=Curve([(250, 1.5), (500, 0.25)], [(0, 40.0), (250, 62.5), (500, 50.0)]),
    seconds=1830.0,
    scores=[("MetaQA 1-hop", "dev", 9947, 94.26), ("Atlas", "test", 3, 100 / 3)],
)


def test_the_record_holds_the_numbers_given(tmp_path: Path) -> None:
    RECORD.write(tmp_path, drawn=False)
    written = json.loads((tmp_path / "training.json").read_text(encoding="utf-8"))
    assert written["curve"] == {
        "losses": [[250, 1.5], [500, 0.25]],
        "dev_scores": [[0, 40.0], [250, 62.5], [500, 50.0]],
    }
    assert written["data"] == [{"name": "films.tsv", "sha256": "ab" * 32}]
    assert written["settings"] == {"steps": 3, "seed": 7}
    assert written["versions"] == versions()
    assert written["versions"].keys() >= {"python", "kgqa", "torch", "transformers"}
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == RECORD.card()


def test_the_card_says_what_became_of_the_reranker() -> None:
    told = replace(RECORD, reranker=Curve([(50, 1.0)], [(0, 30.0), (50, 20.0)]), remark="It was left out.")
    lines = told.card().splitlines()
    assert (
        "Hits@1 with the reranker, which was trained after that: 30.0 % before, no better afterwards."
        in lines
    )
    assert "It was left out." in lines


def test_the_card_says_what_was_trained_on_and_how_well_it_answers() -> None:
    lines = RECORD.card().splitlines()
    assert lines[0] == "---"
    assert "# A model of films" in lines
    assert "- films.tsv, SHA-256 abababababababab…" in lines
    assert "- atlas {}: 12 examples, 76 % of the draws" in lines
    assert "- questions: 2,579 examples, 24 % of the draws" in lines
    assert "- unused: 1 example, 0 % of the draws" in lines
    assert "Hits@1 on the dev questions: 40.0 % before, 62.5 % after step 250." in lines
    assert "| MetaQA 1-hop | dev | 9,947 | 94.3 |" in lines
    assert "| Atlas | test | 3 | 33.3 |" in lines


def test_the_curve_is_drawn_where_it_can_be(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    RECORD.write(tmp_path)
    assert (tmp_path / "curve.png").stat().st_size > 1000


def test_data_is_named_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    assert DataFile.of(tmp_path / "a") == DataFile("a", hashlib.sha256(b"1").hexdigest())


def test_the_shipped_card_is_that_of_the_shipped_record_and_weights() -> None:
    shipped = json.loads((WEIGHTS / "training.json").read_text(encoding="utf-8"))
    shipped["curve"] = Curve(**shipped["curve"])
    card = TrainingRecord(**shipped).card()
    writer, reranker = (WEIGHTS / "README.md").read_text(encoding="utf-8").split("\n\n## The reranker\n")
    assert writer == card.rstrip()
    model = PathWriter.load(WEIGHTS)
    model.attach_encoder(load_encoder(model.config))
    for part, of in ((writer, model), (reranker, Reranker.load(WEIGHTS, model.encoder))):
        assert of
        count = sum(weight.numel() for weight in of.parameters())
        assert f"{count:,} trained parameters" in " ".join(part.split())
    record = json.loads((WEIGHTS / "reranker.json").read_text(encoding="utf-8"))
    assert f"{record['settings']['steps']:,} steps" in " ".join(reranker.split())
    for name, part, n, hits in record["scores"]:
        assert f"| {name} | {part} | {n:,} | {hits:.1f} |" in reranker
