"""Which of several answers a question asks for, read side by side with it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.peers import of_like_score
from kgqa.graph import IndexedGraph, RelationStep
from kgqa.lm import PathReading, Relevance

__all__ = ["EndRelevance"]


@dataclass(frozen=True, eq=False)
class EndRelevance:
    """Orders the first answers, where their scores are alike, by what a cross-encoder thinks of them.

    The best chain of each of the first `most` is read beside the question with its end alone: of a
    high school and a university that somebody went to, "which college" asks for one. What is not read
    stays behind them in its order.
    """

    graph: IndexedGraph
    relevance: Relevance
    most: int = 4

    def order(self, answer: Answer) -> Answer:
        """The answer with its first entities in order."""
        peers = next(of_like_score(answer.entities[: self.most]), [])
        if len(peers) < 2:
            return answer
        # always in the same order: a score's last digits depend on what is read beside it
        read = sorted(peers, key=lambda ranked: ranked.entity)
        topics = dict.fromkeys(self._name(chain.start) for ranked in peers for chain in ranked.chains)
        scores = self.relevance(answer.question, tuple(topics), [self._reading(ranked) for ranked in read])
        if scores is None:
            return answer
        found = dict(zip((ranked.entity for ranked in read), scores.tolist(), strict=True))
        ordered = sorted(peers, key=lambda ranked: -found[ranked.entity])
        return replace(answer, entities=(*ordered, *answer.entities[len(peers) :]))

    def _reading(self, ranked: RankedEntity) -> PathReading:
        hops = ranked.chains[0].hops
        steps = (RelationStep(self.graph.relation_label(hop.relation), hop.inverse) for hop in hops)
        return PathReading(tuple(steps), (self._name(ranked.entity),))

    def _name(self, entity: str) -> str:
        return self.graph.label(entity) or entity
