"""Reading token trees with a transformers model: one row for each prompt, one pass for all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from transformers import Cache

from kgqa.lm.forward_arguments import ForwardArguments
from kgqa.lm.key_value_pool import KeyValuePool
from kgqa.lm.log_probabilities import distributions
from kgqa.lm.packed_attention import attention_packed
from kgqa.lm.prompt import Prompt
from kgqa.lm.request import Distributions, Request
from kgqa.lm.tree_rows import TreePass, TreeRows

__all__ = ["TreeReader"]


class PoolCache(Cache):  # type: ignore[misc]
    """A pool of keys and values in the form in which transformers' layers fill and read it."""

    def __init__(self, pool: KeyValuePool) -> None:
        super().__init__(layers=[])
        self._pool = pool

    def update(
        self, key_states: Tensor, value_states: Tensor, layer_idx: int, *_: Any, **__: Any
    ) -> tuple[Tensor, Tensor]:
        """Keep new keys and values of a layer; returns all that the pass may see."""
        return self._pool.update(key_states, value_states, layer_idx)

    def get_seq_length(self, *_: Any) -> int:
        """Nought: positions and masks are given with every pass."""
        return 0


class TreeReader:
    """Reads the token trees of up to `kept_prompts` prompts in one pass.

    With `packed` the model reads the tokens of all prompts one after the other and only its attention
    sees them apart; without, the shorter trees are padded.
    """

    def __init__(
        self, model: Any, encode: Callable[[Prompt], Sequence[int]], kept_prompts: int, *, packed: bool
    ) -> None:
        self._model = model
        self._pool = KeyValuePool()
        self._cache = PoolCache(self._pool)
        self._rows = TreeRows(self._pool, encode, kept_prompts)
        arguments = ForwardArguments.of(model)
        self._cache_name = arguments.cache
        self._keeps = "logits_to_keep" in arguments
        self._packed = packed
        self.passes = 0

    @property
    def prompts_read(self) -> int:
        """How many prompts were given a row."""
        return self._rows.prompts_read

    def read(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text of at most `kept_prompts` requests."""
        return [distributions(logits) for logits in self.logits(requests)]

    @torch.inference_mode()
    def logits(self, requests: Sequence[Request]) -> list[Tensor]:
        """The logits after each text. *Shape:* (texts, vocabulary) for each request."""
        try:
            plan = self._rows.place(requests, self._model.device)
            self.passes += 1
            if len(plan.rows) == 1:
                return [self._read_one(plan)]
            return self._read_packed(plan) if self._packed else self._read(plan)
        except BaseException:  # nothing of the plan can be relied on
            self.clear()
            raise

    def clear(self) -> None:
        """Forget all prompts and give their memory back."""
        self._rows.clear()

    def _read(self, plan: TreePass) -> list[Tensor]:
        self._pool.place(plan.rows, plan.slots, plan.used)
        logits = self._call(plan, plan.ids, plan.positions, plan.asked)[:, -plan.asked :]
        return [logits[row, places] for row, places in enumerate(plan.places)]

    def _read_one(self, plan: TreePass) -> Tensor:
        self._pool.place(plan.rows, plan.slots, plan.used)
        first = plan.ids.shape[1] - plan.asked
        wanted = torch.tensor(plan.places[0], device=plan.ids.device) + first
        logits = self._call(plan, plan.ids, plan.positions, wanted)[0]
        return logits if self._keeps else logits[wanted]

    def _read_packed(self, plan: TreePass) -> list[Tensor]:
        packed = plan.packed()
        self._pool.place(plan.rows, packed.slots, plan.used, packed.owners)
        with attention_packed(self._model, packed.packing):
            logits = self._call(plan, packed.ids, packed.positions, packed.wanted)[0]
        if not self._keeps:
            logits = logits[packed.wanted]
        return list(torch.split(logits, [len(places) for places in plan.places]))

    def _call(self, plan: TreePass, ids: Tensor, positions: Tensor, keep: int | Tensor) -> Tensor:
        """The logits of a pass, of the tokens to keep only where the model knows how to."""
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
