"""The settings of a training."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

from kgqa.constraint import GrammarName
from kgqa.errors import UsageError
from kgqa.lm import NumberFormat
from kgqa.pipeline.setting import check_limits, setting
from kgqa.pipeline.settings_table import SettingError
from kgqa.training.examples.example import Recipe

__all__ = ["LoraInit", "TrainingSettings"]

LoraInit = Literal["default", "gaussian", "orthogonal", "pissa", "corda", "kasa"]
"""How the adapters of `Lora` begin; see there."""

_SHIPPED_RATE, _OTHER_RATE = 3e-4, 2e-5
_PROGRAM_STEPS = 300
_LORA_DROPOUT = 0.05
_PROGRAM_KEEP = 0.5
_RERANKER_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How `train` makes up questions and trains on them; each field has its help text in its metadata.

    `fresh`, `keep`, `reranker_steps`, `program_steps` and `program_keep` are for the path writer, the model
    that ships; `grammar`, `recipe`, `inverse`, `lora` with its two settings, `neftune`, `path_tokens`,
    `device` and `dtype` for all other models. Raises `SettingError` for values out of range.

    >>> TrainingSettings(steps=0)
    Traceback (most recent call last):
    ...
    kgqa.pipeline.settings_table.SettingError: steps: must be 1 or more, not 0
    """

    fresh: bool = setting(False, "Start from random weights (path writer only).")
    made_up: int = setting(
        4000, "Questions to make up from the names of the graph's relations.", metavar="N", minimum=0
    )
    steps: int = setting(400, "Training steps.", minimum=1)
    batch_size: int = setting(64, "Examples per step.", minimum=1)
    learning_rate: float | None = setting(
        None, f"Highest learning rate [default: {_SHIPPED_RATE}, or {_OTHER_RATE} for other models]."
    )
    keep: float = setting(
        0.0,
        "Share of the starting weights in the weighted mean that is saved (path writer only).",
        minimum=0,
        maximum=1,
    )
    reranker_steps: int | None = setting(
        None,
        "Training steps of the reranker; 0 leaves it as it is (path writer only) "
        f"[default: {_RERANKER_STEPS}].",
        metavar="N",
        minimum=0,
    )
    program_steps: int | None = setting(
        None,
        "Training steps of the program writer, on made-up questions with operators; 0 leaves it as it is "
        f"(path writer only) [default: {_PROGRAM_STEPS}].",
        metavar="N",
        minimum=0,
    )
    program_keep: float | None = setting(
        None,
        "Share of the starting weights in the weighted mean that is saved of the program writer "
        f"(path writer only) [default: {_PROGRAM_KEEP}].",
        minimum=0,
        maximum=1,
    )
    grammar: GrammarName = setting(
        "relations", "What the model learns to write: paths, branching chains or relation paths."
    )
    hops: int = setting(3, "Maximum number of hops of a chain.", minimum=1)
    lora: int | None = setting(
        None, "Train low-rank adapters of this rank, and merge them.", metavar="RANK", minimum=1
    )
    lora_dropout: float = setting(
        _LORA_DROPOUT,
        "Dropout on the input of adapters; 0 is a fifth faster on a CPU.",
        metavar="P",
        minimum=0,
        maximum=1,
    )
    lora_init: LoraInit = setting(
        "default",
        "How adapters begin; pissa: along the largest directions of the weights, corda: along those that "
        "matter most for the training texts, kasa: in place of the smallest directions, which are removed.",
    )
    neftune: float | None = setting(
        None, "Amount of NEFTune noise on embeddings (GCR: 5).", metavar="ALPHA", minimum=0
    )
    path_tokens: bool = setting(False, "Add the tokens <PATH> and </PATH> to the model.")
    recipe: Recipe = setting(
        "kgqa",
        "What other models learn. gcr: as GCR's checkpoints, paths between <PATH> and </PATH>, each with its "
        "end as the answer behind it: gold paths, or else all shortest ones; nodes without a name are "
        "written as identifiers.",
    )
    inverse: bool = setting(
        False, "Recipe gcr: also learn paths with steps against the direction of triples (GCR: none)."
    )
    checkpoint_every: int = setting(
        100,
        "Steps between checkpoints; an interrupted training repeats at most these.",
        metavar="N",
        minimum=1,
    )
    dev_limit: int = setting(
        200,
        "Maximum number of dev questions; 0: the last weights are kept, not the best.",
        metavar="N",
        minimum=0,
    )
    seed: int = setting(0, "Seed of all random draws.")
    device: str = setting(
        "auto", "Where other models are trained: auto (a GPU if there is one), cpu, cuda, mps."
    )
    dtype: NumberFormat = setting("auto", "Number format of other models.")

    def __post_init__(self) -> None:
        check_limits(self)
        if self.grammar == "programs":
            raise SettingError(
                "grammar", "programs are what the shipped model's program writer learns (program_steps)"
            )
        if self.recipe == "gcr" and self.grammar not in ("relations", "path"):
            raise SettingError("grammar", f"the recipe gcr is of paths, not of {self.grammar}; leave it out")
        if self.inverse and self.recipe != "gcr":
            raise SettingError("inverse", "is about the recipe gcr; kgqa's own always has such steps")
        if self.learning_rate is not None and not 0 < self.learning_rate < math.inf:
            raise SettingError("learning_rate", f"must be above 0, not {self.learning_rate}")

    @property
    def written(self) -> GrammarName:
        """The grammar of what other models learn to write."""
        return "path" if self.recipe == "gcr" else self.grammar

    @property
    def both_ways(self) -> bool:
        """Whether other models learn steps against the direction of triples too."""
        return self.inverse or self.recipe == "kgqa"

    def check_model(self, *, path_writer: bool, has_reranker: bool) -> None:
        """Raises `UsageError` for settings that do not apply to the kind of model that is trained."""
        if self.lora is None and (self.lora_dropout != _LORA_DROPOUT or self.lora_init != "default"):
            raise UsageError("lora_dropout and lora_init are about adapters; set lora, their rank")
        if not path_writer:
            own = (self.reranker_steps, self.program_steps, self.program_keep)
            if self.fresh or self.keep or any(value is not None for value in own):
                raise UsageError(
                    "fresh, keep, reranker_steps, program_steps and program_keep apply to the path "
                    "writer only"
                )
            return
        if self.written != "relations" or self.lora or self.neftune or self.path_tokens:
            raise UsageError(
                "grammar, recipe, lora, neftune and path_tokens apply to other models only; name one "
                "(`model`) or leave them out: the path writer learns relation paths, and all its weights are "
                "trained"
            )
        if self.device not in ("auto", "cpu") or self.dtype != "auto":
            raise UsageError(
                "device and dtype apply to other models only (`model`): the path writer is trained on CPUs"
            )
        if self.reranker_steps is not None and not has_reranker:
            raise UsageError("the starting model has no reranker to train; leave reranker_steps out")

    def resolved(self, *, path_writer: bool) -> dict[str, Any]:
        """All values by name, defaults that depend on the kind of model filled in."""
        rate = self.learning_rate or (_SHIPPED_RATE if path_writer else _OTHER_RATE)
        steps = _RERANKER_STEPS if self.reranker_steps is None else self.reranker_steps
        programs = _PROGRAM_STEPS if self.program_steps is None else self.program_steps
        kept = _PROGRAM_KEEP if self.program_keep is None else self.program_keep
        return {
            **asdict(self),
            "learning_rate": rate,
            "reranker_steps": steps if path_writer else 0,
            "program_steps": programs if path_writer else 0,
            "program_keep": kept if path_writer else 0.0,
        }
