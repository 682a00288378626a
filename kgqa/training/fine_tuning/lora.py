"""Low-rank adapters: few trained weights next to frozen ones."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import torch
from torch import Tensor

from kgqa.errors import ModelError, UsageError
from kgqa.training.fine_tuning.completion import Completion, padded_batch
from kgqa.training.settings import LoraInit

__all__ = ["INITIALISERS", "Lora"]

INITIALISERS = get_args(LoraInit)
"""How adapters are initialised; pissa, corda and kasa compute singular values of the frozen weights."""

_SAMPLES = 256
_TOLERANCE = {torch.float32: 1e-2, torch.float16: 5e-2, torch.bfloat16: 2e-1}


@dataclass(frozen=True)
class Lora:
    """Trains adapters of `rank` in the modules that `targets` names; all other weights are frozen.

    `targets` are ends of modules' names, `("all-linear",)` all linear ones but the output. `alpha`
    divided by `rank` scales the adapters, `dropout` is applied to their input. `initialiser` is one of
    `INITIALISERS`, see peft: `"corda"` computes the adapters from the directions of the weights that
    matter most for the training texts ("CorDA", NeurIPS 2024, instruction-previewed mode); `"kasa"`
    takes the `rank` smallest singular components out of the weights and trains `B diag(s) A` in their
    place ("KaSA", ICLR 2025), which needs `penalty` in the loss.
    """

    rank: int = 8
    alpha: float = 16.0
    dropout: float = 0.05
    targets: tuple[str, ...] = ("all-linear",)
    initialiser: str = "default"

    def __post_init__(self) -> None:
        if self.initialiser not in INITIALISERS:
            raise UsageError(f"no initialiser {self.initialiser!r}; there are {', '.join(INITIALISERS)}")
        if self.rank < 1:
            raise UsageError(f"adapters have a rank of at least 1, got {self.rank}")

    def adapt(self, model: Any, new_tokens: Sequence[int], rows: Sequence[Completion]) -> Any:
        """The model with adapters; only they and the embeddings of `new_tokens` are trained.

        `rows` are training texts, for initialisers that need them. Raises `UsageError` when no module
        has the name of a target, `ModelError` when peft does not support the model, or the adapters change
        the model's output before they are trained (with `"kasa"`, that of the weights without their
        smallest components).
        """
        import peft
        from transformers.pytorch_utils import Conv1D

        modules = dict(model.named_modules())
        embeddings = [model.get_input_embeddings(), model.get_output_embeddings()]
        names = [name for name, module in modules.items() if any(module is e for e in embeddings)]
        linear = [name for name, module in modules.items() if type(module) in (torch.nn.Linear, Conv1D)]
        targets = [name for name in linear if self._names(name) and name not in names]
        if not targets:
            raise UsageError(f"no linear module of the model is named {' or '.join(self.targets)}")
        config = peft.LoraConfig(
            r=self.rank,
            lora_alpha=self.alpha,
            lora_dropout=self.dropout,
            target_modules=targets,
            init_lora_weights=True if self.initialiser in ("default", "kasa") else self.initialiser,
            fan_in_fan_out=any(isinstance(modules[name], Conv1D) for name in targets),
            trainable_token_indices={name: list(new_tokens) for name in names} if new_tokens else None,
            corda_config=peft.tuners.lora.config.CordaConfig() if self.initialiser == "corda" else None,
            kasa_config=peft.KasaConfig() if self.initialiser == "kasa" else None,
        )
        before = _logits(model, rows[0])
        if self.initialiser == "corda":
            _prepare_corda(model, config, rows)
        with warnings.catch_warnings():  # peft asks transformers 5 by a name that it will drop
            warnings.filterwarnings("ignore", "`is_gradient_checkpointing`", FutureWarning)
            try:
                adapted = peft.get_peft_model(model, config)
            except ValueError as error:
                raise ModelError(
                    f"peft has no adapters for models of type {model.config.model_type}: {error}; name other "
                    "targets, or train without lora"
                ) from error
        for weight in adapted.parameters():
            if weight.requires_grad:
                weight.data = weight.data.float()  # half precision would lose small updates
        if self.initialiser == "kasa":
            with adapted.disable_adapter():
                before = _logits(adapted, rows[0])
        after = _logits(adapted, rows[0])
        bound = _TOLERANCE.get(model.dtype, 1e-2) * max(1.0, float(before.abs().max()))
        if not float((after - before).abs().max()) <= bound:
            raise ModelError(
                f"peft's adapters change the output of models of type {model.config.model_type} before "
                "training; train without lora, or without path_tokens"
            )
        return adapted

    def penalty(self, adapted: Any) -> Callable[[], Tensor] | None:
        """What training adds to the loss of a model from `adapt`; `None`: nothing.

        For `"kasa"` equations 9 to 12 of the paper, with the weights of its code (1e-4 on the singular
        values' squares, 1e-3 on how far the adapters' directions are from orthonormal).
        """
        return adapted.base_model._get_kasa_loss if self.initialiser == "kasa" else None

    def _names(self, module: str) -> bool:
        return self.targets == ("all-linear",) or any(
            module == target or module.endswith(f".{target}") for target in self.targets
        )


def _prepare_corda(model: Any, config: Any, rows: Sequence[Completion]) -> None:
    """Let peft record the input of each module while the model reads training texts, one at a time."""
    from peft.tuners.lora.corda import preprocess_corda

    def read() -> None:
        for row in rows[:: max(1, len(rows) // _SAMPLES)]:
            _logits(model, row)

    preprocess_corda(model, config, run_model=read)


@torch.no_grad()
def _logits(model: Any, row: Completion) -> Tensor:
    model.eval()
    batch = padded_batch([row])
    del batch["labels"]
    logits: Tensor = model(**{name: ids.to(model.device) for name, ids in batch.items()}).logits
    return logits.float()
