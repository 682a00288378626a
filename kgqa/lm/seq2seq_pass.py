"""Reading texts with an encoder-decoder model: what the encoder made of the last prompts is kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from kgqa.lm.kept_logits import KeptLogits
from kgqa.lm.log_probabilities import batches, distributions, leaves, padded
from kgqa.lm.prefix_cache import PrefixCache
from kgqa.lm.prompt import Prompt
from kgqa.lm.request import Distributions, Request, Text
from kgqa.lm.trial import Encode

__all__ = ["Seq2SeqReader"]


class Seq2SeqReader:
    """Reads each text that no other goes on from in a row of the decoder, behind `opening`.

    The rows of all requests are read `batch_size` at a time. `prompts_read` counts the passes of the
    encoder, `passes` those of the decoder.
    """

    def __init__(
        self, model: Any, encode: Encode, opening: Sequence[int], batch_size: int, kept_prompts: int
    ) -> None:
        self._model = model
        self._encode = encode
        self._opening = opening
        self._batch_size = batch_size
        self._prompts = PrefixCache(self._read_prompt, kept_prompts)
        self._encoded_as: type[BaseModelOutput] = BaseModelOutput
        self.prompts_read = 0
        self.passes = 0

    def read(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text."""
        rows: list[tuple[Tensor, Text]] = []
        places: list[list[tuple[int, int]]] = []
        for request in requests:
            texts, where = leaves(request.texts)
            places.append([(len(rows) + row, depth) for row, depth in where])
            rows += [(self._prompts[request.prompt], text) for text in texts]
        logits = KeptLogits(place for where in places for place in where)
        for batch in batches([len(text) for _, text in rows], self._batch_size):
            logits.take(batch, self._write([rows[row] for row in batch]))
        return [distributions(logits.at(where)) for where in places]

    def clear(self) -> None:
        """Forget all prompts."""
        self._prompts.clear()

    @torch.inference_mode()
    def _read_prompt(self, prompt: Prompt) -> Tensor:
        """The encoder's states. *Shape:* (tokens, hidden)."""
        ids = torch.tensor([list(self._encode(prompt))], device=self._model.device)
        self.prompts_read += 1
        output = self._model.get_encoder()(input_ids=ids, attention_mask=torch.ones_like(ids))
        self._encoded_as = type(output)
        states: Tensor = output.last_hidden_state[0]
        return states

    @torch.inference_mode()
    def _write(self, rows: Sequence[tuple[Tensor, Text]]) -> Tensor:
        """The logits before the first and after each token. *Shape:* (rows, longest + 1, vocabulary)."""
        ids, mask = padded([[*self._opening, *text] for _, text in rows], self._model.device)
        lengths = torch.tensor([len(states) for states, _ in rows], device=ids.device)
        memory = torch.nn.utils.rnn.pad_sequence([states for states, _ in rows], batch_first=True)
        seen = (torch.arange(memory.shape[1], device=ids.device)[None] < lengths[:, None]).long()
        self.passes += 1
        output = self._model(
            encoder_outputs=self._encoded_as(last_hidden_state=memory),
            attention_mask=seen,
            decoder_input_ids=ids,
            decoder_attention_mask=mask,
            use_cache=False,
        )
        logits: Tensor = output.logits[:, len(self._opening) - 1 :]
        return logits
