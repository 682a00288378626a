"""The options of one hop of an LLM's walk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import nsmallest

from kgqa.answer.quoted import quoted, quoted_entity
from kgqa.answer.words import STOP_WORDS, akin, words
from kgqa.constraint import Constraint, State, StepWalk
from kgqa.lm import Embed

__all__ = ["Menu", "Option"]


_EMBEDDED = 1_000
"""Options that are embedded; of more, those that share most words with the question."""


@dataclass(frozen=True)
class Option:
    """A token of a `StepWalk`, the text it is offered as, and its words."""

    token: int
    text: str
    words: str


@dataclass(frozen=True, eq=False)
class Menu:
    """The options at a state, those most similar to the question first.

    Similarity is the number of the question's words that an option has (or has a word with the same
    beginning), plus, with `embed` (unit vectors), `per_cosine` times the cosine of the two, as in `PathFit`.
    Ties are broken by the options' words. `walk` gives names to the tokens that the constraint, which may be
    narrower, allows.
    """

    walk: StepWalk
    constraint: Constraint
    embed: Embed | None = None
    per_cosine: float = 10.0

    def options(self, question: str, state: State, most: int) -> tuple[list[Option], int]:
        """The most similar options, at most `most`, and the number of all."""
        tokens = self.constraint.allowed(state).tolist()
        words_of = {token: self._words(token) for token in tokens}
        stems = [word[:4] for word in words(question) if word not in STOP_WORDS]
        similarity = {token: self._overlap(question, stems, words_of[token]) for token in tokens}
        if self.embed is not None and len(tokens) > 1:
            some = nsmallest(
                _EMBEDDED, tokens, key=lambda token: (-similarity[token], words_of[token], token)
            )
            own, *others = self.embed([question, *(words_of[token] for token in some)])
            for token, vector in zip(some, others, strict=True):
                similarity[token] += self.per_cosine * round(float(own @ vector), 5)
        best = nsmallest(most, tokens, key=lambda token: (-similarity[token], words_of[token], token))
        return [self._option(state, token, words_of[token]) for token in best], len(tokens)

    def _words(self, token: int) -> str:
        step = self.walk.step(token)
        return (self.walk.graph.label(self.walk.entity(token)) or "") if step is None else step[0]

    def _overlap(self, question: str, stems: Sequence[str], words_of: str) -> float:
        """The number of the question's words that an option has; a cheap test by stems comes first."""
        lowered = words_of.lower()
        if not any(stem in lowered for stem in stems):
            return 0.0
        own = words(words_of)
        asked = (word for word in words(question) if word not in STOP_WORDS)
        return float(sum(any(akin(word, other) for other in own) for word in asked))

    def _option(self, state: State, token: int, words_of: str) -> Option:
        step = self.walk.step(token)
        if step is None:
            return Option(token, quoted(words_of), words_of)
        arrow = f"<-{quoted(words_of)}-" if step[1] else f"-{quoted(words_of)}->"
        if state == self.constraint.start and len(self.walk.topics) > 1:
            arrow = f"{self._leaving(token)} {arrow}"
        return Option(token, arrow, words_of)

    def _leaving(self, step: int) -> str:
        """The topics that a first step leaves."""
        graph = self.walk.graph
        names = (quoted_entity(graph, topic) for topic in self.walk.topics if self.walk.takes(topic, step))
        return " / ".join(dict.fromkeys(names))
