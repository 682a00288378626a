"""The input and output of a language model's scoring pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import GrammarName
from kgqa.errors import ModelError, check_names

__all__ = ["Distributions", "Prompt", "PromptForm", "Request", "Text", "renormalised", "restore_empty"]

Text = tuple[int, ...]
"""A continuation of a prompt as token ids; the empty text is the prompt itself."""

PromptForm = Literal["kgqa", "gcr", "rog", "dog"]
"""How a question is put. kgqa: an instruction for the grammar; gcr: as GCR's checkpoints know it, always with
a question mark; rog: RoG's instruction for relation plans; dog: with the facts around it, and an example."""


@dataclass(frozen=True)
class Prompt:
    """A question with the names of its topic entities; each model puts it into its own prompt format.

    `facts` of the graph are in the prompt of the form "dog", each in one line.
    """

    question: str
    topics: tuple[str, ...]
    grammar: GrammarName = "path"
    form: PromptForm = "kgqa"
    facts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_names(self.topics, "topics")
        check_names(self.facts, "facts")


@dataclass(frozen=True, eq=False)
class Request:
    """Texts that continue one prompt, to be scored in the same pass.

    A shared prefix is computed once, so a whole token tree is scored by listing its nodes. `choices`,
    where given, has for each text the token ids that the constraint allows next: a cascade uses them to
    choose the model, but distributions are always over the whole vocabulary.
    """

    prompt: Prompt
    texts: Sequence[Text]
    choices: Sequence[NDArray[np.int32]] | None = None


@dataclass(frozen=True, eq=False)
class Distributions:
    """The next-token distribution after each text of a request, without any constraint.

    `log_probabilities` (natural logarithms) has a row for each text. *Shape:* float32 (texts,
    vocabulary_size).
    """

    log_probabilities: NDArray[np.float32]

    @classmethod
    def empty(cls, size: int) -> Self:
        """The distributions of no text over a vocabulary of `size` tokens."""
        return cls(np.empty((0, size), dtype=np.float32))

    def __len__(self) -> int:
        return len(self.log_probabilities)

    def __getitem__(self, text: int) -> NDArray[np.float32]:
        """The log-probabilities of all tokens after one text. *Shape:* (vocabulary_size,)."""
        row: NDArray[np.float32] = self.log_probabilities[text]
        return row

    def of(self, text: int, tokens: NDArray[np.int32]) -> NDArray[np.float64]:
        """The log-probabilities of some tokens after one text; see `of_each`. *Shape:* (tokens,)."""
        return self._found(text, tokens)

    def of_each(self, tokens: Sequence[NDArray[np.int32]]) -> list[NDArray[np.float64]]:
        """The log-probabilities, for each text, of some tokens after it. *Shape:* (tokens,) for each text.

        Raises `ModelError` for a token beyond the vocabulary and for NaN.
        """
        if not tokens:
            return []
        counts = [len(some) for some in tokens]
        found = self._found(np.repeat(np.arange(len(tokens)), counts), np.concatenate(tokens))
        ends = np.cumsum(counts).tolist()
        return [found[end - count : end] for end, count in zip(ends, counts, strict=True)]

    def _found(self, texts: int | NDArray[np.int64], tokens: NDArray[np.int32]) -> NDArray[np.float64]:
        size = self.log_probabilities.shape[1]
        if len(tokens) and int(tokens.max()) >= size:
            raise ModelError(
                f"the model scores {size} tokens, token {int(tokens.max())} is needed; "
                "use the tokenizer that belongs to the model"
            )
        found: NDArray[np.float64] = self.log_probabilities[texts, tokens].astype(np.float64)
        if np.isnan(found).any():
            raise ModelError("the model's scores are not numbers (NaN); are its weights damaged?")
        return found


def renormalised(scores: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
    """Log-probabilities of some tokens after each of several texts, made to sum to 1 after each.

    Where all are impossible, they stay so.

    >>> [found.tolist() for found in renormalised([np.log([0.2, 0.2]), np.log([0.1])])]
    [[-0.6931471805599453, -0.6931471805599453], [0.0]]
    """
    if not scores:
        return []
    counts = np.array([len(some) for some in scores])
    every, starts = np.concatenate(scores), np.concatenate([[0], np.cumsum(counts)[:-1]])
    most = np.maximum.reduceat(every, starts)
    most = np.where(np.isneginf(most), 0.0, most)
    every = every - np.repeat(most, counts)
    with np.errstate(divide="ignore"):
        masses = np.log(np.add.reduceat(np.exp(every), starts))
    every -= np.repeat(np.where(np.isneginf(masses), 0.0, masses), counts)
    return np.split(every, np.cumsum(counts)[:-1])


def restore_empty(
    requests: Sequence[Request], found: Iterable[Distributions], size: int
) -> list[Distributions]:
    """One result a request: `found` has those of requests with texts, the others get an empty one.

    `size` is the size of the vocabulary.
    """
    results = iter(found)
    return [next(results) if request.texts else Distributions.empty(size) for request in requests]
