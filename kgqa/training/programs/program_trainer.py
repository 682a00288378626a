"""The training loop of the program writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.precision import mixed_precision
from kgqa.training.curve import Curve
from kgqa.training.programs.encoded_programs import EncodedPrograms, ProgramBatch
from kgqa.training.training_run import TrainingRun, cosine_rate

__all__ = ["ProgramTrainer", "program_loss"]


@dataclass(frozen=True)
class ProgramTrainer:
    """Minimises the cross-entropy of programs among all that the grammar allows, with AdamW.

    The softmax runs over the allowed pieces only: what the graph rules out costs nothing to rule out, and
    what it leaves open is exactly what has to be learnt. A beam search has to renormalise in the same way
    (`BeamSearch.masked`). Checkpoints, resumption, the choice of the best weights and their mean
    with the starting weights (`keep`) are as in `Trainer`.
    """

    steps: int
    batch_size: int = 64
    learning_rate: float = 1e-3
    warmup: int = 100
    weight_decay: float = 0.02
    checkpoint_every: int = 250
    keep: float = 0.0
    seed: int = 0

    def train(
        self,
        model: PathWriter,
        examples: EncodedPrograms,
        shares: Mapping[str, float],
        checkpoint: Path,
        dev: Callable[[PathWriter], float] | None = None,
        progress: Callable[[int], None] = lambda _: None,
    ) -> Curve:
        """Train in place; `progress` is called with the number of each step. Raises as `Trainer.train`."""
        settings = {**asdict(self), "examples": examples.checksum, "shares": dict(shares)}
        optimizer = torch.optim.AdamW(
            model.parameters(), self.learning_rate, betas=(0.9, 0.98), weight_decay=self.weight_decay
        )
        run = TrainingRun(model, optimizer, self._rate, settings, dev, self.keep)
        if not run.resume(checkpoint):
            run.begin()
        progress(run.done)
        for first in range(run.done, self.steps, self.checkpoint_every):
            last = min(first + self.checkpoint_every, self.steps)
            torch.manual_seed(self.seed + first)  # dropout
            batches = examples.draws(self.batch_size, shares, self.seed + first)
            model.train()
            total = 0.0
            for step in range(first, last):
                total += run.descend(program_loss(model, next(batches)), step + 1)
                progress(step + 1)
            model.eval()
            run.note(last, total / (last - first))
            run.save(checkpoint)
        run.finish()
        return run.curve

    def _rate(self, step: int) -> float:
        return cosine_rate(step, self.steps, self.warmup)


def program_loss(model: PathWriter, batch: ProgramBatch) -> Tensor:
    """The mean negative log-probability of a program among those that the grammar allows, in nats."""
    with mixed_precision():
        memory = model.read(batch.memory, batch.attention_mask)
        states, _ = model.decode(batch.given, memory, batch.attention_mask)
    chosen = states.reshape(-1, states.shape[-1])[batch.places].float()
    logits = (chosen[batch.owners] * model.piece_embeddings[batch.choices].float()).sum(-1)
    positions = len(batch.places)
    highest = torch.full((positions,), -torch.inf).scatter_reduce(0, batch.owners, logits.detach(), "amax")
    mass = torch.zeros(positions).index_add(0, batch.owners, (logits - highest[batch.owners]).exp())
    return (mass.log() + highest - logits[batch.right]).sum() / len(batch.given)
