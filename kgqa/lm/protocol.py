"""Who speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgqa.lm.prompt import Prompt

__all__ = ["LanguageModel", "Scores", "Tokenizer"]


class Tokenizer(Protocol):
    """The tokenizer of a language model, as constraints and decoders see it.

    Satisfies `kgqa.constraint.SegmentTokenizer`.
    """

    @property
    def leading_space(self) -> bool:
        """Whether a chain's text starts with a boundary space."""
        ...

    @property
    def fingerprint(self) -> str:
        """The same for two tokenizers exactly if they give the same ids for every text."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """The number of scores that the model gives: one for each token id below this."""
        ...

    @property
    def end_id(self) -> int:
        """The token that ends a text: `</PATH>` where the model has it, else end of sequence."""
        ...

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        """The token ids of each segment, never a special token."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of token ids, for people to read."""
        ...


@dataclass(frozen=True, eq=False)
class Scores:
    """Log-probabilities (natural logarithm) of one continuation of a prompt.

    `tokens` is float32 of shape (length of the continuation,): each token's log-probability given
    everything before it. `following` is float32 of shape (vocabulary_size,): those of every
    possible next token. All are raw: normalised over the whole vocabulary, no constraint applied.
    """

    tokens: NDArray[np.float32]
    following: NDArray[np.float32]


class LanguageModel(Protocol):
    """Gives texts their probabilities.

    `kgqa.lm.testing.check_language_model` holds the laws: `following` is a distribution, the score
    of a continuation does not depend on what is scored beside it, and the chain rule holds.
    """

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer whose ids `score` takes."""
        ...

    def score(self, prompt: Prompt, continuations: Sequence[Sequence[int]]) -> list[Scores]:
        """Score texts that continue the prompt; an empty continuation is the prompt itself.

        What was computed for the prompt is kept, so that the next call with the same prompt is
        cheap. Raises `ModelError` when the model gives no numbers or the text does not fit.
        """
        ...
