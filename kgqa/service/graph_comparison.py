"""What differs between two graphs that are held open, and which answers that changes."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from kgqa.datasets import Question
from kgqa.diff import AnswerDiff, GraphDiff
from kgqa.pipeline import Query
from kgqa.service.hosted_graph import HostedGraph

__all__ = ["GraphComparison"]


@dataclass(frozen=True, eq=False)
class GraphComparison:
    """Compares two graphs that are held open, as `kgqa diff` does.

    What is compared waits in the queues of the new graph. Raises `UsageError` for an endpoint's graph, and
    `BusyError` where too many wait.
    """

    old: HostedGraph
    new: HostedGraph

    def graphs(self) -> Future[GraphDiff]:
        """The facts and names that differ."""
        sides, names = (self.old.graph, self.new.graph), (self.old.name, self.new.name)
        return self.new.checks.run(lambda: GraphDiff.of(*sides, names))

    def answers(self, graphs: GraphDiff, queries: Sequence[Query]) -> Future[AnswerDiff]:
        """The questions of which answers changed; their ids are their places, from 1."""
        sides = self.old.answerer, self.new.answerer
        questions = [Question(str(at), one.question, tuple(one.topics)) for at, one in enumerate(queries, 1)]
        return self.new.queue.run(lambda: AnswerDiff.of(*sides, questions, graphs=graphs))
