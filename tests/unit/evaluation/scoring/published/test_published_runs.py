"""The published figures, from published predictions, to the last digit."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from kgqa.evaluation import DEFINITIONS, Scorecard, read_predictions

pytestmark = pytest.mark.data
RUNS = (
    "KGQA-GNN-RAG-RA_rearev-sbert_webqsp",
    "KGQA-GNN-RAG_rearev-lmsr_webqsp",
    "llama2_chat_webqsp",
)
THEIR_NAMES = {
    "accuracy": "acc",
    "hit": "hit",
    "hit1": "hit1",
    "f1": "f1",
    "precision": "precission",
    "recall": "recall",
}


@pytest.mark.parametrize("run", RUNS)
def test_every_value_and_every_printed_digit_is_the_published_one(run: str, data_folder: Path) -> None:
    folder = data_folder / "published_scores"
    card = Scorecard.of(DEFINITIONS["gnn-rag"], read_predictions(folder / f"{run}.jsonl.gz"))
    assert card.printed == (folder / f"{run}.totals.txt").read_text("utf-8").strip()
    assert card.with_dropped is None
    with gzip.open(folder / f"{run}.jsonl.gz", "rt", encoding="utf-8") as lines:
        theirs = {row["id"]: row for row in map(json.loads, lines)}
    assert card.scored.keys() == theirs.keys()
    for id_, values in card.scored.items():
        assert values == {name: theirs[id_][their_name] for name, their_name in THEIR_NAMES.items()}, id_


@pytest.mark.parametrize("run", RUNS)
def test_rog_agrees_where_an_output_has_no_blank_line_at_its_ends(run: str, data_folder: Path) -> None:
    predictions = read_predictions(data_folder / "published_scores" / f"{run}.jsonl.gz")
    rog, gnn_rag = (Scorecard.of(DEFINITIONS[name], predictions) for name in ("rog", "gnn-rag"))
    assert rog.scored == gnn_rag.scored
