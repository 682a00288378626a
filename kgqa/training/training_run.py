"""What any training has between its first step and its last."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from pickle import UnpicklingError
from typing import Generic, TypeVar

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LambdaLR

from kgqa.errors import ModelError, UsageError
from kgqa.training.curve import Curve

__all__ = ["TrainingRun", "cosine_rate"]

logger = logging.getLogger("kgqa")

M = TypeVar("M", bound=nn.Module)


def cosine_rate(step: int, steps: int, warmup: int) -> float:
    """The share of the highest learning rate: it rises for `warmup` steps, then falls to a fiftieth."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))) * 0.98 + 0.02


class TrainingRun(Generic[M]):
    """A training between its first step and its last, its checkpoints and its best weights.

    The weights of the best of `dev`'s scores are kept, those from before the first step among them, and
    at last the starting weights are blended in again with the share `keep`. `settings` are what a
    checkpoint must agree with.
    """

    def __init__(
        self,
        model: M,
        optimizer: Optimizer,
        rate: Callable[[int], float],
        settings: Mapping[str, object],
        dev: Callable[[M], float] | None = None,
        keep: float = 0.0,
    ) -> None:
        self.model = model
        self.dev = dev
        self.keep = keep
        self.optimizer = optimizer
        self.schedule = LambdaLR(optimizer, rate)
        self.settings = dict(settings)
        self.start: dict[str, Tensor] = {}
        self.best: dict[str, Tensor] = {}
        self.done = 0
        self.curve = Curve()

    def begin(self) -> None:
        """Note the weights that it starts from."""
        self.start = self.best = _copied(self.model)
        self.curve = Curve([], [(0, self.dev(self.model))] if self.dev else [])

    def descend(self, loss: Tensor, step: int) -> float:
        """One step against the gradient of a loss, whose value comes back.

        Raises `ModelError` when it is no number.
        """
        value = float(loss.detach())
        if not math.isfinite(value):
            raise ModelError(f"the loss of step {step} is {value}; train with a lower learning rate")
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.schedule.step()
        return value

    def note(self, step: int, loss: float) -> None:
        """Score the model, and keep its weights where they are the best so far."""
        self.done = step
        losses, scores = [*self.curve.losses, (step, loss)], [*self.curve.dev_scores]
        if self.dev:
            scores.append((step, self.dev(self.model)))
        self.curve = Curve(losses, scores)
        if self.curve.best is None or self.curve.best[0] == step:
            self.best = _copied(self.model)
        logger.info("step %d: loss %.4f%s", step, loss, f", dev {scores[-1][1]:.1f} %" if scores else "")

    def finish(self) -> None:
        """Give the model its best weights."""
        keep = self.keep
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
        """Go on from a checkpoint; False when there is none.

        Raises `UsageError` for one that is damaged or of other settings.
        """
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


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.state_dict().items()}
