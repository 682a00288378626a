"""Ranking of relation paths by the direction that a question asks in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.answer.direction.asked_side import asked_side
from kgqa.answer.direction.relation_sides import relation_sides
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph

__all__ = ["PathDirection"]


@dataclass(frozen=True)
class PathDirection:
    """Divides the weight of a relation between its two directions by the grammar of the question.

    Where a relation leads from a topic both ways ("subsidiary of"), a model that knows the relation may
    still take the wrong way. The words of the question and of the relation say which is asked: "what
    replaced it?" over "replaces" goes against the facts. If both paths of one step were found and the grammar
    speaks, their common weight (exp of the scores) is kept, and the log-odds of the way along the facts are
    `own` times the difference of their scores, plus or minus `nats`. All other hypotheses keep their scores.
    """

    nats: float = 3.0
    own: float = 0.25

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first."""
        ways: dict[tuple[str, str], dict[bool, int]] = {}
        for number, hypothesis in enumerate(hypotheses):
            if len(hypothesis.chain.hops) == 1:
                (hop,) = hypothesis.chain.hops
                ways.setdefault((hypothesis.chain.start, hop.relation), {})[hop.inverse] = number
        found = list(hypotheses)
        for (start, relation), by_way in ways.items():
            if len(by_way) < 2:
                continue
            sides = relation_sides(graph.relation_label(relation))
            along = asked_side(question, graph.label(start) or "", sides) if sides else None
            if along is None:
                continue
            first, second = found[by_way[False]], found[by_way[True]]
            odds = self.own * (first.score - second.score) + (self.nats if along else -self.nats)
            both = _log_sum(first.score, second.score)
            found[by_way[False]] = first.rescored(both - _log_sum(0.0, -odds))
            found[by_way[True]] = second.rescored(both - _log_sum(0.0, odds))
        return sorted(found, key=lambda hypothesis: hypothesis.rank)


def _log_sum(first: float, second: float) -> float:
    best = max(first, second)
    return best + math.log1p(math.exp(min(first, second) - best)) if math.isfinite(best) else best
