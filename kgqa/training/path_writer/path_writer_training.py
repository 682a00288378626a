"""Training of the path writer from examples to a folder that loads."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import torch

from kgqa.lm import LanguageModel
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.training.curve import Curve
from kgqa.training.examples.example import Example
from kgqa.training.path_writer.encoded_examples import EncodedExamples, believe_model
from kgqa.training.path_writer.trainer import Trainer
from kgqa.training.reranker.reranker_training import RerankerTuning

__all__ = ["PathWriterTraining", "Trained"]


class Trained(NamedTuple):
    """How the training of the writer went, and of the reranker (`None` where there is none).

    `kept` says what was saved: the `"whole"` of both, the `"writer"` alone, or the `"start"`, which was
    better than what came of it. `scores` are those of `dev` for each, where there is a reranker.
    """

    writer: Curve
    reranker: Curve | None
    kept: str
    scores: Mapping[str, float]


@dataclass(frozen=True)
class PathWriterTraining:
    """Trains a path writer, `start` or (None) one with random weights.

    `shares` says how often the examples of each source are drawn. Of the sources in `uncertain` it is
    not known which of an example's paths is meant: a start that is trained weighs them first.
    `unmasked` and `unnamed` are as in `EncodedExamples`. `tuning` trains the start's reranker after that.
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
        folder: Path,
        dev: Callable[[LanguageModel], float] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Trained:
        """Train, and save in a folder what `load_language_model` takes; resumes what was cut off.

        `dev` scores the writer alone at every checkpoint, and the best one is taken. The reranker of a
        start is trained after that (`tuning`). What is saved is the best by `dev` of both together, the
        writer alone, and the start as it was.

        Raises `ModelError` for a start that does not load, and as `Trainer.train` does.
        """
        torch.manual_seed(self.trainer.seed)
        model = PathWriter.load(self.start) if self.start else PathWriter(self.config)
        encoder = encoder_folder(model.config)
        tokenizer = load_tokenizer(encoder)
        model.attach_encoder(load_encoder(model.config, fast_dtype()))
        reranker = Reranker.load(self.start, model.encoder) if self.start else None
        encoded = EncodedExamples(
            examples,
            model,
            tokenizer,
            seed=self.trainer.seed,
            unmasked=self.unmasked,
            unnamed=self.unnamed,
        )
        if self.start:
            believe_model(model, encoded, self.uncertain)
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = folder / "checkpoint.pt"

        def speaker(read_by: Reranker | None) -> PathWriterLanguageModel:
            read_by = read_by and read_by.copied(fast_dtype())
            return PathWriterLanguageModel(copy.deepcopy(model), encoder, fast_dtype(), read_by)

        def score(read_by: Reranker | None) -> float:
            return dev(speaker(read_by)) if dev else 0.0

        started = score(reranker) if reranker else 0.0
        second, read = folder / "reranker-checkpoint.pt", Curve()
        if not checkpoint.exists():
            second.unlink(missing_ok=True)  # of a run that was begun anew
        judge = (lambda _: score(None)) if dev else None
        curve = self.trainer.train(model, encoded, self.shares, checkpoint, judge, progress)
        if reranker and self.tuning:
            read = self.tuning.train(
                reranker,
                tokenizer,
                speaker(None),
                encoded.examples,
                self.shares,
                second,
                score if dev else None,
                lambda step: progress(self.trainer.steps + step),
            )
        kept, scores = "whole", dict[str, float]()
        if reranker and dev:
            scores = {"whole": score(reranker), "writer": score(None), "start": started}
            kept = max(scores, key=lambda name: scores[name])  # the first of equals
        if kept == "start" and self.start:
            model, reranker = PathWriter.load(self.start), Reranker.load(self.start, model.encoder)
        if reranker and kept != "writer":
            reranker.save(folder)
        model.save(folder)
        for file in (checkpoint, second):
            file.unlink(missing_ok=True)
        return Trained(curve, read if reranker else None, kept, scores)
