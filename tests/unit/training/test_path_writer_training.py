"""From examples to a folder that loads."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from unit.training.film_graph import EXAMPLES as FILM_EXAMPLES
from unit.training.film_graph import GRAPH as FILMS

from kgqa.graph import RelationStep
from kgqa.lm import LanguageModel, Reranks, load_language_model
from kgqa.lm.encoders.bert import with_one_product
from kgqa.lm.path_writer.language_model import WEIGHTS
from kgqa.lm.path_writer.reranker import RERANKER
from kgqa.training.examples.example import Example, Target
from kgqa.training.path_writer.path_writer_training import PathWriterTraining
from kgqa.training.path_writer.trainer import Trainer
from kgqa.training.reranker.reranker_training import RerankerTraining, RerankerTuning

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
        theirs, ours = (with_one_product(load_file(folder / RERANKER)) for folder in (WEIGHTS, tmp_path))
        assert all(torch.equal(weight, ours[name]) for name, weight in theirs.items())


def test_the_reranker_is_trained_after_the_writer_and_its_best_weights_go_along(tmp_path: Path) -> None:
    written, read = iter([10.0, 20.0, 20.0]), iter([15.0, 10.0, 40.0, 30.0, 40.0])

    def dev(model: LanguageModel) -> float:
        return next(read if reads(model) else written)

    steps: list[int] = []
    tuning = RerankerTuning(
        FILMS, RerankerTraining(4, lists=2, wrong=3, warmup=1, checkpoint_every=2, learning_rate=1e-3)
    )
    training = PathWriterTraining(Trainer(1, batch_size=2, warmup=1), {"films": 1.0}, WEIGHTS, tuning=tuning)
    found = training.train(FILM_EXAMPLES, tmp_path, dev, steps.append)
    assert steps == [0, 1, 1, 2, 3, 4, 5]
    assert found.writer.dev_scores == [(0, 10.0), (1, 20.0)]
    assert found.reranker
    assert found.reranker.best == (2, 40.0)
    assert found.kept == "whole"
    assert found.scores == {"whole": 40.0, "writer": 20.0, "start": 15.0}
    theirs, ours = (with_one_product(load_file(folder / RERANKER)) for folder in (WEIGHTS, tmp_path))
    assert not all(torch.equal(weight, ours[name]) for name, weight in theirs.items())
    assert {file.name for file in tmp_path.iterdir()} == {"config.json", "model.safetensors", RERANKER}


def test_a_start_that_is_better_than_what_came_of_it_is_kept(tmp_path: Path) -> None:
    scores = iter([90.0])
    training = PathWriterTraining(Trainer(1, batch_size=2, warmup=1), {"made up": 1.0}, WEIGHTS)
    found = training.train(EXAMPLES, tmp_path, lambda _: next(scores, 50.0))
    assert found.kept == "start"
    for file in ("model.safetensors", RERANKER):
        theirs, ours = (with_one_product(load_file(folder / file)) for folder in (WEIGHTS, tmp_path))
        assert all(torch.equal(weight, ours[name]) for name, weight in theirs.items())


def test_without_dev_questions_the_reranker_goes_along(tmp_path: Path) -> None:
    PathWriterTraining(Trainer(1, batch_size=2, warmup=1), {"made up": 1.0}, WEIGHTS).train(
        EXAMPLES, tmp_path
    )
    assert (tmp_path / RERANKER).exists()


def test_a_writer_from_random_weights_has_no_reranker(tmp_path: Path) -> None:
    PathWriterTraining(Trainer(1, batch_size=2, warmup=1), {"made up": 1.0}).train(EXAMPLES, tmp_path)
    assert not (tmp_path / RERANKER).exists()
