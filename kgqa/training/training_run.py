"""One training run: its optimizer steps, checkpoints and best weights."""

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

from kgqa.errors import DataError, ModelError, UsageError
from kgqa.training.curve import Curve

__all__ = ["TrainingRun", "cosine_rate"]

logger = logging.getLogger("kgqa")

M = TypeVar("M", bound=nn.Module)


def cosine_rate(step: int, steps: int, warmup: int) -> float:
    """The learning rate of a step as a share of the highest: linear warm-up, then a cosine down to 2 %."""
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * min(1.0, step / steps))) * 0.98 + 0.02


class TrainingRun(Generic[M]):
    """Runs the steps of a training, writes and reads its checkpoints, and keeps the best weights.

    `dev` scores the model before the first step and at each checkpoint; the weights with the best score
    are kept (without `dev` the last ones). What the model gets in the end is their mean with the starting
    weights, in which the latter have the share `keep`. A checkpoint of other `settings` is refused.
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
        """Keep a copy of the starting weights, and score them."""
        self.start = self.best = _copied(self.model)
        self.curve = Curve([], [(0, self.dev(self.model))] if self.dev else [])

    def descend(self, loss: Tensor, step: int) -> float:
        """Do one optimizer step and return the value of the loss.

        Raises `ModelError` when that is not a finite number.
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
        """Score the model, and keep its weights if they are the best so far."""
        self.done = step
        losses, scores = [*self.curve.losses, (step, loss)], [*self.curve.dev_scores]
        if self.dev:
            scores.append((step, self.dev(self.model)))
        self.curve = Curve(losses, scores)
        if self.curve.best is None or self.curve.best[0] == step:
            self.best = _copied(self.model)
        logger.info("step %d: loss %.4f%s", step, loss, f", dev {scores[-1][1]:.1f} %" if scores else "")

    def finish(self) -> None:
        """Set the model to its best weights, mixed with the starting weights by `keep`."""
        keep = self.keep
        blended = {name: w.lerp(self.start[name], keep) if keep else w for name, w in self.best.items()}
        self.model.load_state_dict(blended)

    def save(self, checkpoint: Path) -> None:
        """Write a checkpoint, by a temporary file: an interrupted write leaves the old one whole.

        Raises `DataError` when it cannot be written, as on a full disk.
        """
        state = {name: getattr(self, name).state_dict() for name in ("model", "optimizer", "schedule")}
        state |= {"start": self.start, "best": self.best, "done": self.done, "curve": asdict(self.curve)}
        unfinished = checkpoint.with_name(f"{checkpoint.name}.unfinished")
        try:
            torch.save({**state, "settings": self.settings}, unfinished)
            unfinished.replace(checkpoint)
        except (OSError, RuntimeError) as error:  # RuntimeError: how torch's writer says it
            unfinished.unlink(missing_ok=True)
            reason = str(getattr(error, "strerror", None) or error).splitlines()[0]
            raise DataError(f"{checkpoint}: cannot be written ({reason}); run again to go on") from error

    def resume(self, checkpoint: Path) -> bool:
        """Read the state of a checkpoint; False when there is none.

        Raises `UsageError` for a damaged one, and for one of a training with other settings.
        """
        if not checkpoint.is_file():
            return False
        try:
            state = torch.load(checkpoint)
        except (RuntimeError, EOFError, UnpicklingError) as error:
            raise UsageError(f"{checkpoint} is damaged; delete it to start again") from error
        before, now = state.get("settings", {}), self.settings
        changed = [
            f"{name} {before.get(name)} (now {now[name]})" for name in now if before.get(name) != now[name]
        ]
        if changed:
            raise UsageError(
                f"{checkpoint} is of a training with other settings: {', '.join(changed)}; delete it to "
                "start again, or use those settings"
            )
        for name in ("model", "optimizer", "schedule"):
            getattr(self, name).load_state_dict(state[name])
        self.start, self.best, self.done = state["start"], state["best"], state["done"]
        self.curve = Curve(**state["curve"])
        return True


def _copied(model: nn.Module) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in model.state_dict().items()}
