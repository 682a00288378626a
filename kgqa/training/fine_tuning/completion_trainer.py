"""transformers' training loop, for completions."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.nn import functional
from transformers import PrinterCallback, Trainer, TrainerCallback, TrainingArguments

from kgqa.errors import ModelError
from kgqa.training.fine_tuning.checkpoints import load_trained_weights, save_trained_weights
from kgqa.training.fine_tuning.completion import IGNORED, Completion, padded_batch, trained_places

__all__ = ["CompletionTrainer"]


class CompletionTrainer(Trainer):  # type: ignore[misc]
    """Trains on `rows` in their order, batch after batch.

    `dev` scores the model before each checkpoint. Checkpoints hold the trained weights alone. `penalty` is
    added to the loss of each step; the loss that is reported is without it.
    """

    control: Any

    def __init__(
        self,
        model: Any,
        arguments: TrainingArguments,
        rows: Sequence[Completion],
        dev: Callable[[], float] | None,
        progress: Callable[[int, float], None] | None,
        penalty: Callable[[], Tensor] | None = None,
    ) -> None:
        super().__init__(
            model=model,
            args=arguments,
            data_collator=padded_batch,
            train_dataset=rows,
            eval_dataset=rows if dev else None,
            compute_loss_func=completion_loss,
            callbacks=[_Watch(progress)],
        )
        self.remove_callback(PrinterCallback)
        self._dev = dev
        self._penalty = penalty
        inner = model.get_base_model() if hasattr(model, "get_base_model") else model
        self._keeps_some = "logits_to_keep" in inspect.signature(inner.forward).parameters

    def compute_loss(self, model: Any, inputs: dict[str, Tensor], *arguments: Any, **options: Any) -> Any:
        """The loss; logits are computed where a token is trained on only, for models that can."""
        if self._keeps_some:
            inputs = trained_places(inputs)
        loss = super().compute_loss(model, inputs, *arguments, **options)
        if self._penalty is None or not model.training:
            return loss
        penalty = self._penalty() / self.args.gradient_accumulation_steps
        return loss + (penalty - penalty.detach())

    def evaluate(self, *_: object, **__: object) -> dict[str, float]:
        """The score by `dev`."""
        assert self._dev is not None
        metrics = {"eval_score": self._dev()}
        self.log(metrics)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        """Write the trained weights."""
        save_trained_weights(self.model, Path(output_dir or self.args.output_dir))

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        load_trained_weights(model or self.model, Path(resume_from_checkpoint))


def completion_loss(outputs: Any, labels: Tensor, num_items_in_batch: Tensor | None = None) -> Tensor:
    """Mean cross-entropy of a completion's next token, in nats, without the tokens of the prompt.

    `num_items_in_batch` is the number of tokens in all batches whose gradients are added up.
    """
    trained = labels != IGNORED
    total = functional.cross_entropy(outputs.logits[trained].float(), labels[trained], reduction="sum")
    return total / (trained.sum() if num_items_in_batch is None else num_items_in_batch)


class _Watch(TrainerCallback):  # type: ignore[misc]
    """Raises an error at a loss that is not finite, and reports each step."""

    def __init__(self, progress: Callable[[int, float], None] | None) -> None:
        self._progress = progress

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: object) -> None:  # noqa: ARG002
        """After each step."""
        loss = logs.get("loss")
        if loss is None:
            return
        if not math.isfinite(loss):
            raise ModelError(
                f"the loss of step {state.global_step} is {loss}; use a lower learning rate than "
                f"{args.learning_rate:g}, or dtype float32"
            )
        if self._progress:
            self._progress(state.global_step, loss)
