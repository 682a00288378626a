"""How well relation paths answer a question, read side by side with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph, RelationStep
from kgqa.lm import PathReading, Relevance

__all__ = ["PathRelevance"]

_ENDS_READ = 2


@dataclass(frozen=True, eq=False)
class PathRelevance:
    """Adds to the score of a hypothesis what a cross-encoder thinks of its path.

    The path is read together with the question and the names of its first two ends, so that "which
    state" may look for a state. The score grows by `weight` times the relevance (nats).
    docs/explanation/shipped-model.md says by how much that helps.
    """

    graph: IndexedGraph
    relevance: Relevance
    weight: float = 3.0

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis]
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first. `topics` are names."""
        if len(hypotheses) < 2:
            return list(hypotheses)
        # always in the same order: a score's last digits depend on what is read beside it
        ordered = sorted(hypotheses, key=lambda hypothesis: hypothesis.tokens)
        found = self.relevance(question, topics, [self._reading(hypothesis) for hypothesis in ordered])
        if found is None:
            return list(hypotheses)
        scored = [
            replace(hypothesis, score=hypothesis.score + self.weight * gained)
            for hypothesis, gained in zip(ordered, found.tolist(), strict=True)
        ]
        return sorted(scored, key=lambda hypothesis: hypothesis.rank)

    def _reading(self, hypothesis: Hypothesis) -> PathReading:
        hops = hypothesis.chain.hops
        steps = (RelationStep(self.graph.relation_label(hop.relation), hop.inverse) for hop in hops)
        ends = (self.graph.label(end) or "" for end in islice(hypothesis.ends, _ENDS_READ))
        return PathReading(tuple(steps), tuple(ends))
