"""Re-ranking of the first answers by a cross-encoder."""

from __future__ import annotations

from dataclasses import dataclass, replace

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.question_words import tied_groups
from kgqa.graph import IndexedGraph
from kgqa.lm import PathReading, Relevance

__all__ = ["EndRelevance"]


@dataclass(frozen=True, eq=False)
class EndRelevance:
    """Brings the answer that a cross-encoder finds most relevant to the front of those of like score.

    The best chain of each of the first `most` is read beside the question with its end alone: of a
    high school and a university that somebody went to, "which college" asks for one. What comes to the
    front leads the one that was there by at least `lead` nats; the others keep their order. Answers that
    chains from several topics meet in stay as they are: no single chain says why they are answers.
    """

    relevance: Relevance
    most: int = 4
    lead: float = 0.5

    def order(self, answer: Answer, graph: IndexedGraph) -> Answer:
        """The answer with the most relevant of its first entities in front."""
        peers = next(tied_groups(answer.entities[: self.most]))
        starts = {chain.start for ranked in peers for chain in ranked.chains}
        topics = {graph.label(start) or start for start in starts}
        if len(peers) < 2 or len(topics) > 1:
            return answer
        # always in the same order: a score's last digits may depend on what is read beside it
        read = sorted(peers, key=lambda ranked: ranked.entity)
        scores = self.relevance(answer.question, tuple(topics), [_reading(ranked, graph) for ranked in read])
        found = dict(zip((ranked.entity for ranked in read), scores.tolist(), strict=True))
        best = max(peers, key=lambda ranked: found[ranked.entity])
        if found[best.entity] - found[peers[0].entity] < self.lead:
            return answer
        others = [ranked for ranked in answer.entities if ranked is not best]
        return replace(answer, entities=(best, *others))


def _reading(ranked: RankedEntity, graph: IndexedGraph) -> PathReading:
    name = graph.label(ranked.entity) or ""
    return PathReading(graph.labelled_steps(ranked.chains[0]), (name,))
