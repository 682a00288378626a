"""Ranking of relation paths by a cross-encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph
from kgqa.lm import PathReading, Relevance

__all__ = ["PathRelevance"]

_ENDS_READ = 2


@dataclass(frozen=True, eq=False)
class PathRelevance:
    """Takes from the score of a hypothesis what a cross-encoder finds its path worse than the best one.

    A path is read together with the question and the names of its first two ends, so that "which
    state" may look for a state. `weight` times the difference in relevance (nats) is taken off. What that
    says is not independent of what the scores said before, so all are then multiplied by `trust`.

    Not read is what is more than `reach` nats behind the best already, which little could bring to the
    front: it counts as much as the worst that was read. So most questions that are decided cost nothing.
    """

    relevance: Relevance
    weight: float = 3.0
    trust: float = 0.5
    reach: float = 10.0

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first. `topics` are names."""
        floor = max((hypothesis.score for hypothesis in hypotheses), default=0.0) - self.reach
        # always in the same order: a score's last digits may depend on what is read beside it
        ordered = sorted(hypotheses, key=lambda hypothesis: (hypothesis.score < floor, hypothesis.tokens))
        near = [hypothesis for hypothesis in ordered if hypothesis.score >= floor]
        worse = np.zeros(len(ordered))
        if len(near) > 1:
            found = self.relevance(question, topics, [_reading(hypothesis, graph) for hypothesis in near])
            worse[: len(near)] = found.max() - found
            worse[len(near) :] = worse.max()
        scored = [
            hypothesis.rescored(self.trust * (hypothesis.score - self.weight * nats))
            for hypothesis, nats in zip(ordered, worse.tolist(), strict=True)
        ]
        return sorted(scored, key=lambda hypothesis: hypothesis.rank)


def _reading(hypothesis: Hypothesis, graph: IndexedGraph) -> PathReading:
    ends = (graph.label(end) or "" for end in islice(hypothesis.ends, _ENDS_READ))
    return PathReading(graph.labelled_steps(hypothesis.chain), tuple(ends))
