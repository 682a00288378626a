"""From examples to a folder that loads."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from kgqa.graph import RelationStep
from kgqa.lm import LanguageModel, Reranks, load_language_model
from kgqa.lm.path_writer.language_model import WEIGHTS
from kgqa.lm.path_writer.reranker import RERANKER
from kgqa.training.example import Example, Target
from kgqa.training.loop import Trainer
from kgqa.training.path_writer_training import PathWriterTraining

torch.set_num_threads(1)  # more wait for each other where the machine is busy

EXAMPLES = [
    Example("made up", f"what is the {relation} of Peru", ("Peru",), (Target((RelationStep(relation),)),))
    for relation in ("capital", "currency", "anthem")
]


def reads(model: LanguageModel) -> bool:
    return isinstance(model, Reranks) and model.relevance is not None


@pytest.mark.parametrize("better_with", [True, False])
def test_the_reranker_goes_along_where_it_helps(tmp_path: Path, better_with: bool) -> None:
    training = PathWriterTraining(Trainer(1, batch_size=2, warmup=1), {"made up": 1.0}, WEIGHTS)
    training.train(EXAMPLES, tmp_path, lambda model: float(reads(model) == better_with))
    assert (tmp_path / RERANKER).exists() == better_with
    assert reads(load_language_model(tmp_path)) == better_with
    if better_with:
        assert (tmp_path / RERANKER).read_bytes() == (WEIGHTS / RERANKER).read_bytes()


def test_without_dev_questions_the_reranker_goes_along(tmp_path: Path) -> None:
    PathWriterTraining(Trainer(1, batch_size=2, warmup=1), {"made up": 1.0}, WEIGHTS).train(
        EXAMPLES, tmp_path
    )
    assert (tmp_path / RERANKER).exists()


def test_a_writer_from_random_weights_has_no_reranker(tmp_path: Path) -> None:
    PathWriterTraining(Trainer(1, batch_size=2, warmup=1), {"made up": 1.0}).train(EXAMPLES, tmp_path)
    assert not (tmp_path / RERANKER).exists()
