"""Scoring with one row of a batch for each text, for models that cannot take token trees."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from kgqa.lm.forward.forward_arguments import ForwardArguments
from kgqa.lm.forward.log_probabilities import distributions
from kgqa.lm.forward.prefix_cache import CACHE_BYTES, PrefixCache, tensor_bytes
from kgqa.lm.forward.rows import KeptLogits, batches, leaves, padded
from kgqa.lm.forward.scorer import Encode
from kgqa.lm.request import Distributions, Prompt, Request

__all__ = ["RowScorer", "UncachedScorer"]


class RowScorer:
    """One row for each text that is no prefix of another, behind the cached keys and values of its prompt.

    With `positions` the position ids are passed, if the model takes them; else the model counts itself.
    `kept_prompts` and `cache_bytes` bound the cache.
    """

    def __init__(
        self,
        model: Any,
        encode: Encode,
        batch_size: int,
        kept_prompts: int,
        *,
        positions: bool,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._model = model
        self._encode = encode
        self._batch_size = batch_size
        self._prompts = PrefixCache(self._read_prompt, kept_prompts, cache_bytes, tensor_bytes)
        arguments = ForwardArguments.of(model)
        self._cache = arguments.cache
        self._takes_positions = positions and "position_ids" in arguments
        self.passes = 0
        self.prompts_read = 0

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """The distribution after each text of each request."""
        return [self._score_one(request) for request in requests]

    def clear(self) -> None:
        """Drop all cached keys and values."""
        self._prompts.clear()

    def _score_one(self, request: Request) -> Distributions:
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
        """The length of a prompt, its keys and values, and the logits after it."""
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


class UncachedScorer:
    """One row for each text that is no prefix of another, with its whole prompt; nothing is cached."""

    def __init__(self, model: Any, encode: Encode, batch_size: int) -> None:
        self._model = model
        self._encode = encode
        self._batch_size = batch_size
        arguments = ForwardArguments.of(model)
        self._settings = {"use_cache": False} if "use_cache" in arguments else {}
        self._keeps = "logits_to_keep" in arguments
        self.passes = 0
        self.prompts_read = 0

    @torch.inference_mode()
    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """The distribution after each text of each request."""
        rows: list[list[int]] = []
        starts: list[int] = []
        places: list[list[tuple[int, int]]] = []
        for request in requests:
            prompt = list(self._encode(request.prompt))
            texts, where = leaves(request.texts)
            places.append([(len(rows) + row, depth) for row, depth in where])
            rows += [[*prompt, *text] for text in texts]
            starts += [len(prompt) - 1] * len(texts)
        logits = KeptLogits(place for where in places for place in where)
        for batch in batches([len(row) for row in rows], self._batch_size):
            logits.take(batch, self._pass([rows[row] for row in batch], [starts[row] for row in batch]))
        return [distributions(logits.at(where)) for where in places]

    def clear(self) -> None:
        """Nothing is cached."""

    def _pass(self, rows: Sequence[Sequence[int]], starts: Sequence[int]) -> list[Tensor]:
        """The logits after each token of a row from its start on. *Shape:* (tokens, vocabulary) each."""
        ids, mask = padded(rows, self._model.device)
        kept = ids.shape[1] - min(starts)
        self.passes += 1
        self.prompts_read += len(rows)
        output = self._model(
            input_ids=ids,
            attention_mask=mask,
            **self._settings,
            **({"logits_to_keep": kept} if self._keeps else {}),
        )
        logits: Tensor = output.logits[:, -kept:]
        return [row[start - min(starts) :] for row, start in zip(logits, starts, strict=True)]
