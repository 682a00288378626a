"""Language models that continue a text: Llama, Qwen, Gemma, GPT and the like."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from kgqa.errors import ModelError
from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.log_probabilities import check_texts, memory_errors
from kgqa.lm.packed_attention import packs
from kgqa.lm.prompt import Prompt
from kgqa.lm.render import PromptRenderer
from kgqa.lm.request import Distributions, Request
from kgqa.lm.row_pass import RowReader
from kgqa.lm.tree_pass import TreeReader
from kgqa.lm.window import reserved_for_text, text_window, vocabulary_size

__all__ = ["CausalLanguageModel"]

_LOG = logging.getLogger("kgqa")
_ENCODED = 256
"""Prompts whose ids are remembered."""

_AGREEMENT = {torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}


class CausalLanguageModel:
    """A causal transformer.

    Models that take a mask of their caller's read a whole token tree in a pass, behind the keys and
    values of what was read before; this is tried when the model is loaded and must give what plain
    rows give (to 1e-4 of the largest logit in float32). Other models (sliding windows, positions
    of their own) read one row for each text. `kept_prompts` bounds the prompts kept, `batch_size`
    the rows of a pass; `tree` says which way it is, or insists on one. `packed` says whether trees
    of several prompts are read without padding, which is tried in the same way.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        batch_size: int = 32,
        kept_prompts: int = 16,
        tree: bool | None = None,
    ) -> None:
        self._model = model.eval()
        self.tokenizer = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocabulary_size(model))
        self._window = text_window(model.config.get_text_config(decoder=True), tokenizer)
        limit = None if self._window is None else self._window - reserved_for_text(self._window)
        self.renderer = PromptRenderer(tokenizer, self.tokenizer, opens=True, limit=limit)
        self._kept = kept_prompts
        self._encode = lru_cache(maxsize=_ENCODED)(self._encoded)
        self.tree = _reads_trees(model) if tree is None else tree
        self.packed = self.tree and _reads_trees(model, packed=True)
        self._reader: TreeReader | RowReader = (
            TreeReader(model, self._encode, kept_prompts, packed=self.packed)
            if self.tree
            else RowReader(model, self._encode, batch_size, kept_prompts)
        )

    @property
    def passes(self) -> int:
        """How many times the model was called."""
        return self._reader.passes

    @property
    def prompts_read(self) -> int:
        """How many prompts were read."""
        return self._reader.prompts_read

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text; see `LanguageModel.score`."""
        for request in requests:
            check_texts(request.texts, self.tokenizer.vocabulary_size, self.room(request.prompt))
        found: list[Distributions] = []
        with memory_errors(self._reader.clear):
            asking = [request for request in requests if request.texts]
            for at in range(0, len(asking), self._kept):
                found += self._reader.read(asking[at : at + self._kept])
        answers = iter(found)
        size = self.tokenizer.vocabulary_size
        return [next(answers) if request.texts else Distributions.empty(size) for request in requests]

    def room(self, prompt: Prompt) -> int | None:
        """How many tokens a text behind a prompt may have; None: no limit known."""
        if self._window is None:
            return None
        return self._window - len(self._encode(prompt))

    def _encoded(self, prompt: Prompt) -> tuple[int, ...]:
        ids = self.renderer.encode(prompt)
        if not ids:
            raise ModelError("the prompt has no tokens; use a tokenizer that belongs to the model")
        return tuple(ids)


@torch.inference_mode()
def _reads_trees(model: Any, *, packed: bool = False) -> bool:
    """Whether a model gives for token trees, packed or one in a row, what it gives for plain rows."""
    takes = inspect.signature(model.forward).parameters
    config = model.config.get_text_config(decoder=True)
    if (
        "position_ids" not in takes
        or "past_key_values" not in takes
        or getattr(config, "sliding_window", None)
        or (packed and not packs(model))
    ):
        return False
    size = vocabulary_size(model)
    branches = [(4, 5, 6), (4, 7, 2, 3), (5,)]
    trunks = {Prompt("long", ()): (1, 2, 3), Prompt("short", ()): (3,)}
    trunks = {prompt: _modulo(trunk, size) for prompt, trunk in trunks.items()}
    texts = [_modulo(branch, size) for branch in branches]
    first, second = trunks
    try:
        expected = [_last(model, (*trunk, *text)) for trunk in trunks.values() for text in texts]
        reader = TreeReader(model, trunks.__getitem__, len(trunks), packed=packed)
        reader.logits([Request(first, [texts[0][:2]])])
        got = torch.cat(reader.logits([Request(first, texts), Request(second, texts)]))
    except Exception as error:  # whatever a model does with a mask that it does not take
        _LOG.debug("no token trees for this model: %s", error)
        return False
    truth = torch.stack(expected).float()
    bound = _AGREEMENT.get(model.dtype, 1e-4) * max(1.0, float(truth.abs().max()))
    return bool((got.float() - truth).abs().max() <= bound)


def _modulo(tokens: tuple[int, ...], size: int) -> tuple[int, ...]:
    return tuple(token % size for token in tokens)


def _last(model: Any, tokens: tuple[int, ...]) -> Tensor:
    """The logits after the last of some tokens, read as a plain row."""
    logits: Tensor = model(input_ids=torch.tensor([tokens], device=model.device)).logits[0, -1]
    return logits
