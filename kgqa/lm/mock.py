"""A deterministic language model for tests, without weights and torch."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import ModelError
from kgqa.lm.byte_tokenizer import ByteTokenizer
from kgqa.lm.protocol import ModelTokenizer
from kgqa.lm.request import Distributions, Prompt, Request

__all__ = ["MockLanguageModel", "MockTokenizer"]


class MockTokenizer(ByteTokenizer):
    """A `ByteTokenizer` under a fingerprint of its own.

    >>> MockTokenizer().encode_batch([" Aé"])
    [(32, 65, 195, 169)]
    """

    def __init__(self, *, leading_space: bool = True) -> None:
        super().__init__(leading_space=leading_space)
        self.fingerprint = "mock-bytes"


class MockLanguageModel:
    """Draws every distribution from a seed, the prompt and the tokens before it.

    `preferences` maps texts to nats, which are added to the score of the token that continues the text,
    and of the end token where it is complete, before normalisation. `sharpness` is the standard
    deviation of the drawn scores: 0 makes all tokens equally likely. `calls` counts the calls of `score`,
    `scored` the texts in them.

    >>> model = MockLanguageModel(preferences={" Greek": 20.0})
    >>> follows, = model.score([Request(Prompt("Which language?", ("Kismet",)), [tuple(b" Gre")])])
    >>> chr(follows[0].argmax())
    'e'
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        preferences: Mapping[str, float] | None = None,
        sharpness: float = 1.0,
        tokenizer: ModelTokenizer | None = None,
    ) -> None:
        self.tokenizer: ModelTokenizer = MockTokenizer() if tokenizer is None else tokenizer
        self.seed = seed
        self.sharpness = sharpness
        self.calls = 0
        self.scored = 0
        self.preferences = dict(preferences or {})
        texts = sorted(self.preferences)
        encoded = self.tokenizer.encode_batch(texts)
        self._preferred = [
            ((*tokens, self.tokenizer.end_id), self.preferences[text])
            for text, tokens in zip(texts, encoded, strict=True)
        ]

    @property
    def fingerprint(self) -> str:
        """The same for two models that give the same probabilities."""
        parts = (self.seed, self.sharpness, sorted(self.preferences.items()), self.tokenizer.fingerprint)
        return hashlib.sha256(repr(parts).encode()).hexdigest()

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """See `LanguageModel.score`. Raises `ModelError` for a token out of range."""
        self.calls += 1
        self.scored += sum(len(request.texts) for request in requests)
        return [self._score_one(request) for request in requests]

    def _score_one(self, request: Request) -> Distributions:
        size = self.tokenizer.vocabulary_size
        for text in request.texts:
            for token in text:
                if not 0 <= token < size:
                    raise ModelError(f"token {token} is outside the vocabulary of {size} tokens")
        rows = [self._following(request.prompt, tuple(text)) for text in request.texts]
        return Distributions(np.array(rows, dtype=np.float32).reshape(len(rows), size))

    def _following(self, prompt: Prompt, prefix: tuple[int, ...]) -> NDArray[np.float32]:
        key = repr((self.seed, prompt.question, prompt.topics, prompt.grammar, prefix))
        digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        generator = np.random.Generator(np.random.PCG64(int.from_bytes(digest, "little")))
        scores = self.sharpness * generator.standard_normal(self.tokenizer.vocabulary_size)
        for tokens, nats in self._preferred:
            if len(tokens) > len(prefix) and tokens[: len(prefix)] == prefix:
                scores[tokens[len(prefix)]] += nats
        scores -= scores.max()
        following: NDArray[np.float32] = (scores - np.log(np.exp(scores).sum())).astype(np.float32)
        return following
