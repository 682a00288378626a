"""A cascade: a small model that defers to a large one where it is uncertain."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import UsageError
from kgqa.lm.entropy import entropy
from kgqa.lm.protocol import LanguageModel, ModelTokenizer
from kgqa.lm.request import Distributions, Request

__all__ = ["CascadeLanguageModel"]


class CascadeLanguageModel:
    """Gives the distributions of `small`, and those of `large` after texts where `small` is uncertain.

    It is uncertain where the entropy of the allowed next tokens (`Request.choices`, renormalised;
    without `choices` all tokens) is above `threshold` nats. A text with a single allowed token is
    never deferred. The choice depends on the text and its choices alone, not on earlier requests, so
    the laws of a `LanguageModel` hold and the results do not depend on how a decoder batches. "Entropy
    Adaptive Decoding" (EAD) uses the mean entropy of the last few tokens instead, which is not
    possible here: a request does not contain the choices at earlier tokens.

    Both models need the same tokenizer, `UsageError` otherwise; their vocabularies may be padded to
    different sizes. `small_calls` and `large_calls` count the passes of each model, `small_texts` and
    `large_texts` the texts in them.
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
        self.tokenizer: ModelTokenizer = max(one, other, key=lambda tokenizer: tokenizer.vocabulary_size)
        self.threshold = threshold
        self.small_calls = self.small_texts = 0
        self.large_calls = self.large_texts = 0
        self._small = small
        self._large = large

    @property
    def fingerprint(self) -> str:
        """That of both models and the threshold."""
        parts = (getattr(model, "fingerprint", "?") for model in (self._small, self._large))
        return f"{' '.join(parts)} {self.threshold}"

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """See `LanguageModel.score`."""
        follows = self._small.score(requests)
        self.small_calls += 1
        self.small_texts += sum(len(request.texts) for request in requests)
        deferred = [self._deferred(request, found) for request, found in zip(requests, follows, strict=True)]
        asked = [
            Request(
                request.prompt,
                [request.texts[at] for at in places],
                None if request.choices is None else [request.choices[at] for at in places],
            )
            for request, places in zip(requests, deferred, strict=True)
            if places
        ]
        answers = iter(self._ask_large(asked))
        return [
            self._merged(found, places, next(answers) if places else None)
            for found, places in zip(follows, deferred, strict=True)
        ]

    def _deferred(self, request: Request, found: Distributions) -> list[int]:
        """The indices of a request's texts that are deferred."""
        every = np.arange(found.log_probabilities.shape[1], dtype=np.int32)
        choices: Sequence[NDArray[np.int32]] = request.choices or [every] * len(request.texts)
        return [
            at
            for at, allowed in enumerate(choices)
            if len(allowed) > 1 and entropy(found.of(at, allowed)) > self.threshold
        ]

    def _ask_large(self, requests: list[Request]) -> list[Distributions]:
        if not requests:
            return []
        self.large_calls += 1
        self.large_texts += sum(len(request.texts) for request in requests)
        return self._large.score(requests)

    def _merged(self, found: Distributions, places: list[int], other: Distributions | None) -> Distributions:
        size = self.tokenizer.vocabulary_size
        scored = found.log_probabilities.shape[1]
        if other is None and scored == size:
            return found
        merged = np.full((len(found), size), -math.inf, dtype=np.float32)
        merged[:, :scored] = found.log_probabilities
        if other is not None:
            merged[places] = -math.inf
            merged[places, : other.log_probabilities.shape[1]] = other.log_probabilities
        return Distributions(merged)
