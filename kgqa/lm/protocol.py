"""The protocols of language models, encoders and rerankers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Tokenizer
from kgqa.graph import RelationStep
from kgqa.lm.request import Distributions, Request

__all__ = [
    "Embed",
    "Embeds",
    "LanguageModel",
    "ModelTokenizer",
    "PathReading",
    "ProgramReading",
    "ProgramRelevance",
    "RanksPrograms",
    "Relevance",
    "Reranks",
    "ScoresChoices",
]


Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Gives texts their vectors, of length 1 each: a dot product is the cosine. *Shape:* (texts, dimensions)."""


class ModelTokenizer(Tokenizer, Protocol):
    """A `Tokenizer` that belongs to a language model."""

    @property
    def vocabulary_size(self) -> int:
        """The number of scores that the model gives: one for each token id below this."""
        ...

    @property
    def end_id(self) -> int:
        """The token that ends a text: `</PATH>` where the model has it, else end of sequence."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of token ids, for people to read."""
        ...


class LanguageModel(Protocol):
    """Gives the next-token distribution after a prompt and a text.

    `kgqa.lm.testing.check_language_model` checks an implementation: each result is a distribution, and it
    does not depend on other texts, on other requests, or on what was scored before.
    """

    @property
    def tokenizer(self) -> ModelTokenizer:
        """The tokenizer whose ids `score` takes."""
        ...

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """For each request, the next-token distribution after each of its texts; one pass for all.

        Prompts and texts are cached, so that longer texts of the same prompt cost only their new tokens;
        results do not depend on the cache. The prompts of the requests differ. Raises `ModelError` for
        NaN and for a text that does not fit, and its subclass `OutOfMemoryError` where fewer or smaller
        requests might fit.
        """
        ...


@runtime_checkable
class Embeds(Protocol):
    """A language model that also gives sentence embeddings."""

    def embed(self, texts: Sequence[str], /) -> NDArray[np.float32]:
        """One vector of length 1 for each text. *Shape:* (texts, size)."""
        ...


class PathReading(NamedTuple):
    """A relation path with the names of some of its end entities, as a reranker reads it."""

    steps: tuple[RelationStep, ...]
    ends: tuple[str, ...] = ()


Relevance = Callable[[str, Sequence[str], Sequence[PathReading]], NDArray[np.float32]]
"""Scores how well each path answers a question, given the question and the names of its topics.

*Shape:* (paths,), in nats up to a constant.
"""


class ProgramReading(NamedTuple):
    """A program with what it denotes, as a reranker reads it: its text, and a summary of its result."""

    text: str
    result: str = ""


ProgramRelevance = Callable[[str, Sequence[ProgramReading]], NDArray[np.float32]]
"""Scores how well each program answers a question. *Shape:* (programs,), in nats up to a constant."""


@runtime_checkable
class RanksPrograms(Protocol):
    """A language model with a reranker for programs."""

    @property
    def program_relevance(self) -> ProgramRelevance | None:
        """Scores how well programs answer a question; `None` where the model has no such reranker."""
        ...


@runtime_checkable
class Reranks(Protocol):
    """A language model with a reranker (a cross-encoder that reads a question together with a path)."""

    @property
    def relevance(self) -> Relevance | None:
        """Scores how well paths answer a question; `None` where the model has no reranker."""
        ...


@runtime_checkable
class ScoresChoices(Protocol):
    """A language model that spares the tokens that the constraint forbids."""

    def score_choices(
        self, requests: Sequence[Request], choices: Sequence[Sequence[NDArray[np.int32]]], /
    ) -> list[list[NDArray[np.float64]]]:
        """For each text of each request, the log-probabilities of some tokens, renormalised over them.

        `choices` has these tokens, at least one for each text. Otherwise as `LanguageModel.score`.
        """
        ...
