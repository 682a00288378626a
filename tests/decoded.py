"""Hypotheses of a mock model, for tests of what is done with them."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, Query

__all__ = ["decoded"]


def decoded(
    graph: IndexedGraph, question: str, topics: Sequence[str], *, hops: int = 1, grammar: str = "relations"
) -> list[Hypothesis]:
    """The ranked hypotheses of a question about topics."""
    answerer = Answerer(graph, MockLanguageModel(), grammar, hops)  # type: ignore[arg-type]
    (outcome,) = answerer.run([Query(question, topics)])
    outcome.unwrap()
    return list(outcome.hypotheses)
