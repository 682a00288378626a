"""Training of the path writer and its reranker, from examples to a folder that loads."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Self

import torch
from tokenizers import Tokenizer

from kgqa.lm import LanguageModel
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.training.curve import Curve
from kgqa.training.examples.example import Example
from kgqa.training.path_writer.encoded_examples import EncodedExamples, reweigh_targets
from kgqa.training.path_writer.trainer import Trainer
from kgqa.training.reranker.reranker_training import RerankerTuning

__all__ = ["PathWriterTraining", "Trained"]

Dev = Callable[[LanguageModel], float]
"""The score of a model on the dev questions; more is better."""


class Trained(NamedTuple):
    """The curves of a training of the path writer and, where there is one, of its reranker.

    `kept` names what was saved: `"whole"` (the trained writer and reranker), `"writer"` (the trained writer
    alone), or `"start"` (the weights that training started from). `scores` has the dev score of each;
    it is empty without a reranker or without dev questions.
    """

    writer: Curve
    reranker: Curve | None
    kept: str
    scores: Mapping[str, float]


@dataclass
class _Weights:
    """The path writer and its reranker, which read with the same encoder."""

    writer: PathWriter
    reranker: Reranker | None
    encoder: Path
    tokenizer: Tokenizer

    @classmethod
    def load(cls, folder: Path | None, config: PathWriterConfig) -> Self:
        """The weights in a folder, or random ones for `None`. Raises `ModelError`."""
        writer = PathWriter.load(folder) if folder else PathWriter(config)
        encoder = encoder_folder(writer.config)
        tokenizer = load_tokenizer(encoder)
        writer.attach_encoder(load_encoder(writer.config, fast_dtype()))
        return cls(writer, Reranker.load(folder, writer.encoder) if folder else None, encoder, tokenizer)

    def as_language_model(self, reranker: Reranker | None) -> PathWriterLanguageModel:
        """Copies of the writer and of a reranker, ready to answer questions."""
        reader = reranker and reranker.copied(fast_dtype())
        return PathWriterLanguageModel(copy.deepcopy(self.writer), self.encoder, fast_dtype(), reader)

    def save(self, folder: Path) -> None:
        """Write what `load` reads."""
        if self.reranker:
            self.reranker.save(folder)
        self.writer.save(folder)


@dataclass(frozen=True)
class PathWriterTraining:
    """Trains a path writer that starts from the weights in the folder `start`, or (None) from random ones.

    `shares` says how often the examples of each source are drawn. Where it is not known which of an
    example's paths is the right one, its source is in `uncertain`: before training, the targets of such
    examples are weighed by the model in `start`. `unmasked` and `unnamed` are as in `EncodedExamples`.
    `tuning` trains the reranker in `start` after the writer; without it the reranker stays as it is.
    """

    trainer: Trainer
    shares: Mapping[str, float]
    start: Path | None = None
    config: PathWriterConfig = field(default_factory=PathWriterConfig)
    uncertain: Collection[str] = ()
    unmasked: float = 0.2
    unnamed: float = 0.1
    tuning: RerankerTuning | None = None

    def train(
        self,
        examples: Sequence[Example],
        folder: str | Path,
        dev: Dev | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Trained:
        """Train, and save what `load_language_model` takes in a folder; resumes an interrupted training.

        At every checkpoint `dev` scores the writer alone, and the weights with the best score are taken.
        The reranker is trained after that. Of the trained writer with the reranker, the trained writer
        alone, and the start, the one with the best score by `dev` is saved.

        Raises `ModelError` for a start that does not load, and as `Trainer.train` does.
        """
        folder = Path(folder)
        torch.manual_seed(self.trainer.seed)
        weights = _Weights.load(self.start, self.config)
        encoded = self._encoded(examples, weights)
        folder.mkdir(parents=True, exist_ok=True)
        checkpoints = folder / "checkpoint.pt", folder / "reranker-checkpoint.pt"
        before = dev(weights.as_language_model(weights.reranker)) if dev and weights.reranker else 0.0
        if not checkpoints[0].exists():
            checkpoints[1].unlink(missing_ok=True)  # of a training that was started anew
        writer = self._train_writer(weights, encoded, checkpoints[0], dev, progress)
        reranker = self._train_reranker(weights, encoded, checkpoints[1], dev, progress)
        kept, scores = self._best(weights, before, dev)
        if kept == "start":
            weights = _Weights.load(self.start, self.config)
        elif kept == "writer":
            weights.reranker = None
        weights.save(folder)
        for checkpoint in checkpoints:
            checkpoint.unlink(missing_ok=True)
        return Trained(writer, reranker, kept, scores)

    def _encoded(self, examples: Sequence[Example], weights: _Weights) -> EncodedExamples:
        encoded = EncodedExamples(
            examples,
            weights.writer,
            weights.tokenizer,
            seed=self.trainer.seed,
            unmasked=self.unmasked,
            unnamed=self.unnamed,
        )
        if self.start:
            reweigh_targets(weights.writer, encoded, self.uncertain)
        return encoded

    def _train_writer(
        self,
        weights: _Weights,
        encoded: EncodedExamples,
        checkpoint: Path,
        dev: Dev | None,
        progress: Callable[[int], None],
    ) -> Curve:
        score = (lambda _: dev(weights.as_language_model(None))) if dev else None
        return self.trainer.train(weights.writer, encoded, self.shares, checkpoint, score, progress)

    def _train_reranker(
        self,
        weights: _Weights,
        encoded: EncodedExamples,
        checkpoint: Path,
        dev: Dev | None,
        progress: Callable[[int], None],
    ) -> Curve | None:
        """The reranker's curve: empty where it is not trained, `None` where there is none."""
        if weights.reranker is None or self.tuning is None:
            return None if weights.reranker is None else Curve()
        return self.tuning.train(
            weights.reranker,
            weights.tokenizer,
            weights.as_language_model(None),
            encoded.examples,
            self.shares,
            checkpoint,
            (lambda reranker: dev(weights.as_language_model(reranker))) if dev else None,
            lambda step: progress(self.trainer.steps + step),
        )

    @staticmethod
    def _best(weights: _Weights, before: float, dev: Dev | None) -> tuple[str, dict[str, float]]:
        """What is saved, the first of equals, and the scores that decide it."""
        if weights.reranker is None or dev is None:
            return "whole", {}
        scores = {
            "whole": dev(weights.as_language_model(weights.reranker)),
            "writer": dev(weights.as_language_model(None)),
            "start": before,
        }
        return max(scores, key=lambda name: scores[name]), scores
