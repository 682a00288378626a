"""The vote of a graph's chains, and what the graph itself has to say to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from kgqa.answer.answer import Answer
from kgqa.answer.end_relevance import EndRelevance
from kgqa.answer.meeting import Meeting
from kgqa.answer.question_words import QuestionWords
from kgqa.answer.vote import Vote
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph
from kgqa.lm import Relevance

__all__ = ["Election"]


@dataclass(frozen=True, eq=False)
class Election:
    """An `Aggregator`: the vote, then the entities where chains from several topics meet, in good order.

    Where chains from every topic of a question meet, the answers are there (`Meeting`), whatever the
    `vote` finds; those that are equally likely are put in the order of `QuestionWords`. Where a model can
    tell the `relevance` of a chain, `EndRelevance` may bring another of the first ones to the front.
    """

    graph: IndexedGraph
    vote: Vote = field(default_factory=Vote)
    relevance: Relevance | None = None

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis]) -> Answer:
        """The entities elected, best first."""
        answer = self.vote.aggregate(question, hypotheses)
        topics = dict.fromkeys(topic for h in hypotheses for topic in h.constraint.topics)
        ordered = self._words.order(Meeting(self.graph).prefer(answer, tuple(topics), hypotheses))
        return EndRelevance(self.graph, self.relevance).order(ordered) if self.relevance else ordered

    def over(self, graph: IndexedGraph) -> Self:
        """The same election over another graph."""
        return replace(self, graph=graph)

    def reading(self, relevance: Relevance) -> Self:
        """The same election with a model that reads chains."""
        return replace(self, relevance=relevance)

    @cached_property
    def _words(self) -> QuestionWords:
        return QuestionWords(self.graph)
