"""The vote of the hypotheses, refined by what the graph says about the entities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from kgqa.answer.answer import Answer
from kgqa.answer.end_relevance import EndRelevance
from kgqa.answer.question_words import QuestionWords
from kgqa.answer.topic_intersection import TopicIntersection
from kgqa.answer.vote import Vote
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph
from kgqa.lm import Relevance

__all__ = ["GraphVote"]


@dataclass(frozen=True, eq=False)
class GraphVote:
    """An `Aggregator`: a `Vote`, then three refinements that look at the graph. The default of an `Answerer`.

    1. Where chains from every topic of a question reach common entities, these are the answers
       (`TopicIntersection`), whatever the vote chose.
    2. Entities of nearly equal vote share are ordered by the words they have in common with the question
       (`QuestionWords`).
    3. With a cross-encoder (`relevance`), another of the first entities may come first (`EndRelevance`).
    """

    vote: Vote = field(default_factory=Vote)
    relevance: Relevance | None = None

    keeps_ranking: ClassVar[bool] = True
    votes_on: ClassVar[str] = "chains"

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis], graph: IndexedGraph) -> Answer:
        """The answers, best first."""
        answer = self.vote.aggregate(question, hypotheses, graph)
        topics = dict.fromkeys(topic for h in hypotheses for topic in h.constraint.topics)
        answer = TopicIntersection().prefer(answer, tuple(topics), hypotheses, graph)
        answer = QuestionWords().order(answer, graph)
        return EndRelevance(self.relevance).order(answer, graph) if self.relevance else answer
