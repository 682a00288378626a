"""Language models that read a prompt and write another text: T5, BART and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from kgqa.errors import ModelError
from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.log_probabilities import (
    batches,
    check_texts,
    distributions,
    leaves,
    memory_errors,
    padded,
)
from kgqa.lm.prefix_cache import PrefixCache
from kgqa.lm.prompt import Prompt
from kgqa.lm.render import PromptRenderer
from kgqa.lm.request import Distributions, Request, Text
from kgqa.lm.window import text_window, vocabulary_size

__all__ = ["Seq2SeqLanguageModel"]


class Seq2SeqLanguageModel:
    """An encoder-decoder transformer: what the encoder made of the last prompts is kept.

    Each text that no other goes on from is a row of the decoder; the rows of all requests are read
    `batch_size` at a time; more is faster and takes more memory. `prompts_read` counts the passes
    of the encoder, `passes` those of the decoder. `opening` is what the decoder reads before a text.
    """

    def __init__(self, model: Any, tokenizer: Any, *, batch_size: int = 64, kept_prompts: int = 16) -> None:
        self._model = model.eval()
        self.tokenizer = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocabulary_size(model))
        reader = text_window(model.config.get_text_config(encoder=True), tokenizer)
        known = text_window(None, tokenizer)
        limit = reader if known is None or reader is None else min(reader, known)
        self.renderer = PromptRenderer(tokenizer, self.tokenizer, opens=False, limit=limit)
        self.opening = self._opening_ids()
        self._window = text_window(model.config.get_text_config(decoder=True))
        self._batch_size = batch_size
        self._prompts = PrefixCache(self._read, kept_prompts)
        self.prompts_read = 0
        self.passes = 0

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text; see `LanguageModel.score`."""
        rows: list[tuple[Tensor, Text]] = []
        places: list[list[tuple[int, int]]] = []
        with memory_errors(self._prompts.clear):
            for request in requests:
                check_texts(request.texts, self.tokenizer.vocabulary_size, self.room())
                texts, where = leaves(request.texts)
                places.append([(len(rows) + row, depth) for row, depth in where])
                rows += [(self._prompts[request.prompt], text) for text in texts]
            logits: dict[int, Tensor] = {}
            for batch in batches([len(text) for _, text in rows], self._batch_size):
                logits.update(zip(batch, self._write([rows[row] for row in batch]), strict=True))
        return [
            distributions(torch.stack([logits[row][depth] for row, depth in where]))
            if where
            else Distributions.empty(self.tokenizer.vocabulary_size)
            for where in places
        ]

    def room(self) -> int | None:
        """How many tokens a text may have; None: no limit known."""
        return None if self._window is None else self._window - len(self.opening)

    @torch.inference_mode()
    def _read(self, prompt: Prompt) -> Tensor:
        """The encoder's states. *Shape:* (tokens, hidden)."""
        ids = torch.tensor([self.renderer.encode(prompt)], device=self._model.device)
        self.prompts_read += 1
        output = self._model.get_encoder()(input_ids=ids, attention_mask=torch.ones_like(ids))
        states: Tensor = output.last_hidden_state[0]
        return states

    @torch.inference_mode()
    def _write(self, rows: Sequence[tuple[Tensor, Text]]) -> Tensor:
        """The logits before the first and after each token. *Shape:* (rows, longest + 1, vocabulary)."""
        ids, mask = padded([[*self.opening, *text] for _, text in rows], self._model.device)
        lengths = torch.tensor([len(states) for states, _ in rows], device=ids.device)
        memory = torch.nn.utils.rnn.pad_sequence([states for states, _ in rows], batch_first=True)
        seen = (torch.arange(memory.shape[1], device=ids.device)[None] < lengths[:, None]).long()
        self.passes += 1
        output = self._model(
            encoder_outputs=BaseModelOutput(last_hidden_state=memory),
            attention_mask=seen,
            decoder_input_ids=ids,
            decoder_attention_mask=mask,
            use_cache=False,
        )
        logits: Tensor = output.logits[:, len(self.opening) - 1 :]
        return logits

    def _opening_ids(self) -> list[int]:
        start = self._setting("decoder_start_token_id", "bos_token_id", "pad_token_id")
        if start is None:
            raise ModelError("the model's configuration has no decoder_start_token_id; set it")
        forced = self._setting("forced_bos_token_id")
        path = self.tokenizer.path_start_id
        return [token for token in (start, forced, path) if token is not None]

    def _setting(self, *names: str) -> int | None:
        for name in names:
            for source in (getattr(self._model, "generation_config", None), self._model.config):
                value = getattr(source, name, None)
                if isinstance(value, int):
                    return value
        return None
