"""The order in which relation paths are believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from kgqa.decode import Hypothesis

__all__ = ["PathJudge", "PathRanking"]


class PathJudge(Protocol):
    """Adds to the scores of hypotheses what it thinks of them."""

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis]
    ) -> Sequence[Hypothesis]:
        """The hypotheses with their new scores. `topics` are names."""
        ...


@dataclass(frozen=True)
class PathRanking:
    """Has those hypotheses judged that the model does not rule out itself.

    Ruled out is what the model finds `reach` nats less likely than its best: no judge could bring it to the
    front, and questions about which the model is sure, most of MetaQA's, cost no judging. Such a hypothesis
    gains as much as the one that gained least. What the judges say is not independent of what the model
    says, so all scores are then multiplied by `trust`.
    """

    judges: Sequence[PathJudge]
    reach: float = 10.0
    trust: float = 0.5

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis]
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first. `topics` are names."""
        floor = max((hypothesis.score for hypothesis in hypotheses), default=0.0) - self.reach
        near = [hypothesis for hypothesis in hypotheses if hypothesis.score >= floor]
        if len(near) < 2:
            return list(hypotheses)
        before = {hypothesis.tokens: hypothesis.score for hypothesis in near}
        judged: Sequence[Hypothesis] = near
        for judge in self.judges:
            judged = judge.rank(question, topics, judged)
        least = min(hypothesis.score - before[hypothesis.tokens] for hypothesis in judged)
        far = [replace(h, score=h.score + least) for h in hypotheses if h.score < floor]
        ranked = [replace(h, score=h.score * self.trust) for h in (*judged, *far)]
        return sorted(ranked, key=lambda hypothesis: hypothesis.rank)
