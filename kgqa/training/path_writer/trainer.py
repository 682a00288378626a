"""The training loop of the path writer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.precision import fast_dtype, mixed_precision
from kgqa.training.curve import Curve
from kgqa.training.path_writer.encoded_examples import Batch, EncodedExamples
from kgqa.training.training_run import TrainingRun, cosine_rate

__all__ = ["Trainer"]


@dataclass(frozen=True)
class Trainer:
    """Minimises the cross-entropy of relation paths with AdamW, in bfloat16 where that is faster.

    The softmax runs over the word pieces that occur in targets and over `negatives` random others. A
    constant is added to the logits of the others, so that they stand for all pieces that were left out and
    the loss estimates that of the full softmax.

    A checkpoint is written every `checkpoint_every` steps. A run that finds one resumes it, and gives the
    same weights as an uninterrupted run, since the random draws between two checkpoints have a seed of their
    own. With `dev` the weights of the checkpoint with the best score are kept; the starting weights are
    one of the candidates. The result is the mean of these and the starting weights, in which the latter have
    the share `keep` (WiSE-FT, "Robust fine-tuning of zero-shot models", CVPR 2022).
    """

    steps: int
    batch_size: int = 192
    learning_rate: float = 1.5e-3
    warmup: int = 200
    weight_decay: float = 0.02
    negatives: int = 1024
    checkpoint_every: int = 250
    keep: float = 0.0
    seed: int = 0

    def train(
        self,
        model: PathWriter,
        examples: EncodedExamples,
        shares: Mapping[str, float],
        checkpoint: Path,
        dev: Callable[[PathWriter], float] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Curve:
        """Train in place; `progress` is called with the number of each step.

        Raises `UsageError` for a checkpoint that cannot be read or is of a training with other settings
        or examples, `ModelError` when the loss is not a finite number.
        """
        settings = {**asdict(self), "examples": examples.checksum, "shares": dict(shares)}
        run = TrainingRun(model, self._optimizer(model), self._rate, settings, dev, self.keep)
        if not run.resume(checkpoint):
            run.begin()
        progress(run.done)
        pieces = _Pieces(model, examples.known_pieces(), self.negatives)
        for first in range(run.done, self.steps, self.checkpoint_every):
            last = min(first + self.checkpoint_every, self.steps)
            torch.manual_seed(self.seed + first)  # dropout
            pieces.generator.manual_seed(self.seed + first)
            batches = examples.draws(self.batch_size, shares, self.seed + first)
            model.train()
            total = 0.0
            for step in range(first, last):
                loss = batch_loss(model, next(batches), *pieces.draw())
                total += run.descend(loss, step + 1)
                progress(step + 1)
            model.eval()
            run.note(last, total / (last - first))
            run.save(checkpoint)
        run.finish()
        return run.curve

    def _optimizer(self, model: PathWriter) -> torch.optim.Optimizer:
        return torch.optim.AdamW(
            model.parameters(), self.learning_rate, betas=(0.9, 0.98), weight_decay=self.weight_decay
        )

    def _rate(self, step: int) -> float:
        return cosine_rate(step, self.steps, self.warmup)


class _Pieces:
    """The word pieces that a training step's softmax runs over."""

    def __init__(self, model: PathWriter, known: list[int], negatives: int) -> None:
        size = model.config.vocab_size
        self.known = torch.tensor(known)
        self.others = torch.tensor(sorted(set(range(size)) - set(known)))
        self.negatives = negatives
        self.raised = math.log(len(self.others) / negatives)
        self.position = torch.zeros(size, dtype=torch.long)
        self.position[self.known] = torch.arange(len(known))
        self.embeddings = model.piece_embeddings.to(fast_dtype())
        self.known_embeddings = self.embeddings[self.known]
        self.generator = torch.Generator()

    def draw(self) -> tuple[Tensor, Tensor, Tensor]:
        """Embeddings of the pieces, what to add to their logits, and each piece's position."""
        drawn = torch.randint(len(self.others), (self.negatives,), generator=self.generator)
        embeddings = torch.cat([self.known_embeddings, self.embeddings[self.others[drawn]]])
        correction = torch.zeros(len(embeddings))
        correction[len(self.known) :] = self.raised
        return embeddings, correction, self.position


def batch_loss(
    model: PathWriter, batch: Batch, embeddings: Tensor, correction: Tensor, position: Tensor
) -> Tensor:
    """Mean cross-entropy of a target's next piece, in nats."""
    given, wanted = batch.pieces[:, :-1], batch.pieces[:, 1:]
    real = wanted != 0
    with mixed_precision():
        memory = model.read(batch.memory, batch.attention_mask)
        states, _ = model.decode(given, memory, batch.attention_mask)
        logits = states[real] @ embeddings.T
    return functional.cross_entropy(logits.float() + correction, position[wanted[real]])
