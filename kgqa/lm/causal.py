"""Language models that continue a text: Llama, Qwen, Gemma, GPT and the like."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from kgqa.errors import ModelError
from kgqa.lm.forward_arguments import ForwardArguments
from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.log_probabilities import check_texts, memory_errors
from kgqa.lm.packed_attention import packs
from kgqa.lm.plain_pass import PlainReader
from kgqa.lm.prompt import Prompt
from kgqa.lm.render import PromptRenderer
from kgqa.lm.request import Distributions, Request, in_their_places
from kgqa.lm.row_pass import RowReader
from kgqa.lm.tree_pass import TreeReader
from kgqa.lm.trial import Encode, Reader, Trial
from kgqa.lm.window import (
    attention_span,
    check_prompt,
    reserved_for_text,
    reserved_positions,
    text_window,
    vocabulary_size,
)
from kgqa.lm.windowed import WindowedReader

__all__ = ["CausalLanguageModel"]

_LOG = logging.getLogger("kgqa")
_ENCODED = 256
"""Prompts whose ids are remembered."""


class CausalLanguageModel:
    """A causal transformer.

    Models that take a mask of their caller's read a whole token tree in a pass, behind the keys and
    values of what was read before; this is tried when the model is loaded and must give what plain
    rows give (to 1e-4 of the largest number in float32). Other models (positions of their own,
    recurrent ones) read one row for each text, behind what they kept of the prompt or, where they keep
    nothing that serves, behind the whole prompt; `ModelError` where that is not tried with success
    either. Where attention has a window or goes by chunks, texts that are longer are read in rows.
    `kept_prompts` bounds the prompts kept, `batch_size` the rows of a pass; `tree` says which way it is,
    or insists on one. `packed` says whether trees of several prompts are read without padding, which is
    tried in the same way.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        batch_size: int = 32,
        kept_prompts: int = 16,
        tree: bool | None = None,
    ) -> None:
        self._model = model.eval()
        self.folder: Path | None = None
        self.tokenizer = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocabulary_size(model))
        window = text_window(model.config.get_text_config(decoder=True), tokenizer)
        self._window = None if window is None else window - reserved_positions(model)
        limit = None if self._window is None else self._window - reserved_for_text(self._window)
        self.renderer = PromptRenderer(tokenizer, self.tokenizer, opens=True, limit=limit)
        self._kept = kept_prompts
        self._encode = lru_cache(maxsize=_ENCODED)(self._encoded)
        trial = Trial(model)
        span = attention_span(model.config.get_text_config(decoder=True))
        self._no_trees = _no_trees(trial, model, span) if tree is None else None
        self.tree = self._no_trees is None if tree is None else tree
        self.packed = self.tree and packs(model) and trial.refusal(_trees(model, packed=True)) is None
        self._reader = self._made(trial, batch_size, span)

    @property
    def passes(self) -> int:
        """How many times the model was called."""
        return self._reader.passes

    @property
    def prompts_read(self) -> int:
        """How many prompts were read."""
        return self._reader.prompts_read

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text; see `LanguageModel.score`."""
        for request in requests:
            check_texts(request.texts, self.tokenizer.vocabulary_size, self.room(request.prompt))
        found: list[Distributions] = []
        with memory_errors(self._reader.clear):
            asking = [request for request in requests if request.texts]
            for at in range(0, len(asking), self._kept):
                found += self._reader.read(asking[at : at + self._kept])
        return in_their_places(requests, found, self.tokenizer.vocabulary_size)

    def _made(self, trial: Trial, batch_size: int, span: int | None) -> Reader:
        """The reader; trees are read only as far as there is no difference to full attention."""
        if not self.tree:
            return self._row_reader(trial, batch_size)
        trees = TreeReader(self._model, self._encode, self._kept, packed=self.packed)
        if not span or (self._window is not None and self._window <= span):
            return trees
        return WindowedReader(trees, self._row_reader(trial, batch_size), self._encode, span)

    def _row_reader(self, trial: Trial, batch_size: int) -> Reader:
        """The first way to read rows that passes the trial. Raises `ModelError` where none does."""
        model = self._model
        rows = partial(RowReader, model, batch_size=batch_size, kept_prompts=self._kept)
        for way in (partial(rows, positions=True), partial(rows, positions=False)):
            why = trial.refusal(way)
            if why is None:
                if self._no_trees is not None:
                    _warn(model, "reads texts row by row, about three times slower", self._no_trees)
                return way(self._encode)
        plain = partial(PlainReader, model, batch_size=batch_size)
        trial.insist(plain)
        _warn(model, "has no usable key-value cache: each text is read with its prompt, which is slow", why)
        return plain(self._encode)

    def room(self, prompt: Prompt) -> int | None:
        """How many tokens a text behind a prompt may have; None: no limit known."""
        if self._window is None:
            return None
        return self._window - len(self._encode(prompt))

    def _encoded(self, prompt: Prompt) -> tuple[int, ...]:
        ids = self.renderer.encode(prompt)
        if not ids:
            raise ModelError("the prompt has no tokens; use a tokenizer that belongs to the model")
        check_prompt(ids, self._model)
        return tuple(ids)


def _no_trees(trial: Trial, model: Any, span: int | None) -> str | None:
    """Why a model cannot read token trees; `None` where it can."""
    missing = ForwardArguments.of(model).missing_for_trees
    if missing:
        return f"its forward takes no {' and no '.join(missing)}"
    if span == 0:
        return "its configuration does not say which tokens its attention sees"
    return trial.refusal(_trees(model))


def _warn(model: Any, what: str, why: str | None) -> None:
    _LOG.warning("%s %s (%s)", type(model).__name__, what, why)


def _trees(model: Any, *, packed: bool = False) -> Callable[[Encode], TreeReader]:
    return lambda encode: TreeReader(model, encode, 2, packed=packed)
