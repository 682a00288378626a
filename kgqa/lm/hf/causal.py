"""Decoder-only language models: Llama, Qwen, Gemma, GPT and the like."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from kgqa.errors import ModelError
from kgqa.lm.forward.forward_arguments import ForwardArguments
from kgqa.lm.forward.log_probabilities import check_texts, memory_errors
from kgqa.lm.forward.packed_attention import packs
from kgqa.lm.forward.prefix_cache import CACHE_BYTES, PrefixCache
from kgqa.lm.forward.row_scorer import RowScorer, UncachedScorer
from kgqa.lm.forward.scorer import Encode, Scorer, WindowedScorer
from kgqa.lm.forward.tree_scorer import TreeScorer
from kgqa.lm.hf.context_window import (
    attention_span,
    check_prompt,
    reserved_for_text,
    reserved_positions,
    text_window,
    vocabulary_size,
)
from kgqa.lm.hf.equivalence_check import EquivalenceCheck
from kgqa.lm.hf.prompt_renderer import PromptRenderer
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.request import Distributions, Prompt, Request, restore_empty
from kgqa.lm.weights_fingerprint import weights_fingerprint

__all__ = ["CausalLanguageModel"]

_LOG = logging.getLogger("kgqa")
_ENCODED, _ENCODED_BYTES, _ID_BYTES = 256, 2**24, 36
"""Bounds of the cache of prompts' token ids, and the memory of an id in a tuple."""


class CausalLanguageModel:
    """A decoder-only transformer.

    There are three ways to run the model; the first that gives the plain model's numbers (to 1e-4 of the
    largest log-probability in float32, checked when the model is wrapped) is taken:

    - token trees: one pass for all texts, with position ids and an attention mask of our own, over
      cached keys and values. With sliding or chunked attention up to the length of its window only.
    - rows: a row of a batch for each text, behind the prompt's cached keys and values.
    - rows with the whole prompt, for models without a cache that can be continued.

    A way that is slower than trees is logged as a warning, with the reason. `ModelError` where none works.

    `kept_prompts` and `cache_bytes` bound the cache of keys and values (where two ways are in use,
    that of each), `batch_size` the rows of a pass. `tree` insists on trees or on rows. The attribute `tree`
    says which it is, `packed` whether the trees of several prompts are computed without padding.
    """

    def __init__(
        self,
        model: Any,
        tokenizer: Any,
        *,
        batch_size: int = 32,
        kept_prompts: int = 16,
        cache_bytes: int = CACHE_BYTES,
        tree: bool | None = None,
    ) -> None:
        self._model = model.eval()
        self.folder: Path | None = None
        self.tokenizer = HuggingFaceTokenizer(tokenizer, vocabulary_size=vocabulary_size(model))
        window = text_window(model.config.get_text_config(decoder=True), tokenizer)
        self._window = None if window is None else window - reserved_positions(model)
        limit = None if self._window is None else self._window - reserved_for_text(self._window)
        self.renderer = PromptRenderer(tokenizer, self.tokenizer, opens=True, limit=limit)
        encoded = PrefixCache(self._encoded, _ENCODED, _ENCODED_BYTES, lambda ids: _ID_BYTES * len(ids))
        self._encode: Encode = encoded.__getitem__
        self._batch_size, self._kept, self._cache_bytes = batch_size, kept_prompts, cache_bytes
        check = EquivalenceCheck(model)
        span = attention_span(model.config.get_text_config(decoder=True))
        self._no_trees = _no_trees(check, model, span) if tree is None else None
        self.tree = self._no_trees is None if tree is None else tree
        self.packed = self.tree and packs(model) and check.refusal(_trees(model, packed=True)) is None
        self._scorer = self._chosen(check, span)

    @cached_property
    def fingerprint(self) -> str:
        """The same for two models with the same weights and tokenizer."""
        return f"{weights_fingerprint(self._model)} {self.tokenizer.fingerprint}"

    @property
    def passes(self) -> int:
        """How many times the model was called."""
        return self._scorer.passes

    @property
    def prompts_read(self) -> int:
        """How many prompts were computed."""
        return self._scorer.prompts_read

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """See `LanguageModel.score`."""
        for request in requests:
            check_texts(request.texts, self.tokenizer.vocabulary_size, self.room(request.prompt))
        with memory_errors(self._scorer.clear):
            found = self._scorer.score([request for request in requests if request.texts])
        return restore_empty(requests, found, self.tokenizer.vocabulary_size)

    def room(self, prompt: Prompt) -> int | None:
        """How many tokens a text behind a prompt may have; None: no limit known."""
        if self._window is None:
            return None
        return self._window - len(self._encode(prompt))

    def _chosen(self, check: EquivalenceCheck, span: int | None) -> Scorer:
        """The scorer: trees only as far as the attention sees all tokens before."""
        if not self.tree:
            return self._rows(check)
        trees = TreeScorer(
            self._model, self._encode, self._kept, packed=self.packed, cache_bytes=self._cache_bytes
        )
        if not span or (self._window is not None and self._window <= span):
            return trees
        return WindowedScorer(trees, self._rows(check), self._encode, span)

    def _rows(self, check: EquivalenceCheck) -> Scorer:
        """The first way to score rows that passes the check. Raises `ModelError` where none does."""
        model, why = self._model, None
        for positions in (True, False):
            make = partial(
                RowScorer,
                model,
                batch_size=self._batch_size,
                kept_prompts=self._kept,
                positions=positions,
                cache_bytes=self._cache_bytes,
            )
            why = check.refusal(make)
            if why is None:
                if self._no_trees is not None:
                    _warn(model, "scores texts row by row, about three times slower", self._no_trees)
                return make(self._encode)
        uncached = partial(UncachedScorer, model, batch_size=self._batch_size)
        check.insist(uncached)
        _warn(model, "has no usable key-value cache: each text is read with its prompt, which is slow", why)
        return uncached(self._encode)

    def _encoded(self, prompt: Prompt) -> tuple[int, ...]:
        ids = self.renderer.encode(prompt)
        if not ids:
            raise ModelError("the prompt has no tokens; use a tokenizer that belongs to the model")
        check_prompt(ids, self._model)
        return tuple(ids)


def _no_trees(check: EquivalenceCheck, model: Any, span: int | None) -> str | None:
    """Why a model cannot score token trees; `None` where it can."""
    missing = ForwardArguments.of(model).missing_for_trees
    if missing:
        return f"its forward takes no {' and no '.join(missing)}"
    if span == 0:
        return "its configuration does not say which tokens its attention sees"
    return check.refusal(_trees(model))


def _trees(model: Any, *, packed: bool = False) -> Callable[[Encode], TreeScorer]:
    return lambda encode: TreeScorer(model, encode, 2, packed=packed)


def _warn(model: Any, what: str, why: str | None) -> None:
    _LOG.warning("%s %s (%s)", type(model).__name__, what, why)
