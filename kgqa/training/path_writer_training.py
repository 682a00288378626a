"""Training of the path writer from examples to a folder that loads."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from kgqa.lm import LanguageModel
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder, load_encoder
from kgqa.lm.path_writer.precision import fast_dtype
from kgqa.lm.path_writer.question_text import load_tokenizer
from kgqa.lm.path_writer.reranker import RERANKER, Reranker
from kgqa.training.batches import EncodedExamples
from kgqa.training.belief import believe_model
from kgqa.training.curve import Curve
from kgqa.training.example import Example
from kgqa.training.loop import Trainer

__all__ = ["PathWriterTraining"]


@dataclass(frozen=True)
class PathWriterTraining:
    """Trains a path writer, `start` or (None) one with random weights.

    `shares` says how often the examples of each source are drawn. Of the sources in `uncertain` it is
    not known which of an example's paths is meant: a start that is trained weighs them first.
    `unmasked` and `unnamed` are as in `EncodedExamples`.
    """

    trainer: Trainer
    shares: Mapping[str, float]
    start: Path | None = None
    config: PathWriterConfig = field(default_factory=PathWriterConfig)
    uncertain: Collection[str] = ()
    unmasked: float = 0.2
    unnamed: float = 0.1

    def train(
        self,
        examples: Sequence[Example],
        folder: Path,
        dev: Callable[[LanguageModel], float] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Curve:
        """Train, and save in a folder what `load_language_model` takes; resumes what was cut off.

        `dev` scores the model at every checkpoint, and the best one is saved. The reranker of a start goes
        along as it is, unless `dev` is better without it: it does not know what is new.

        Raises `ModelError` for a start that does not load, and as `Trainer.train` does.
        """
        torch.manual_seed(self.trainer.seed)
        model = PathWriter.load(self.start) if self.start else PathWriter(self.config)
        encoder = encoder_folder(model.config)
        model.attach_encoder(load_encoder(model.config, fast_dtype()))
        reranker = Reranker.load(self.start, model.encoder) if self.start else None
        encoded = EncodedExamples(
            examples,
            model,
            load_tokenizer(encoder),
            seed=self.trainer.seed,
            unmasked=self.unmasked,
            unnamed=self.unnamed,
        )
        if self.start:
            believe_model(model, encoded, self.uncertain)
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = folder / "checkpoint.pt"

        def score(trained: PathWriter, read_by: Reranker | None = reranker) -> float:
            speaker = PathWriterLanguageModel(copy.deepcopy(trained), encoder, fast_dtype(), read_by)
            return dev(speaker) if dev else 0.0

        curve = self.trainer.train(model, encoded, self.shares, checkpoint, score if dev else None, progress)
        if self.start and reranker and score(model) >= score(model, None):
            shutil.copyfile(self.start / RERANKER, folder / RERANKER)
        model.save(folder)
        checkpoint.unlink(missing_ok=True)
        return curve
