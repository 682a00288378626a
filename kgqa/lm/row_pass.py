"""Reading texts with a transformers model that takes no token trees: one row for each text."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from kgqa.lm.forward_arguments import ForwardArguments
from kgqa.lm.kept_logits import KeptLogits
from kgqa.lm.log_probabilities import batches, distributions, leaves, padded
from kgqa.lm.prefix_cache import PrefixCache
from kgqa.lm.prompt import Prompt
from kgqa.lm.request import Distributions, Request
from kgqa.lm.trial import Encode

__all__ = ["RowReader"]


class RowReader:
    """Reads each text that no other goes on from in a row behind the prompt's keys and values.

    With `positions` the model is told where tokens stand, if it listens; else it counts itself.
    """

    def __init__(
        self, model: Any, encode: Encode, batch_size: int, kept_prompts: int, *, positions: bool
    ) -> None:
        self._model = model
        self._encode = encode
        self._batch_size = batch_size
        self._prompts = PrefixCache(self._read_prompt, kept_prompts)
        arguments = ForwardArguments.of(model)
        self._cache = arguments.cache
        self._takes_positions = positions and "position_ids" in arguments
        self.passes = 0
        self.prompts_read = 0

    def read(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text."""
        return [self._read_one(request) for request in requests]

    def clear(self) -> None:
        """Forget all prompts."""
        self._prompts.clear()

    def _read_one(self, request: Request) -> Distributions:
        length, cache, last = self._prompts[request.prompt]
        rows, places = leaves(request.texts)
        logits = KeptLogits((row, depth - 1) for row, depth in places if depth)
        for batch in batches([len(row) for row in rows], self._batch_size):
            texts = [rows[row] for row in batch]
            if texts[-1]:
                logits.take(batch, self._continue(cache, length, texts))
        return distributions(
            torch.cat([logits.at([(row, depth - 1)]) if depth else last for row, depth in places])
        )

    @torch.inference_mode()
    def _read_prompt(self, prompt: Prompt) -> tuple[int, Any, Tensor]:
        """The length of a prompt, its keys and values, and the logits behind it."""
        ids = self._encode(prompt)
        cache = DynamicCache(config=self._model.config)
        inputs = torch.tensor([ids], device=self._model.device)
        self.prompts_read += 1
        self.passes += 1
        output = self._model(
            input_ids=inputs,
            attention_mask=torch.ones_like(inputs),
            use_cache=True,
            **{self._cache: cache},
            **self._positions(0, inputs),
        )
        # A copy: a view would keep the logits of the whole prompt.
        return len(ids), getattr(output, self._cache), output.logits[0, -1:].clone()

    @torch.inference_mode()
    def _continue(self, cache: Any, length: int, texts: Sequence[Sequence[int]]) -> Tensor:
        """The logits after each token. *Shape:* (texts, longest text, vocabulary)."""
        ids, mask = padded(texts, self._model.device)
        past = copy.deepcopy(cache)
        past.reorder_cache(torch.zeros(len(texts), dtype=torch.long, device=ids.device))
        self.passes += 1
        output = self._model(
            input_ids=ids,
            attention_mask=torch.cat([mask.new_ones(len(texts), length), mask], dim=1),
            use_cache=True,
            **{self._cache: past},
            **self._positions(length, ids),
        )
        logits: Tensor = output.logits
        return logits

    def _positions(self, start: int, ids: Tensor) -> dict[str, Tensor]:
        if not self._takes_positions:
            return {}
        positions = torch.arange(start, start + ids.shape[1], device=ids.device)
        return {"position_ids": positions[None].expand(ids.shape[0], -1)}
