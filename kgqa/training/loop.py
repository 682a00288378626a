"""The training loop."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from pickle import UnpicklingError

import torch
from torch import Tensor
from torch.nn import functional

from kgqa.errors import ModelError, UsageError
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.precision import fast_dtype, mixed_precision
from kgqa.training.batches import Batch, EncodedExamples
from kgqa.training.curve import Curve

__all__ = ["Trainer"]

logger = logging.getLogger("kgqa")


@dataclass(frozen=True)
class Trainer:
    """Minimises the cross-entropy of relation paths with AdamW, in bfloat16 where it pays.

    The softmax runs over the pieces that occur in targets and `negatives` random others, whose
    logits are raised to stand for all that were left out, so that the full softmax at decoding
    time is what was trained. A checkpoint is written every `checkpoint_every` steps. A run that finds
    one goes on from it to the weights of a run that was never cut off: the steps between two
    checkpoints have a seed of their own. With `dev`, which gives a model its score, the weights of
    the best checkpoint are kept, those from before the first step among them; at last the starting
    weights are blended in again with the share `keep`, which holds on to what they knew (WiSE-FT,
    "Robust fine-tuning of zero-shot models", CVPR 2022).
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
        """Train in place; `progress` hears of every step.

        Raises `UsageError` when the checkpoint is of a training with other settings or examples or
        cannot be read, `ModelError` when the loss is no longer a number.
        """
        run = _Run(self, model, dev, {"examples": examples.checksum, "shares": dict(shares)})
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

    def _rate(self, step: int) -> float:
        if step < self.warmup:
            return (step + 1) / self.warmup
        return 0.5 * (1 + math.cos(math.pi * min(1.0, step / self.steps))) * 0.98 + 0.02


class _Run:
    """A training between its first step and its last."""

    def __init__(
        self,
        trainer: Trainer,
        model: PathWriter,
        dev: Callable[[PathWriter], float] | None,
        data: Mapping[str, object],
    ) -> None:
        self.trainer = trainer
        self.model = model
        self.dev = dev
        self.optimizer = torch.optim.AdamW(
            model.parameters(), trainer.learning_rate, betas=(0.9, 0.98), weight_decay=trainer.weight_decay
        )
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, trainer._rate)
        self.settings = {**asdict(trainer), **data}
        self.start: dict[str, Tensor] = {}
        self.best: dict[str, Tensor] = {}
        self.done = 0
        self.curve = Curve()

    def begin(self) -> None:
        self.start = self.best = _copied(self.model)
        self.curve = Curve([], [(0, self.dev(self.model))] if self.dev else [])

    def descend(self, loss: Tensor, step: int) -> float:
        value = float(loss.detach())
        if not math.isfinite(value):
            raise ModelError(f"the loss of step {step} is {value}; train with a lower learning rate")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        return value

    def note(self, step: int, loss: float) -> None:
        self.done = step
        losses, scores = [*self.curve.losses, (step, loss)], [*self.curve.dev_scores]
        if self.dev:
            scores.append((step, self.dev(self.model)))
        self.curve = Curve(losses, scores)
        if self.curve.best is None or self.curve.best[0] == step:
            self.best = _copied(self.model)
        logger.info("step %d: loss %.4f%s", step, loss, f", dev {scores[-1][1]:.1f} %" if scores else "")

    def finish(self) -> None:
        keep = self.trainer.keep
        blended = {name: w.lerp(self.start[name], keep) if keep else w for name, w in self.best.items()}
        self.model.load_state_dict(blended)

    def save(self, checkpoint: Path) -> None:
        """Write a checkpoint beside the old one first: a run cut off while writing keeps the old one."""
        state = {name: getattr(self, name).state_dict() for name in ("model", "optimizer", "schedule")}
        state |= {"start": self.start, "best": self.best, "done": self.done, "curve": asdict(self.curve)}
        unfinished = checkpoint.with_name(f"{checkpoint.name}.unfinished")
        torch.save({**state, "settings": self.settings}, unfinished)
        unfinished.replace(checkpoint)

    def resume(self, checkpoint: Path) -> bool:
        """Go on from a checkpoint; False when there is none."""
        if not checkpoint.is_file():
            return False
        try:
            state = torch.load(checkpoint)
        except (RuntimeError, EOFError, UnpicklingError) as error:
            raise UsageError(f"{checkpoint} is damaged; delete it to begin anew") from error
        before, now = state.get("settings", {}), self.settings
        changed = [
            f"{name} {before.get(name)} (now {now[name]})" for name in now if before.get(name) != now[name]
        ]
        if changed:
            raise UsageError(
                f"{checkpoint} is of a training with other settings: {', '.join(changed)}; delete it to "
                "begin anew, or go on with those"
            )
        for name in ("model", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.start, self.best, self.done = state["start"], state["best"], state["done"]
        self.curve = Curve(**state["curve"])
        return True


def _copied(model: PathWriter) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.state_dict().items()}


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
