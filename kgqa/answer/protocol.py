"""From chains to an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from kgqa.answer.answer import Answer
from kgqa.decode import Hypothesis
from kgqa.graph import IndexedGraph

__all__ = ["Aggregator", "OverGraph", "over_graph"]


class Aggregator(Protocol):
    """Turns hypotheses into an answer; nothing in gives the empty answer out.

    It may be asked from several threads at once. Its order of the entities is final.
    """

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis]) -> Answer:
        """The answer that these hypotheses, most probable first, support."""
        ...


@runtime_checkable
class OverGraph(Protocol):
    """What aggregates over a graph once it is told which; an `Answerer` tells it its own."""

    def over(self, graph: IndexedGraph, /) -> Aggregator:
        """The aggregator with the same settings over this graph."""
        ...


def over_graph(aggregator: Aggregator, graph: IndexedGraph) -> Aggregator:
    """The aggregator over this graph, where it depends on one."""
    return aggregator.over(graph) if isinstance(aggregator, OverGraph) else aggregator
