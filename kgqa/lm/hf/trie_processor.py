"""A trie for transformers' `generate` whose tokens never wait for the host."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from kgqa.constraint import KGTrie
from kgqa.errors import UsageError
from kgqa.lm.hf.device_trie import DeviceTrie
from kgqa.lm.hf.generate import ChainLogitsProcessor
from kgqa.lm.protocol import ModelTokenizer

__all__ = ["TrieLogitsProcessor"]


class TrieLogitsProcessor(ChainLogitsProcessor):
    """As `ChainLogitsProcessor`, for constraints that list their texts (`KGTrie`), on the model's device.

    All rows of a step are masked by a few operations on tensors of the `device`; nothing is read back, so an
    accelerator is never idle between two tokens. What would need reading is not checked: a row outside of the
    language, as transformers makes them where there are more beams than texts, has nothing but -inf.
    """

    def __init__(
        self,
        tries: KGTrie | Sequence[KGTrie],
        tokenizer: ModelTokenizer,
        prompt_length: int,
        *,
        pad_id: int | None = None,
        device: str | torch.device = "cpu",
    ) -> None:
        given = [tries] if isinstance(tries, KGTrie) else list(tries)
        super().__init__(given, tokenizer, prompt_length, pad_id=pad_id)
        self._arrays = DeviceTrie.of(given, tokenizer.end_id, pad_id, device)
        self._before: Tensor | None = None
        self._nodes = self._arrays.roots

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Mask one step. *Shape:* input_ids (rows, length), scores (rows, vocabulary)."""
        texts = input_ids[:, self._prompt_length :]
        beams, left_over = divmod(len(texts), len(self._arrays.roots))
        if left_over:
            raise UsageError(
                f"{len(texts)} rows for {len(self._arrays.roots)} constraints; give one for each prompt"
            )
        self._nodes = self._walked(texts, beams)
        self._before = texts
        return self._arrays.masked(self._nodes, scores, texts.shape[1])

    def _walked(self, texts: Tensor, beams: int) -> Tensor:
        """The nodes of texts: one step from those of the rows that they continue, else from the roots."""
        before = self._before
        if before is not None and before.shape == (len(texts), texts.shape[1] - 1):
            prompts, length = len(self._arrays.roots), before.shape[1]
            rows = texts[:, :-1].reshape(prompts, beams, 1, length)
            same = (rows == before.reshape(prompts, 1, beams, length)).all(-1)
            parents = same.int().argmax(-1) + torch.arange(prompts, device=texts.device)[:, None] * beams
            return self._arrays.advanced(self._nodes[parents.reshape(-1)], texts[:, -1])
        nodes = self._arrays.roots.repeat_interleave(beams)
        for place in range(texts.shape[1]):
            nodes = self._arrays.advanced(nodes, texts[:, place])
        return nodes
