"""Reading texts with a model that cannot go on from what it has read: each with its whole prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from kgqa.lm.forward_arguments import ForwardArguments
from kgqa.lm.kept_logits import KeptLogits
from kgqa.lm.log_probabilities import batches, distributions, leaves, padded
from kgqa.lm.request import Distributions, Request
from kgqa.lm.trial import Encode

__all__ = ["PlainReader"]


class PlainReader:
    """Reads each text that no other goes on from in a row, behind its prompt; keeps nothing."""

    def __init__(self, model: Any, encode: Encode, batch_size: int) -> None:
        self._model = model
        self._encode = encode
        self._batch_size = batch_size
        takes = ForwardArguments.of(model)
        self._settings = {"use_cache": False} if "use_cache" in takes else {}
        self._keeps = "logits_to_keep" in takes
        self.passes = 0
        self.prompts_read = 0

    @torch.inference_mode()
    def read(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text."""
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
        """Nothing is kept."""

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
