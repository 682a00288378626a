"""A small model that asks a large one where it is undecided."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import UsageError
from kgqa.lm.entropy import entropy
from kgqa.lm.protocol import LanguageModel, Tokenizer
from kgqa.lm.request import Distributions, Request

__all__ = ["SwitchingLanguageModel"]


class SwitchingLanguageModel:
    """Says what `small` says, but what `large` says after texts that `small` does not know how to continue.

    It does not know where the entropy of what may follow (`Request.choices`, renormalised) is above
    `threshold` nats. Texts with one choice are never the large model's; without `choices` every
    token is one. Which model speaks depends on the text and its choices alone, not on what was asked
    before, so all laws of a `LanguageModel` hold and decoders find the same whatever their engine.
    "Entropy Adaptive Decoding" (EAD) takes the mean entropy of the last few tokens instead; the
    choices of a text's beginnings are not part of a request, so that cannot be had here.

    Both models need the same tokenizer, `UsageError` otherwise; they may give scores to different
    numbers of ids that no text has. `small_calls`, `large_calls` count the passes of each model,
    `small_texts`, `large_texts` the texts in them.
    """

    def __init__(self, small: LanguageModel, large: LanguageModel, threshold: float = 1.0) -> None:
        if not threshold >= 0:
            raise UsageError(f"an entropy is 0 or more, got threshold={threshold}")
        one, other = small.tokenizer, large.tokenizer
        if one.fingerprint != other.fingerprint or one.end_id != other.end_id:
            raise UsageError(
                f"both models need one tokenizer, got {one.fingerprint[:12]} (end {one.end_id}) and "
                f"{other.fingerprint[:12]} (end {other.end_id}); choose models of one family"
            )
        self.tokenizer: Tokenizer = max(one, other, key=lambda tokenizer: tokenizer.vocabulary_size)
        self.threshold = threshold
        self.small_calls = self.small_texts = 0
        self.large_calls = self.large_texts = 0
        self._small = small
        self._large = large

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text; see `LanguageModel.score`."""
        follows = self._small.score(requests)
        self.small_calls += 1
        self.small_texts += sum(len(request.texts) for request in requests)
        unsure = [self._unsure(request, said) for request, said in zip(requests, follows, strict=True)]
        asked = [
            Request(
                request.prompt,
                [request.texts[at] for at in places],
                None if request.choices is None else [request.choices[at] for at in places],
            )
            for request, places in zip(requests, unsure, strict=True)
            if places
        ]
        answers = iter(self._ask_large(asked))
        return [
            self._merged(said, places, next(answers) if places else None)
            for said, places in zip(follows, unsure, strict=True)
        ]

    def _unsure(self, request: Request, said: Distributions) -> list[int]:
        """The texts of a request after which there is too much choice."""
        every = np.arange(said.log_probabilities.shape[1], dtype=np.int32)
        choices: Sequence[NDArray[np.int32]] = request.choices or [every] * len(request.texts)
        return [
            at
            for at, allowed in enumerate(choices)
            if len(allowed) > 1 and entropy(said.of(at, allowed)) > self.threshold
        ]

    def _ask_large(self, requests: list[Request]) -> list[Distributions]:
        if not requests:
            return []
        self.large_calls += 1
        self.large_texts += sum(len(request.texts) for request in requests)
        return self._large.score(requests)

    def _merged(self, said: Distributions, places: list[int], other: Distributions | None) -> Distributions:
        size = self.tokenizer.vocabulary_size
        scored = said.log_probabilities.shape[1]
        if other is None and scored == size:
            return said
        merged = np.full((len(said), size), -math.inf, dtype=np.float32)
        merged[:, :scored] = said.log_probabilities
        if other is not None:
            merged[places] = -math.inf
            merged[places, : other.log_probabilities.shape[1]] = other.log_probabilities
        return Distributions(merged)
