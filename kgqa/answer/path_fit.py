"""How well relation paths fit a question, by what their relations mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from kgqa.answer.text_vectors import TextVectors
from kgqa.answer.words import STOP_WORDS, akin, words
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, mention_of, relation_words
from kgqa.lm import Embed

__all__ = ["PathFit"]


@dataclass(frozen=True, eq=False)
class PathFit:
    """Adds to the score of a hypothesis how near the words of its relations are to the question.

    `embed` gives vectors of length 1. The score grows by `per_cosine` times the cosine of the question,
    its topics left out, and the relations' words, and by `per_word` for each word of the question that
    a relation has (both in nats). A model that writes well-known paths too readily, or knows a graph's
    relations by nothing but their words, is set right by it; docs/explanation/shipped-model.md says by
    how much.
    """

    graph: IndexedGraph
    embed: Embed
    per_cosine: float = 15.0
    per_word: float = 1.5

    @cached_property
    def _vectors(self) -> TextVectors:
        return TextVectors(self.embed)

    def expect(self, question: str, topics: Sequence[str]) -> None:
        """Say that a question is coming: questions that were said to come are embedded together."""
        self._vectors.expect(_without(question, topics))

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis]
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first. `topics` are names."""
        if len(hypotheses) < 2:
            return list(hypotheses)
        asked = _without(question, topics)
        content = set(words(asked)) - STOP_WORDS - set(words(*topics))
        paths = [self._relations(hypothesis) for hypothesis in hypotheses]
        own, *vectors = self._vectors.of([asked, *(", ".join(path) for path in paths)])
        found = []
        for hypothesis, path, vector in zip(hypotheses, paths, vectors, strict=True):
            said = words(*path)
            covered = sum(any(akin(word, other) for other in said) for word in content)
            cosine = round(float(own @ vector), 5)  # the rest is noise of the arithmetic
            gained = self.per_cosine * cosine + self.per_word * covered
            found.append(hypothesis.rescored(hypothesis.score + gained))
        return sorted(found, key=lambda hypothesis: hypothesis.rank)

    def _relations(self, hypothesis: Hypothesis) -> list[str]:
        return [relation_words(step.relation)[0] for step in self.graph.labelled_steps(hypothesis.chain)]


def _without(question: str, topics: Sequence[str]) -> str:
    """The question with "it" in place of each topic that it names in full."""
    for topic in sorted(topics, key=len, reverse=True):
        question = mention_of(topic).sub("it", question)
    return question
