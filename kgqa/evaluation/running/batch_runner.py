"""Answers batches of questions; every question gets a record, also if it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from kgqa.datasets import Question
from kgqa.errors import (
    CacheError,
    ChatEndpointError,
    DataError,
    EndpointDownError,
    SpentError,
    StatementError,
)
from kgqa.evaluation.record import Record
from kgqa.evaluation.running.named_graphs import NamedGraphs
from kgqa.evaluation.running.recording import record_of
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.pipeline import Answers, Outcome, Query

__all__ = ["ENDS_RUN", "BatchRunner"]

ENDS_RUN = (CacheError, ChatEndpointError, EndpointDownError, SpentError)
"""Errors that every further question would meet too: they end a run, which can be resumed."""


@dataclass(frozen=True)
class BatchRunner:
    """Asks an answerer and makes records of the outcomes.

    The topics of a question are those that its set names; with `link`, or where it names none, the linker
    finds them. A question with a graph of its own is asked of the answerer over that graph, and so is one
    that names one of `graphs`; the last of these stays open.
    """

    answerer: Answers
    link: bool = False
    graphs: NamedGraphs | None = None
    _open: dict[str, Answers] = field(default_factory=dict, init=False, repr=False, compare=False)

    def records(self, questions: Sequence[Question]) -> Iterator[Record]:
        """The records of questions that are decoded together; one by one after an unforeseen exception.

        Such questions are about the same graph. `MemoryError`, `ENDS_RUN` and what is no `Exception` are
        raised; records of questions that were answered before such an error come first.
        """
        if len(questions) > 1:
            try:
                answerer = self.over(questions[0])
                outcomes = list(answerer.run(map(self.query, questions), len(questions)))
            except (MemoryError, *ENDS_RUN):
                raise
            except Exception:  # a defect in one question must not take the others' records
                outcomes = []
            if outcomes:
                yield from self._recorded(questions, outcomes, answerer.graph)
                return
        yield from map(self._alone, questions)

    def over(self, question: Question) -> Answers:
        """The answerer over the question's own graph, the graph that it names, or the shared one.

        Raises `DataError` for a question's graph that cannot be built.
        """
        name = question.graph_name
        if question.graph is not None:
            return self.answerer.over(_own_graph(question))
        if self.graphs is None or name is None:
            return self.answerer
        if name not in self._open:
            answerer = self.answerer.over(self.graphs.open(name))
            self._open.clear()
            self._open[name] = answerer
        return self._open[name]

    def query(self, question: Question) -> Query:
        """The query of a question; its topics by identifier where its set has them."""
        topics = question.topic_ids or question.topic_entities
        return Query(question.question, () if self.link else topics)

    def _recorded(
        self, questions: Sequence[Question], outcomes: Sequence[Outcome], graph: IndexedGraph
    ) -> Iterator[Record]:
        ends = None
        for question, outcome in zip(questions, outcomes, strict=True):
            if isinstance(outcome.answer, ENDS_RUN):
                ends = ends or outcome.answer
            else:
                yield record_of(outcome, question, graph if outcome.graph is None else outcome.graph)
        if ends:
            raise ends

    def _alone(self, question: Question) -> Record:
        graph, building = self.answerer.graph, 0.0
        try:
            began = time.perf_counter()
            answerer = self.over(question)
            building = 0.0 if question.graph is None else time.perf_counter() - began
            graph = answerer.graph
            (outcome,) = answerer.run([self.query(question)], 1)
            if isinstance(outcome.answer, ENDS_RUN):
                raise outcome.answer
        except (MemoryError, *ENDS_RUN):
            raise
        except Exception as error:
            outcome = Outcome(question.question, error, tuple(self.query(question).topics))
        timings = replace(outcome.timings, graph=outcome.timings.graph + building)
        graph = graph if outcome.graph is None else outcome.graph
        return record_of(replace(outcome, timings=timings), question, graph)


def _own_graph(question: Question) -> IndexedGraph:
    try:
        return GraphBuilder.of(question.graph or ())
    except StatementError as error:
        raise DataError(f"the question's own graph cannot be built: {error}") from error
