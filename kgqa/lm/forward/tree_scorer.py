"""Scoring token trees with a transformers model: one row for each prompt, one pass for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import Cache

from kgqa.lm.forward.forward_arguments import ForwardArguments
from kgqa.lm.forward.key_value_pool import KeyValuePool
from kgqa.lm.forward.log_probabilities import distributions
from kgqa.lm.forward.packed_attention import attention_packed
from kgqa.lm.forward.prefix_cache import CACHE_BYTES
from kgqa.lm.forward.scorer import Encode
from kgqa.lm.forward.tree_rows import TreePass, TreeRows
from kgqa.lm.request import Distributions, Request

__all__ = ["TreeScorer"]


class PoolCache(Cache):  # type: ignore[misc]
    """A `KeyValuePool` behind the cache interface of transformers."""

    def __init__(self, pool: KeyValuePool) -> None:
        super().__init__(layers=[])
        self._pool = pool

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        """Store a layer's new keys and values; returns those of all rows of the pass."""
        return self._pool.update(key_states, value_states, layer_idx)

    def get_seq_length(self, *_: Any) -> int:
        """0: positions and masks are given with every pass."""
        return 0


class TreeScorer:
    """Scores the token trees of up to `kept_prompts` prompts in one pass.

    With `packed` the tokens of all prompts form one row, which only the attention takes apart; without,
    shorter trees are padded. `kept_prompts` and `cache_bytes` bound the key-value cache.
    """

    def __init__(
        self,
        model: Any,
        encode: Encode,
        kept_prompts: int,
        *,
        packed: bool,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._model = model
        self._pool = KeyValuePool()
        self._cache = PoolCache(self._pool)
        self._rows = TreeRows(self._pool, encode, kept_prompts, cache_bytes)
        arguments = ForwardArguments.of(model)
        self._cache_name = arguments.cache
        self._keeps = "logits_to_keep" in arguments
        self._packed = packed
        self.passes = 0

    @property
    def prompts_read(self) -> int:
        """How many prompts were computed."""
        return self._rows.prompts_read

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """The distribution after each text of each request, in as few passes as the cache has room for."""
        found: list[Distributions] = []
        while len(found) < len(requests):
            some = requests[len(found) : len(found) + self._rows.room]
            found += [distributions(logits) for logits in self._pass(some)]
        return found

    @torch.inference_mode()
    def _pass(self, requests: Sequence[Request]) -> list[Tensor]:
        """The logits after each text. *Shape:* (texts, vocabulary) for each request."""
        try:
            plan = self._rows.place(requests, self._model.device)
            self.passes += 1
            if len(plan.rows) == 1:
                found = [self._score_one(plan)]
            else:
                found = self._score_packed(plan) if self._packed else self._score_padded(plan)
            self._rows.trim()
        except BaseException:  # the plan counted its tokens as cached
            self.clear()
            raise
        return found

    def clear(self) -> None:
        """Drop all cached keys and values and free their memory."""
        self._rows.clear()

    def _score_padded(self, plan: TreePass) -> list[Tensor]:
        self._pool.place(plan.rows, plan.slots, plan.used)
        logits = self._call(plan, plan.ids, plan.positions, plan.asked)[:, -plan.asked :]
        return [logits[row, places] for row, places in enumerate(plan.places)]

    def _score_one(self, plan: TreePass) -> Tensor:
        self._pool.place(plan.rows, plan.slots, plan.used)
        first = plan.ids.shape[1] - plan.asked
        wanted = torch.tensor(plan.places[0], device=plan.ids.device) + first
        logits = self._call(plan, plan.ids, plan.positions, wanted)[0]
        return logits if self._keeps else logits[wanted]

    def _score_packed(self, plan: TreePass) -> list[Tensor]:
        packed = plan.packed()
        assert packed.packing is not None  # there are several rows
        self._pool.place(plan.rows, packed.slots, plan.used, packed.owners)
        with attention_packed(self._model, packed.packing):
            logits = self._call(plan, packed.ids, packed.positions, packed.wanted)[0]
        if not self._keeps:
            logits = logits[packed.wanted]
        return list(torch.split(logits, [len(places) for places in plan.places]))

    def _call(self, plan: TreePass, ids: Tensor, positions: Tensor, keep: int | Tensor) -> Tensor:
        """The logits of a pass, only of the tokens to `keep` where the model supports that."""
        mask = torch.zeros(plan.sees.shape, dtype=self._model.dtype, device=plan.sees.device)
        mask.masked_fill_(~plan.sees, torch.finfo(mask.dtype).min)
        logits: Tensor = self._model(
            input_ids=ids,
            attention_mask=mask[:, None],
            position_ids=positions,
            use_cache=True,
            **{self._cache_name: self._cache},
            **({"logits_to_keep": keep} if self._keeps else {}),
        ).logits
        return logits
