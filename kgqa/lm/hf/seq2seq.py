"""Encoder-decoder language models: T5, BART and the like."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from kgqa.errors import ModelError
from kgqa.lm.forward.log_probabilities import check_texts, distributions, memory_errors
from kgqa.lm.forward.prefix_cache import CACHE_BYTES, PrefixCache, tensor_bytes
from kgqa.lm.forward.rows import KeptLogits, batches, leaves, padded
from kgqa.lm.forward.scorer import Encode
from kgqa.lm.hf.context_window import check_prompt, text_window, vocabulary_size
from kgqa.lm.hf.equivalence_check import EquivalenceCheck
from kgqa.lm.hf.prompt_renderer import PromptRenderer
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.request import Distributions, Prompt, Request, Text, restore_empty
from kgqa.lm.weights_fingerprint import weights_fingerprint

__all__ = ["Seq2SeqLanguageModel"]


class Seq2SeqLanguageModel:
    """An encoder-decoder transformer, which caches the encoder's states of the last prompts.

    Each text that is no prefix of another is a row of the decoder; `batch_size` rows are computed in a
    pass (more is faster and takes more memory). `kept_prompts` and `cache_bytes` bound the cache. `opening`
    has the tokens that the decoder reads before a text. Raises `ModelError` for a model that does not
    score texts side by side as it scores each alone, which is checked here.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        batch_size: int = 64,
        kept_prompts: int = 16,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._model = model.eval()
        self.folder: Path | None = None
        self.tokenizer = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocabulary_size(model))
        reader = text_window(model.config.get_text_config(encoder=True), tokenizer)
        known = text_window(None, tokenizer)
        limit = reader if known is None or reader is None else min(reader, known)
        self.renderer = PromptRenderer(tokenizer, self.tokenizer, opens=False, limit=limit)
        self.opening = self._opening_ids()
        self._window = text_window(model.config.get_text_config(decoder=True))
        make = partial(
            Seq2SeqScorer,
            model,
            opening=self.opening,
            batch_size=batch_size,
            kept_prompts=kept_prompts,
            cache_bytes=cache_bytes,
        )
        EquivalenceCheck(model, self.opening).insist(make)
        self._scorer = make(self._encode)

    @property
    def passes(self) -> int:
        """How many times the decoder was called."""
        return self._scorer.passes

    @property
    def prompts_read(self) -> int:
        """How many times the encoder was called."""
        return self._scorer.prompts_read

    @cached_property
    def fingerprint(self) -> str:
        """The same for two models with the same weights and tokenizer."""
        return f"{weights_fingerprint(self._model)} {self.tokenizer.fingerprint}"

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """See `LanguageModel.score`."""
        for request in requests:
            check_texts(request.texts, self.tokenizer.vocabulary_size, self.room())
        with memory_errors(self._scorer.clear):
            found = self._scorer.score([request for request in requests if request.texts])
        return restore_empty(requests, found, self.tokenizer.vocabulary_size)

    def room(self) -> int | None:
        """How many tokens a text may have; None: no limit known."""
        return None if self._window is None else self._window - len(self.opening)

    def _encode(self, prompt: Prompt) -> list[int]:
        ids = self.renderer.encode(prompt)
        check_prompt(ids, self._model)
        return ids

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


class Seq2SeqScorer:
    """A row of the decoder, behind `opening`, for each text that is no prefix of another.

    `prompts_read` counts the passes of the encoder, `passes` those of the decoder.
    """

    def __init__(
        self,
        model: Any,
        encode: Encode,
        opening: Sequence[int],
        batch_size: int,
        kept_prompts: int,
        cache_bytes: int,
    ) -> None:
        self._model = model
        self._encode = encode
        self._opening = opening
        self._batch_size = batch_size
        self._prompts = PrefixCache(self._read_prompt, kept_prompts, cache_bytes, tensor_bytes)
        self._output: type[BaseModelOutput] = BaseModelOutput
        self.prompts_read = 0
        self.passes = 0

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """The distribution after each text of each request."""
        rows: list[tuple[Tensor, Text]] = []
        places: list[list[tuple[int, int]]] = []
        for request in requests:
            texts, where = leaves(request.texts)
            places.append([(len(rows) + row, depth) for row, depth in where])
            rows += [(self._prompts[request.prompt], text) for text in texts]
        logits = KeptLogits(place for where in places for place in where)
        for batch in batches([len(text) for _, text in rows], self._batch_size):
            logits.take(batch, self._decode([rows[row] for row in batch]))
        return [distributions(logits.at(where)) for where in places]

    def clear(self) -> None:
        """Drop all cached encoder states."""
        self._prompts.clear()

    @torch.inference_mode()
    def _read_prompt(self, prompt: Prompt) -> Tensor:
        """The encoder's states. *Shape:* (tokens, hidden)."""
        ids = torch.tensor([list(self._encode(prompt))], device=self._model.device)
        self.prompts_read += 1
        output = self._model.get_encoder()(input_ids=ids, attention_mask=torch.ones_like(ids))
        self._output = type(output)
        states: Tensor = output.last_hidden_state[0]
        return states

    @torch.inference_mode()
    def _decode(self, rows: Sequence[tuple[Tensor, Text]]) -> Tensor:
        """The logits before the first and after each token. *Shape:* (rows, longest + 1, vocabulary)."""
        ids, mask = padded([[*self._opening, *text] for _, text in rows], self._model.device)
        lengths = torch.tensor([len(states) for states, _ in rows], device=ids.device)
        memory = torch.nn.utils.rnn.pad_sequence([states for states, _ in rows], batch_first=True)
        seen = (torch.arange(memory.shape[1], device=ids.device)[None] < lengths[:, None]).long()
        self.passes += 1
        output = self._model(
            encoder_outputs=self._output(last_hidden_state=memory),
            attention_mask=seen,
            decoder_input_ids=ids,
            decoder_attention_mask=mask,
            use_cache=False,
        )
        logits: Tensor = output.logits[:, len(self._opening) - 1 :]
        return logits
