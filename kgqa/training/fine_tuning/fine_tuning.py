"""Fine-tuning of a language model, so that it writes chains of a graph."""

from __future__ import annotations

import hashlib
import importlib.util
import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kgqa.errors import UsageError, check_count, check_number
from kgqa.lm.forward.log_probabilities import memory_errors
from kgqa.lm.hf.quiet import quiet_logs
from kgqa.lm.load import NumberFormat, as_language_model, load_transformers
from kgqa.lm.protocol import LanguageModel
from kgqa.training.fine_tuning.checkpoints import Checkpoints, load_trained_weights
from kgqa.training.fine_tuning.completion import Completion, completions, drawn_order
from kgqa.training.fine_tuning.embeddings import add_path_tokens, noisy_embeddings
from kgqa.training.fine_tuning.lora import Lora
from kgqa.training.fine_tuning.training_text import TrainingText

__all__ = ["FineTuned", "FineTuning", "random_state_kept"]

_DEVICES = ("auto", "cpu", "cuda", "mps")
_DTYPES = ("auto", "float32", "bfloat16", "float16")
_MEMORY_ADVICE = "use a smaller batch_size with more gradient_accumulation, lora, or a smaller model"


@dataclass(frozen=True)
class FineTuned:
    """The learning curve of a fine-tuning.

    `losses` are (step, mean loss per token in nats), one for each step; `scores` are (step, score by
    `dev`), one for each checkpoint; the weights of `best_step` were saved.
    """

    losses: tuple[tuple[int, float], ...]
    scores: tuple[tuple[int, float], ...]
    best_step: int


@dataclass(frozen=True)
class FineTuning:
    """Trains a causal or encoder-decoder model of transformers to complete prompts.

    AdamW with a linear warm-up over the share `warmup` of the steps and a cosine after it, as in
    "Graph-constrained Reasoning" (GCR, ICML 2025); only the completion counts, not the prompt. A
    step sees `batch_size` texts `gradient_accumulation` times. `lora` trains adapters in place of
    all weights. `neftune` is the amount of noise on embeddings (GCR: 5). `path_tokens` gives the
    model `<PATH>` and `</PATH>` around what it writes.

    `device` is `"auto"` (a GPU if there is one), `"cpu"`, `"cuda"` or `"mps"`. `dtype` is the number
    format of the passes and of the saved model; `"auto"` is bfloat16 on a GPU that has it, else
    float32. Weights that are trained are kept in float32. Raises `UsageError` for settings that
    make no sense.
    """

    steps: int
    batch_size: int = 4
    gradient_accumulation: int = 16
    learning_rate: float = 2e-5
    warmup: float = 0.03
    lora: Lora | None = None
    neftune: float | None = None
    path_tokens: bool = False
    seed: int = 0
    device: str = "auto"
    dtype: NumberFormat = "auto"
    checkpoint_every: int = 250

    def __post_init__(self) -> None:
        for name in ("steps", "batch_size", "gradient_accumulation", "checkpoint_every"):
            check_count(getattr(self, name), name)
        check_number(self.warmup, "warmup", least=0, most=1)
        if self.device not in _DEVICES:
            raise UsageError(
                f"cannot train on {self.device!r}; use one of {', '.join(_DEVICES)}, and "
                "CUDA_VISIBLE_DEVICES for one of several GPUs"
            )
        if self.dtype not in _DTYPES:
            raise UsageError(f"unknown dtype {self.dtype!r}; use one of {', '.join(_DTYPES)}")
        if self.dtype == "float16" and self._device != "cuda":
            raise UsageError("only a GPU trains in float16; use dtype bfloat16 or float32")

    def train(
        self,
        name_or_folder: str | Path,
        texts: Sequence[TrainingText],
        folder: Path,
        *,
        dev: Callable[[LanguageModel], float] | None = None,
        progress: Callable[[int, float], None] | None = None,
    ) -> FineTuned:
        """Train a model (a folder or hub name) and save it in `folder`, for `load_language_model`.

        Every `checkpoint_every` steps and at the end `dev` scores the model (more is better), and a
        checkpoint is written under `folder`. The best one is saved, the earlier of equals; without `dev`
        the last one. The same call again resumes an interrupted training at its last checkpoint, and
        gives the same weights. `progress` is called with each step and its loss.

        Raises `UsageError` without the packages of `kgqa[train]`, without texts, for a `folder`
        that holds a model already and for a checkpoint of other settings; `ModelError` for a model
        that cannot be loaded, a text that does not fit it and a loss that is not finite;
        `TokenizerError`; `OutOfMemoryError`.
        """
        _check_packages("accelerate", *(["peft"] if self.lora else []))
        from kgqa.training.fine_tuning.completion_trainer import CompletionTrainer

        if not texts:
            raise UsageError("there are no texts to train on; does the graph hold the examples' paths?")
        checkpoints = Checkpoints(folder.absolute() / "checkpoints")
        if (folder / "config.json").exists() and checkpoints.last() is None:
            raise UsageError(f"{folder} holds a model already; name another folder, or delete it")
        settings = self._settings(name_or_folder, texts)
        last = checkpoints.resume({**settings, "dev": dev is not None})
        with quiet_logs(), random_state_kept(), memory_errors(lambda: None, _MEMORY_ADVICE):
            torch.manual_seed(self.seed)  # how adapters begin
            model, tokenizer = load_transformers(
                name_or_folder, device=self._device, dtype=self._dtype if self.lora else "float32"
            )
            caches = getattr(model.config, "use_cache", None)
            if self._device == "cpu" and self._dtype == "bfloat16":
                model.set_attn_implementation("eager")  # torch's own is slower there, backwards above all
            new_tokens = add_path_tokens(model, tokenizer) if self.path_tokens else []
            rows = completions(as_language_model(model, tokenizer), texts)
            trained = self.lora.adapt(model, new_tokens, rows) if self.lora else model
            score = None if dev is None else _scoring(dev, model, tokenizer)
            arguments = self._arguments(checkpoints.folder, scored=score is not None)
            penalty = self.lora.penalty(trained) if self.lora else None
            trainer = CompletionTrainer(trained, arguments, self._order(rows), score, progress, penalty)
            with noisy_embeddings(model, self.neftune):
                trainer.train(resume_from_checkpoint=None if last is None else str(last))
            best = trainer.state.best_global_step or self.steps
            if best != self.steps:
                load_trained_weights(trained, checkpoints.at(best))
            whole = trained.merge_and_unload() if self.lora else model
            if caches is not None:
                whole.config.use_cache = caches  # turned off by transformers, for good
            whole.to(getattr(torch, self._dtype)).save_pretrained(folder)
            tokenizer.save_pretrained(folder)
        checkpoints.remove()
        history = trainer.state.log_history
        return FineTuned(
            tuple((entry["step"], entry["loss"]) for entry in history if "loss" in entry),
            tuple((entry["step"], entry["eval_score"]) for entry in history if "eval_score" in entry),
            best,
        )

    @property
    def _device(self) -> str:
        if self.device == "auto":
            return "cuda" if torch.cuda.is_available() else "cpu"
        return self.device

    @property
    def _dtype(self) -> NumberFormat:
        if self.dtype == "auto":
            half = self._device == "cuda" and torch.cuda.is_available() and torch.cuda.is_bf16_supported()
            return "bfloat16" if half else "float32"
        return self.dtype

    def _settings(self, name_or_folder: str | Path, texts: Sequence[TrainingText]) -> dict[str, Any]:
        """All that decides the weights: not the device."""
        settings = {name: value for name, value in asdict(self).items() if name != "device"}
        digest = hashlib.sha256(repr([asdict(text) for text in texts]).encode("utf-8", "replace"))
        return {"model": str(name_or_folder), "texts": digest.hexdigest(), **settings}

    def _order(self, rows: Sequence[Completion]) -> list[Completion]:
        order = drawn_order(
            [row.weight for row in rows],
            [len(row.prompt) + len(row.given) for row in rows],
            self.steps * self.gradient_accumulation * self.batch_size,
            self.batch_size,
            self.seed,
        )
        return [rows[number] for number in order.tolist()]

    def _arguments(self, folder: Path, *, scored: bool) -> Any:
        from transformers import TrainingArguments

        arguments = TrainingArguments(
            output_dir=str(folder),
            max_steps=self.steps,
            per_device_train_batch_size=self.batch_size,
            gradient_accumulation_steps=self.gradient_accumulation,
            train_sampling_strategy="sequential",  # samplers draw another order after a resume
            learning_rate=self.learning_rate,
            lr_scheduler_type="cosine",
            warmup_steps=math.ceil(self.warmup * self.steps),
            seed=self.seed,
            use_cpu=self._device == "cpu",
            bf16=self._dtype == "bfloat16",
            fp16=self._dtype == "float16",
            dataloader_pin_memory=self._device == "cuda",
            remove_unused_columns=False,
            logging_steps=1,
            logging_nan_inf_filter=False,
            save_steps=self.checkpoint_every,
            save_total_limit=1,
            eval_strategy="steps" if scored else "no",
            eval_steps=self.checkpoint_every,
            metric_for_best_model="score" if scored else None,
            greater_is_better=True if scored else None,
            report_to="none",
            disable_tqdm=True,
        )
        arguments._n_gpu = min(1, arguments.n_gpu)  # with several, batches would be larger than asked
        return arguments


def _scoring(dev: Callable[[LanguageModel], float], model: Any, tokenizer: Any) -> Callable[[], float]:
    """A function that scores the model; random draws in it do not change those of the training."""

    def score() -> float:
        with random_state_kept():
            return float(dev(as_language_model(model, tokenizer)))

    return score


def _check_packages(*names: str) -> None:
    missing = [name for name in names if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(f"fine-tuning needs {' and '.join(missing)}: pip install 'kgqa[train]'")


@contextmanager
def random_state_kept() -> Iterator[None]:
    """Restores the state of the global random generators of Python, numpy and torch afterwards."""
    python, numbers = random.getstate(), np.random.get_state()
    try:
        with torch.random.fork_rng(range(torch.cuda.device_count())):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numbers)
