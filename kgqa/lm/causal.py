"""Language models that continue a text: Llama, Qwen, Gemma, GPT and the like."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from kgqa.errors import ModelError
from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.log_probabilities import batches, check_continuations, padded, scores
from kgqa.lm.prefix_cache import PrefixCache
from kgqa.lm.prompt import Prompt
from kgqa.lm.protocol import Scores
from kgqa.lm.render import PromptRenderer
from kgqa.lm.window import reserved_for_text, text_window, vocabulary_size

__all__ = ["CausalLanguageModel"]


class CausalLanguageModel:
    """A causal transformer: the keys and values of the last prompts are kept.

    The continuations of one call are scored `batch_size` rows at a time behind the prompt's keys
    and values; more is faster and takes more memory. `prompt_passes` counts the passes over a
    prompt, `passes` those over continuations.
    """

    def __init__(self, model: Any, tokenizer: Any, *, batch_size: int = 32, kept_prompts: int = 4) -> None:
        self._model = model.eval()
        self.tokenizer = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocabulary_size(model))
        self._window = text_window(model.config.get_text_config(decoder=True), tokenizer)
        limit = None if self._window is None else self._window - reserved_for_text(self._window)
        self.renderer = PromptRenderer(tokenizer, self.tokenizer, opens=True, limit=limit)
        self._batch_size = batch_size
        self._prompts = PrefixCache(self._read, kept_prompts)
        self._takes_positions = "position_ids" in inspect.signature(model.forward).parameters
        self.prompt_passes = 0
        self.passes = 0

    def score(self, prompt: Prompt, continuations: Sequence[Sequence[int]]) -> list[Scores]:
        """Score texts that continue the prompt; see `LanguageModel.score`."""
        length, cache, last = self._prompts[prompt]
        room = None if self._window is None else self._window - length
        check_continuations(continuations, self.tokenizer.vocabulary_size, room)
        found: dict[int, Scores] = {}
        for index, tokens in enumerate(continuations):
            if not len(tokens):
                found[index] = scores(last, ())
        rest = [index for index in range(len(continuations)) if index not in found]
        for batch in batches([continuations[index] for index in rest], self._batch_size):
            rows = [rest[at] for at in batch]
            texts = [[int(token) for token in continuations[index]] for index in rows]
            for index, tokens, logits in zip(rows, texts, self._continue(cache, length, texts), strict=True):
                found[index] = scores(torch.cat([last, logits[: len(tokens)]]), tokens)
        return [found[index] for index in range(len(continuations))]

    @torch.inference_mode()
    def _read(self, prompt: Prompt) -> tuple[int, Any, Tensor]:
        """The length of a prompt, its keys and values, and the logits behind it."""
        ids = self.renderer.encode(prompt)
        if not ids:
            raise ModelError("the prompt has no tokens; use a tokenizer that belongs to the model")
        cache = DynamicCache(config=self._model.config)
        inputs = torch.tensor([ids], device=self._model.device)
        self.prompt_passes += 1
        output = self._model(
            input_ids=inputs,
            attention_mask=torch.ones_like(inputs),
            past_key_values=cache,
            use_cache=True,
            **self._positions(0, inputs),
        )
        return len(ids), output.past_key_values, output.logits[0, -1:].float()

    @torch.inference_mode()
    def _continue(self, cache: Any, length: int, texts: Sequence[Sequence[int]]) -> Tensor:
        """The logits after each token. *Shape:* (texts, longest text, vocabulary)."""
        ids, mask = padded(texts, self._model.device)
        past = copy.deepcopy(cache)
        past.batch_repeat_interleave(len(texts))
        self.passes += 1
        output = self._model(
            input_ids=ids,
            attention_mask=torch.cat([mask.new_ones(len(texts), length), mask], dim=1),
            past_key_values=past,
            use_cache=True,
            **self._positions(length, ids),
        )
        logits: Tensor = output.logits
        return logits

    def _positions(self, start: int, ids: Tensor) -> dict[str, Tensor]:
        if not self._takes_positions:
            return {}
        positions = torch.arange(start, start + ids.shape[1], device=ids.device)
        return {"position_ids": positions[None].expand(ids.shape[0], -1)}
