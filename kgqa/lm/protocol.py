"""Who speaks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import RelationStep
from kgqa.lm.request import Distributions, Request

__all__ = ["Embed", "Embeds", "LanguageModel", "PathReading", "Relevance", "Reranks", "Tokenizer"]


Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Turns texts into vectors. *Shape:* (texts, dimensions)."""


class Tokenizer(Protocol):
    """The tokenizer of a language model, as constraints and decoders see it.

    Satisfies `kgqa.constraint.Tokenizer`.
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


class LanguageModel(Protocol):
    """Gives texts their probabilities.

    `kgqa.lm.testing.check_language_model` holds the laws: what follows a text is a distribution, and
    does not depend on what is scored beside it, before it, or in the same pass.
    """

    @property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer whose ids `score` takes."""
        ...

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """One pass: for each request, what follows each of its texts.

        What was computed for a prompt and its texts is kept, so that longer texts of the same
        prompt cost only what is new; nothing depends on whether it was. Each prompt comes once.
        Raises `ModelError` when the model gives no numbers or a text does not fit, and its
        subclass `OutOfMemoryError` when fewer or smaller requests might fit.
        """
        ...


@runtime_checkable
class Embeds(Protocol):
    """A language model that also knows what short texts mean."""

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """One vector of length 1 a text, so that a dot product is the cosine. *Shape:* (texts, size)."""
        ...


class PathReading(NamedTuple):
    """A relation path as it is read beside a question, with names of entities that it ends at."""

    steps: tuple[RelationStep, ...]
    ends: tuple[str, ...] = ()


Relevance = Callable[[str, Sequence[str], Sequence[PathReading]], NDArray[np.float32]]
"""Takes a question, its topics' names and paths; gives scores of how well each path answers it.

*Shape:* (paths,), in nats up to a constant.
"""


@runtime_checkable
class Reranks(Protocol):
    """A language model that also reads a question and a path side by side (a cross-encoder)."""

    @property
    def relevance(self) -> Relevance | None:
        """How well paths answer a question; `None` where the model came without its reranker."""
        ...
