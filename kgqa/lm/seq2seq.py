"""Language models that read a prompt and write another text: T5, BART and the like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from transformers.modeling_outputs import BaseModelOutput

from kgqa.errors import ModelError
from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.log_probabilities import batches, check_continuations, padded, scores
from kgqa.lm.prefix_cache import PrefixCache
from kgqa.lm.prompt import Prompt
from kgqa.lm.protocol import Scores
from kgqa.lm.render import PromptRenderer
from kgqa.lm.window import text_window, vocabulary_size

__all__ = ["Seq2SeqLanguageModel"]


class Seq2SeqLanguageModel:
    """An encoder-decoder transformer: what the encoder made of the last prompts is kept.

    The continuations of one call are scored `batch_size` rows at a time; more is faster and takes
    more memory. `prompt_passes` counts the passes of the encoder, `passes` those of the decoder.
    """

    def __init__(self, model: Any, tokenizer: Any, *, batch_size: int = 32, kept_prompts: int = 4) -> None:
        self._model = model.eval()
        self.tokenizer = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocabulary_size(model))
        reader = text_window(model.config.get_text_config(encoder=True), tokenizer)
        known = text_window(None, tokenizer)
        limit = reader if known is None or reader is None else min(reader, known)
        self.renderer = PromptRenderer(tokenizer, self.tokenizer, opens=False, limit=limit)
        self._opening = self._opening_ids()
        self._window = text_window(model.config.get_text_config(decoder=True))
        self._batch_size = batch_size
        self._prompts = PrefixCache(self._read, kept_prompts)
        self.prompt_passes = 0
        self.passes = 0

    def score(self, prompt: Prompt, continuations: Sequence[Sequence[int]]) -> list[Scores]:
        """Score texts that the model may write; see `LanguageModel.score`."""
        room = None if self._window is None else self._window - len(self._opening)
        check_continuations(continuations, self.tokenizer.vocabulary_size, room)
        states = self._prompts[prompt]
        found: dict[int, Scores] = {}
        for batch in batches(continuations, self._batch_size):
            texts = [[int(token) for token in continuations[index]] for index in batch]
            for index, tokens, logits in zip(batch, texts, self._write(states, texts), strict=True):
                found[index] = scores(logits[: len(tokens) + 1], tokens)
        return [found[index] for index in range(len(continuations))]

    @torch.inference_mode()
    def _read(self, prompt: Prompt) -> Tensor:
        """The encoder's states. *Shape:* (1, tokens, hidden)."""
        ids = torch.tensor([self.renderer.encode(prompt)], device=self._model.device)
        self.prompt_passes += 1
        output = self._model.get_encoder()(input_ids=ids, attention_mask=torch.ones_like(ids))
        states: Tensor = output.last_hidden_state
        return states

    @torch.inference_mode()
    def _write(self, states: Tensor, texts: Sequence[Sequence[int]]) -> Tensor:
        """The logits before the first and after each token. *Shape:* (texts, longest + 1, vocabulary)."""
        ids, mask = padded([[*self._opening, *tokens] for tokens in texts], self._model.device)
        self.passes += 1
        output = self._model(
            encoder_outputs=BaseModelOutput(last_hidden_state=states.expand(len(texts), -1, -1)),
            attention_mask=mask.new_ones(len(texts), states.shape[1]),
            decoder_input_ids=ids,
            decoder_attention_mask=mask,
            use_cache=False,
        )
        logits: Tensor = output.logits[:, len(self._opening) - 1 :]
        return logits

    def _opening_ids(self) -> list[int]:
        """What the decoder reads before the first token of a text."""
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
