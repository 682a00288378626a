"""The training loop."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional

from kgqa.errors import UsageError
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.training.batches import Batch, EncodedExamples

__all__ = ["Trainer"]

logger = logging.getLogger("kgqa")


@dataclass(frozen=True)
class Trainer:
    """Minimises the cross-entropy of relation paths with AdamW, in bfloat16 where it pays.

    The softmax runs over the pieces that occur in targets and `negatives` random others, whose
    logits are raised to stand for all that were left out, so that the full softmax at decoding
    time is what was trained. A checkpoint is written every `checkpoint_every` steps. A run that finds
    one goes on from it to the weights of a run that was never cut off: the steps between two
    checkpoints have a seed of their own.
    """

    steps: int
    batch_size: int = 192
    learning_rate: float = 1.5e-3
    warmup: int = 200
    weight_decay: float = 0.02
    negatives: int = 1024
    checkpoint_every: int = 250
    seed: int = 0

    def train(
        self,
        model: PathWriter,
        examples: EncodedExamples,
        shares: Mapping[str, float],
        checkpoint: Path,
    ) -> list[tuple[int, float]]:
        """Train in place; the training loss every `checkpoint_every` steps.

        Raises `UsageError` when the checkpoint is of a training with other settings.
        """
        optimizer = torch.optim.AdamW(
            model.parameters(), self.learning_rate, betas=(0.9, 0.98), weight_decay=self.weight_decay
        )
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, self._rate)
        done, losses = self._resume(checkpoint, model, optimizer, schedule)
        pieces = _Pieces(model, examples.known_pieces(), self.negatives)
        for first in range(done, self.steps, self.checkpoint_every):
            last = min(first + self.checkpoint_every, self.steps)
            began = time.monotonic()
            torch.manual_seed(self.seed + first)  # dropout
            pieces.generator.manual_seed(self.seed + first)
            batches = examples.draws(self.batch_size, shares, self.seed + first)
            model.train()
            recent = []
            for _ in range(first, last):
                loss = batch_loss(model, next(batches), *pieces.draw())
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                schedule.step()
                recent.append(float(loss.detach()))
            model.eval()
            losses.append((last, sum(recent) / len(recent)))
            seconds = (time.monotonic() - began) / len(recent)
            logger.info("step %d: loss %.4f, %.2f s a step", *losses[-1], seconds)
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}
            state |= {"schedule": schedule.state_dict(), "step": last, "losses": losses}
            _save({**state, "trainer": asdict(self)}, checkpoint)
        return losses

    def _rate(self, step: int) -> float:
        if step < self.warmup:
            return (step + 1) / self.warmup
        return 0.5 * (1 + math.cos(math.pi * min(1.0, step / self.steps))) * 0.98 + 0.02

    def _resume(
        self,
        checkpoint: Path,
        model: PathWriter,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LambdaLR,
    ) -> tuple[int, list[tuple[int, float]]]:
        if not checkpoint.is_file():
            return 0, []
        state = torch.load(checkpoint)
        if state.get("trainer") != asdict(self):
            raise UsageError(
                f"{checkpoint} is of a training with other settings; delete it, or use {state.get('trainer')}"
            )
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        return state["step"], state["losses"]


def _save(state: dict[str, object], checkpoint: Path) -> None:
    """Write a checkpoint beside the old one first: a run cut off while writing keeps the old one."""
    unfinished = checkpoint.with_name(f"{checkpoint.name}.unfinished")
    torch.save(state, unfinished)
    unfinished.replace(checkpoint)


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
        self.embeddings = model.piece_embeddings.to(torch.bfloat16)
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
    with torch.autocast("cpu", torch.bfloat16):
        memory = model.read(batch.memory, batch.attention_mask)
        states, _ = model.decode(given, memory, batch.attention_mask)
        logits = states[real] @ embeddings.T
    return functional.cross_entropy(logits.float() + correction, position[wanted[real]])
