"""What is written about a training."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from kgqa.lm.path_writer.language_model import WEIGHTS
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.training.record import TrainingRecord

RECORD = TrainingRecord(
    seed=7,
    steps=1234,
    parameters=8_040_064,
    seconds=1830.0,
    started_from="",
    sources={"webqsp": 2579, "atlas {}": 12, "unused": 1},
    shares={"webqsp": 0.24, "atlas {}": 0.76},
    losses=[(250, 1.5), (500, 0.25)],
    scores=[("MetaQA 1-hop", "dev", 9947, 94.26), ("Atlas", "test", 3, 100 / 3)],
)


def test_the_record_holds_the_numbers_given(tmp_path: Path) -> None:
    RECORD.write(tmp_path)
    written = json.loads((tmp_path / "training.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(vars(RECORD)))
    assert written["losses"] == [[250, 1.5], [500, 0.25]]
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == RECORD.card()


def test_the_card_says_what_was_trained_on_and_how_well_it_answers() -> None:
    lines = RECORD.card().splitlines()
    assert lines[0] == "---"
    assert "- atlas {}: 12 examples, 76 % of what was drawn" in lines
    assert "- webqsp: 2,579 examples, 24 % of what was drawn" in lines
    assert "- unused: 1 examples, 0 % of what was drawn" in lines
    assert "| MetaQA 1-hop | dev | 9,947 | 94.3 |" in lines
    assert "| Atlas | test | 3 | 33.3 |" in lines
    assert "A decoder of 8,040,064 trained parameters" in RECORD.card()
    assert "(seed 7, 1234 steps;\n30 minutes on two busy CPU cores)" in RECORD.card()


def test_the_card_says_what_a_run_started_from() -> None:
    assert (
        "1234 steps from the weights of an earlier run;"
        in replace(RECORD, started_from="the weights of an earlier run").card()
    )
    assert "steps from" not in RECORD.card()


def test_the_shipped_card_is_that_of_the_shipped_record_and_weights() -> None:
    shipped = json.loads((WEIGHTS / "training.json").read_text(encoding="utf-8"))
    record = TrainingRecord(**shipped)
    assert (WEIGHTS / "README.md").read_text(encoding="utf-8") == record.card()
    model = PathWriter.load(WEIGHTS)
    assert sum(weight.numel() for weight in model.parameters()) == record.parameters
