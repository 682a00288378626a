"""Answers batches of questions; every question gets a record, also if it fails."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kgqa.datasets import Question
from kgqa.errors import CacheError, ChatEndpointError, DataError, SpentError, StatementError
from kgqa.evaluation.record import Record
from kgqa.evaluation.running.recording import record_of
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.pipeline import Answers, Outcome, Query

__all__ = ["ENDS_RUN", "BatchRunner"]

ENDS_RUN = (CacheError, ChatEndpointError, SpentError)
"""Errors that every further question would meet too: they end a run, which can be resumed."""


@dataclass(frozen=True)
class BatchRunner:
    """Asks an answerer and makes records of the outcomes.

    The topics of a question are those that its set names; with `link`, or where it names none, the linker
    finds them. A question with a graph of its own is asked of the answerer over that graph.
    """

    answerer: Answers
    link: bool = False

    def records(self, questions: Sequence[Question]) -> Iterator[Record]:
        """The records of questions that are decoded together; one by one after an unforeseen exception.

        `MemoryError`, `ENDS_RUN` and what is no `Exception` are raised; records of questions that were
        answered before such an error come first.
        """
        if len(questions) > 1:
            try:
                outcomes = list(self.answerer.run(map(self.query, questions), len(questions)))
            except (MemoryError, *ENDS_RUN):
                raise
            except Exception:  # a defect in one question must not take the others' records
                outcomes = []
            if outcomes:
                yield from self._recorded(questions, outcomes)
                return
        yield from map(self._alone, questions)

    def query(self, question: Question) -> Query:
        """The query of a question."""
        return Query(question.question, () if self.link else question.topic_entities)

    def _recorded(self, questions: Sequence[Question], outcomes: Sequence[Outcome]) -> Iterator[Record]:
        ends = None
        for question, outcome in zip(questions, outcomes, strict=True):
            if isinstance(outcome.answer, ENDS_RUN):
                ends = ends or outcome.answer
            else:
                yield record_of(outcome, question, self.answerer.graph)
        if ends:
            raise ends

    def _alone(self, question: Question) -> Record:
        graph, building = self.answerer.graph, 0.0
        try:
            answerer = self.answerer
            if question.graph is not None:
                began = time.perf_counter()
                graph = _own_graph(question)
                answerer = answerer.over(graph)
                building = time.perf_counter() - began
            (outcome,) = answerer.run([self.query(question)], 1)
            if isinstance(outcome.answer, ENDS_RUN):
                raise outcome.answer
        except (MemoryError, *ENDS_RUN):
            raise
        except Exception as error:
            outcome = Outcome(question.question, error, tuple(self.query(question).topics))
        outcome = replace(outcome, timings=replace(outcome.timings, graph=building))
        return record_of(outcome, question, graph)


def _own_graph(question: Question) -> IndexedGraph:
    try:
        return GraphBuilder.of(question.graph or ())
    except StatementError as error:
        raise DataError(f"the question's own graph cannot be built: {error}") from error
