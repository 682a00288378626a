"""A GGUF model in llama.cpp as a `LanguageModel`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from kgqa.errors import ModelError, UsageError
from kgqa.lm.forward.log_probabilities import check_texts, distributions
from kgqa.lm.hf.context_window import reserved_for_text
from kgqa.lm.hf.prompt_renderer import PromptRenderer
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.llama_cpp.context import Context
from kgqa.lm.llama_cpp.library import llama_cpp
from kgqa.lm.llama_cpp.sequence_scorer import SequenceScorer
from kgqa.lm.llama_cpp.vocabulary import LlamaCppVocabulary
from kgqa.lm.request import Distributions, Prompt, Request, restore_empty

__all__ = ["LlamaCppLanguageModel"]

WINDOW, KEPT, SEQUENCES = 4096, 2048, 128
_DEVICES = ("auto", "cpu", "cuda", "mps")


class LlamaCppLanguageModel:
    """A decoder-only model of a GGUF file, computed by llama.cpp.

    Log-probabilities are those of the unconstrained model over its whole vocabulary. Texts of a call are
    computed as one tree of tokens; longer texts cost only their new tokens, and what prompts have in common
    is read once. `window` bounds the tokens of a prompt with its text, besides the model's own window.

    With weights in float32 a log-probability is that of transformers to 1e-4. With quantised weights
    llama.cpp rounds activations too, and where in memory the keys and values lie changes what is rounded up
    or down: log-probabilities of a Q4_1 model change by 0.1 on average with what was computed before, as
    much as they differ from the same weights in float32.
    """

    def __init__(self, model: Any, file: Path, *, window: int = WINDOW) -> None:
        library = llama_cpp()
        self.file = file
        self._close = ExitStack()
        self._close.callback(library.llama_model_free, model)
        raw = LlamaCppVocabulary(model)
        self.tokenizer = HuggingFaceTokenizer(raw, vocabulary_size=len(raw))
        self._window = min(window, int(library.llama_model_n_ctx_train(model)) or window)
        limit = self._window - reserved_for_text(self._window)
        self.renderer = PromptRenderer(raw, self.tokenizer, opens=True, limit=limit)
        context = Context(model, self._window + KEPT, SEQUENCES, len(raw))
        self._close.callback(context.close)
        self._scorer = SequenceScorer(context, sequences=SEQUENCES, window=self._window, kept=KEPT)
        self._encoded: dict[Prompt, tuple[int, ...]] = {}

    @classmethod
    def load(cls, file: str | Path, *, device: str = "auto", window: int = WINDOW) -> LlamaCppLanguageModel:
        """Load a GGUF file. `device` cpu keeps all layers from a GPU that the library was built for.

        Raises `ModelError` for a file that is no decoder-only text model that llama.cpp can read.
        """
        library = llama_cpp()
        file = Path(file).expanduser()
        if not file.is_file():
            raise ModelError(f"{file} is not there; name a GGUF file")
        if device not in _DEVICES:
            raise UsageError(f"unknown device {device!r}; llama.cpp takes {', '.join(_DEVICES)}")
        options = library.llama_model_default_params()
        options.n_gpu_layers = 0 if device == "cpu" else 2**31 - 1
        model = library.llama_model_load_from_file(str(file).encode(), options)
        if not model:
            raise ModelError(
                f"{file} cannot be loaded by llama.cpp; is it a whole GGUF file of a text model?"
            )
        unfit = _unfit(library, model)
        if unfit is not None:
            library.llama_model_free(model)
            raise ModelError(
                f"{file} is {unfit}; use a decoder-only model with attention (Llama, Qwen, Gemma)"
            )
        return cls(model, file, window=window)

    @cached_property
    def fingerprint(self) -> str:
        """The same for two models with the same file; reads all of it."""
        with self.file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return f"llama.cpp {digest} {self.tokenizer.fingerprint}"

    @property
    def passes(self) -> int:
        """How many times the model was called."""
        return self._scorer.passes

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """See `LanguageModel.score`."""
        size = self.tokenizer.vocabulary_size
        for request in requests:
            check_texts(request.texts, size, self.room(request.prompt))
        some = [request for request in requests if request.texts]
        wanted = [(*self._ids(one.prompt), *text) for one in some for text in one.texts]
        rows = iter(self._scorer.logits(wanted))
        found = [distributions(torch.from_numpy(np.array([next(rows) for _ in one.texts]))) for one in some]
        return restore_empty(requests, found, size)

    def room(self, prompt: Prompt) -> int:
        """How many tokens a text behind a prompt may have."""
        return self._window - len(self._ids(prompt))

    def close(self) -> None:
        """Give the memory of the model back; it cannot be used any more."""
        self._close.close()

    def _ids(self, prompt: Prompt) -> tuple[int, ...]:
        if prompt not in self._encoded:
            if len(self._encoded) >= 256:
                self._encoded.clear()
            self._encoded[prompt] = tuple(self.renderer.encode(prompt))
        return self._encoded[prompt]


def _unfit(library: Any, model: Any) -> str | None:
    """Why a model cannot be used; None where it can."""
    if library.llama_model_has_encoder(model) or not library.llama_model_has_decoder(model):
        return "no decoder-only model"
    if library.llama_model_is_recurrent(model) or library.llama_model_is_hybrid(model):
        return "a recurrent model, whose state cannot be shared between texts"
    return "a diffusion model" if library.llama_model_is_diffusion(model) else None
