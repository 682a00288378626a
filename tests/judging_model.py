"""A language model with all that rankers ask for, drawn from hashes of what it is given."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.lm import MockLanguageModel, PathReading, ProgramReading

__all__ = ["JudgingModel"]


class JudgingModel(MockLanguageModel):
    """A `MockLanguageModel` that also embeds texts and judges paths and programs; `judged` counts that."""

    def __init__(self, seed: int = 0) -> None:
        super().__init__(seed)
        self.judged = 0

    @property
    def asked(self) -> int:
        """How often it was asked for anything."""
        return self.calls + self.judged

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A vector of length 1 for each text."""
        self.judged += 1
        vectors = np.array([_drawn((self.seed, text), 8) for text in texts], dtype=np.float32).reshape(-1, 8)
        found: NDArray[np.float32] = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return found

    def relevance(
        self, question: str, topics: Sequence[str], paths: Sequence[PathReading]
    ) -> NDArray[np.float32]:
        """A score for each path."""
        self.judged += 1
        return np.array([_drawn((self.seed, question, *topics, path), 1)[0] for path in paths], np.float32)

    def program_relevance(self, question: str, programs: Sequence[ProgramReading]) -> NDArray[np.float32]:
        """A score for each program."""
        self.judged += 1
        return np.array([_drawn((self.seed, question, one), 1)[0] for one in programs], np.float32)


def _drawn(key: object, size: int) -> NDArray[np.float64]:
    digest = hashlib.blake2b(repr(key).encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return np.random.default_rng(int.from_bytes(digest, "little")).standard_normal(size)
