"""Language models that read a prompt and write another text: T5, BART and the like."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from kgqa.errors import ModelError
from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.log_probabilities import check_texts, memory_errors
from kgqa.lm.prompt import Prompt
from kgqa.lm.render import PromptRenderer
from kgqa.lm.request import Distributions, Request, in_their_places
from kgqa.lm.seq2seq_pass import Seq2SeqReader
from kgqa.lm.trial import Trial
from kgqa.lm.window import check_prompt, text_window, vocabulary_size

__all__ = ["Seq2SeqLanguageModel"]


class Seq2SeqLanguageModel:
    """An encoder-decoder transformer: what the encoder made of the last prompts is kept.

    Each text that no other goes on from is a row of the decoder; the rows of all requests are read
    `batch_size` at a time; more is faster and takes more memory. `opening` is what the decoder reads
    before a text. That texts read side by side give what each gives alone is tried; `ModelError` where
    they do not.
    """

    def __init__(self, model: Any, tokenizer: Any, *, batch_size: int = 64, kept_prompts: int = 16) -> None:
        self._model = model.eval()
        self.folder: Path | None = None
        self.tokenizer = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocabulary_size(model))
        reader = text_window(model.config.get_text_config(encoder=True), tokenizer)
        known = text_window(None, tokenizer)
        limit = reader if known is None or reader is None else min(reader, known)
        self.renderer = PromptRenderer(tokenizer, self.tokenizer, opens=False, limit=limit)
        self.opening = self._opening_ids()
        self._window = text_window(model.config.get_text_config(decoder=True))
        way = partial(
            Seq2SeqReader, model, opening=self.opening, batch_size=batch_size, kept_prompts=kept_prompts
        )
        Trial(model, self.opening).insist(way)
        self._reader = way(self._encode)

    @property
    def passes(self) -> int:
        """How many times the decoder was called."""
        return self._reader.passes

    @property
    def prompts_read(self) -> int:
        """How many times the encoder was."""
        return self._reader.prompts_read

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text; see `LanguageModel.score`."""
        for request in requests:
            check_texts(request.texts, self.tokenizer.vocabulary_size, self.room())
        with memory_errors(self._reader.clear):
            found = self._reader.read([request for request in requests if request.texts])
        return in_their_places(requests, found, self.tokenizer.vocabulary_size)

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
