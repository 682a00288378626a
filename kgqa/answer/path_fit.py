"""Ranking of relation paths by the meaning of their relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgqa.answer.words import STOP_WORDS, akin, words
from kgqa.cache_memory import cache_bytes
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, mention_of, relation_words
from kgqa.lm import Embed

__all__ = ["PathFit", "TextVectors"]


_EXPECTED = 64
CACHE_SHARE = 0.016
"""What the vectors may take, as a share of the memory of all caches."""
ENTRY_BYTES = 250
"""What an entry takes beside its vector."""


class TextVectors:
    """Vectors of texts, with a bounded cache; texts that were announced are embedded in the same pass.

    The oldest vectors go when the cache takes more than `max_bytes`.

    What a text means must not depend on what is embedded beside it, but for the last digits.
    """

    def __init__(self, embed: Embed, max_bytes: int | None = None) -> None:
        self._embed = embed
        self._max_bytes = cache_bytes(CACHE_SHARE) if max_bytes is None else max_bytes
        self._bytes = 0
        self._kept: dict[str, NDArray[np.float32]] = {}
        self._expected: list[str] = []

    def expect(self, text: str) -> None:
        """Announce a text whose vector will be needed; of too many, the last ones are kept."""
        self._expected = [*self._expected[1 - _EXPECTED :], text]

    def of(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """The vector of each text."""
        found = {text: self._kept[text] for text in texts if text in self._kept}
        if len(found) < len(set(texts)):
            expected, self._expected = self._expected, []
            expected = [text for text in expected if text not in self._kept]
            new = [text for text in dict.fromkeys((*texts, *expected)) if text not in found]
            found.update(zip(new, self._embed(new), strict=True))
            self._keep(found)
        return [found[text] for text in texts]

    def _keep(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        for text, vector in vectors.items():
            if text not in self._kept:
                self._kept[text] = vector.copy()  # a row of a batch would keep the whole batch
                self._bytes += vector.nbytes + ENTRY_BYTES
        while self._bytes > self._max_bytes and len(self._kept) > 1:
            oldest = next(iter(self._kept))
            self._bytes -= self._kept.pop(oldest).nbytes + ENTRY_BYTES


@dataclass(frozen=True, eq=False)
class PathFit:
    """Adds to the score of a hypothesis how near the words of its relations are to the question.

    `embed` gives vectors of length 1. The score grows by `per_cosine` times the cosine of the question,
    its topics left out, and the relations' words, and by `per_word` for each word of the question that
    a relation has (both in nats). A model that writes well-known paths too readily, or knows a graph's
    relations by nothing but their words, is set right by it; docs/explanation/shipped-model.md says by
    how much.
    """

    embed: Embed
    per_cosine: float = 15.0
    per_word: float = 1.5

    @cached_property
    def _vectors(self) -> TextVectors:
        return TextVectors(self.embed)

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Announce a question; announced questions are embedded in one batch."""
        self._vectors.expect(_without(question, topics))

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first. `topics` are names."""
        if len(hypotheses) < 2:
            return list(hypotheses)
        gains = self.gains(question, topics, hypotheses, graph)
        found = [h.rescored(h.score + gained) for h, gained in zip(hypotheses, gains, strict=True)]
        return sorted(found, key=lambda hypothesis: hypothesis.rank)

    def gains(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[float]:
        """What `rank` adds to the score of each hypothesis: about 8 nats for a relation that is asked for."""
        return self.fit(question, topics, [_relations(hypothesis, graph) for hypothesis in hypotheses])

    def similarity(self, question: str, other: str) -> float:
        """The cosine of two texts (-1 to 1), to five digits."""
        own, vector = self._vectors.of([question, other])
        return round(float(own @ vector), 5)

    def fit(self, question: str, topics: Sequence[str], paths: Sequence[Sequence[str]]) -> list[float]:
        """The same for paths that are given by the words of their relations."""
        asked = _without(question, topics)
        content = set(words(asked)) - STOP_WORDS - set(words(*topics))
        own, *vectors = self._vectors.of([asked, *(", ".join(path) for path in paths)])
        found = []
        for path, vector in zip(paths, vectors, strict=True):
            said = words(*path)
            covered = sum(any(akin(word, other) for other in said) for word in content)
            cosine = round(float(own @ vector), 5)  # the rest is noise of the arithmetic
            found.append(self.per_cosine * cosine + self.per_word * covered)
        return found


def _relations(hypothesis: Hypothesis, graph: IndexedGraph) -> list[str]:
    return [relation_words(step.relation)[0] for step in graph.labelled_steps(hypothesis.chain)]


def _without(question: str, topics: Sequence[str]) -> str:
    """The question with "it" in place of each topic that it names in full."""
    for topic in sorted(topics, key=len, reverse=True):
        question = mention_of(topic).sub("it", question)
    return question
