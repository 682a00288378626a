"""The interfaces of what ranks hypotheses and of what turns them into an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kgqa.answer.answer import Answer
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph

__all__ = ["Aggregator", "PathRanker"]


class Aggregator(Protocol):
    """Turns the hypotheses of a question into an answer; no hypotheses give the empty answer.

    It must be safe to call from several threads. Its order of the entities is final. Three optional
    attributes, read with a default where they are missing: `concurrency` (default 1), the number of questions
    that may be aggregated at a time, above 1 for an aggregator that waits for replies; `keeps_ranking`
    (default False), whether its first answer is that of the best-ranked hypotheses, so that a `Calibration`
    of that ranking holds for it; and `votes_on` (default ""), "chains" or "programs" for a vote, which with
    the grammar "auto" leaves the other kind of hypotheses to the default vote.
    """

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis], graph: IndexedGraph, /) -> Answer:
        """The answer that these hypotheses (best first) over this graph support."""
        ...


class PathRanker(Protocol):
    """Scores the hypotheses of a question again."""

    def prepare(self, question: str, topics: Sequence[str], /) -> None:
        """Announce a question that `rank` will be called for, so that work is batched."""
        ...

    def rank(
        self, question: str, topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph, /
    ) -> list[Hypothesis]:
        """The hypotheses with new scores, best first. `topics` are names."""
        ...
