"""Who is asked the questions of a run, and what comes back: one record each, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from kgqa.answer import Answer
from kgqa.datasets import Question
from kgqa.errors import (
    CacheError,
    ChatEndpointError,
    DataError,
    KgqaError,
    SpentError,
    StatementError,
    UsageError,
)
from kgqa.evaluation.outcome import Outcome
from kgqa.evaluation.record import Record, Timings
from kgqa.evaluation.stages import Caches, Stages
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.pipeline import Answerer

__all__ = ["Answering", "Asker", "WithGraph"]


class Answering(Protocol):
    """What a run asks: an `Answerer`, or whatever answers as one does."""

    @property
    def graph(self) -> IndexedGraph:
        """The graph that it answers from."""
        ...

    def link(self, question: str) -> Sequence[str]:
        """The topic entities (identifiers) that a question names. Raises `NoTopicError` for none."""
        ...

    def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
        """The answer to a question about these topics; see `Answerer.answer`."""
        ...

    def answers(
        self, asked: Iterable[tuple[str, Sequence[str]]], together: int
    ) -> Iterator[Answer | KgqaError]:
        """The answers to several questions or what `answer` would raise; see `Answerer.answers`."""
        ...


ENDS_RUN = (CacheError, ChatEndpointError, SpentError)
"""Errors that every further question would meet too: a run stops, and goes on when it is started again."""

WithGraph = Callable[[IndexedGraph], Answering]
"""Who answers from another graph."""


@dataclass(frozen=True)
class Asker:
    """Asks an answerer, an `Answerer` stage by stage and with `caches`.

    Topics are those of the question, or, with `link` or where it has none, what is found in its text.
    A question with a graph of its own is asked of what `with_graph` makes of that (by default the same
    `Answerer`). `facts` (JSON values) are what the records depend on and only who answers can tell.
    """

    answerer: Answering
    with_graph: WithGraph | None = None
    link: bool = False
    caches: Caches | None = None
    facts: dict[str, object] = field(default_factory=dict)

    def ask(self, questions: Sequence[Question]) -> Iterator[Record]:
        """The records of questions that are answered together; one by one after something unforeseen.

        `MemoryError`, `ENDS_RUN` and what is no `Exception` come through.
        """
        if len(questions) > 1:
            try:
                found = self._outcomes(self.answerer, questions)
            except (MemoryError, *ENDS_RUN):
                raise
            except Exception:  # a defect in one question must not take the others' records
                found = []
            if found:
                yield from self._records(questions, found)
                return
        yield from map(self._alone, questions)

    def _records(self, questions: Sequence[Question], found: Sequence[Outcome]) -> Iterator[Record]:
        """The records of all questions that were answered, then the error that ends the run, if one does."""
        ends = None
        for question, outcome in zip(questions, found, strict=True):
            if isinstance(outcome.answer, ENDS_RUN):
                ends = ends or outcome.answer
            else:
                yield outcome.record(question, self.answerer.graph)
        if ends:
            raise ends

    def cached(self, groups: Iterable[Sequence[Question]]) -> int:
        """How many of these questions, which share the graph, were decoded before."""
        if not isinstance(self.answerer, Answerer):
            return 0
        stages = Stages(self.answerer, self.caches)
        return sum(stages.cached(group, self.link) for group in groups)

    def _alone(self, question: Question) -> Record:
        answerer = self.answerer
        try:
            if question.graph is not None:
                answerer = self._over(question.graph)
            (outcome,) = self._outcomes(answerer, [question])
            if isinstance(outcome.answer, ENDS_RUN):
                raise outcome.answer
        except (MemoryError, *ENDS_RUN):
            raise
        except Exception as error:
            outcome = Outcome(error, () if self.link else question.topic_entities)
        return outcome.record(question, answerer.graph)

    def _outcomes(self, answerer: Answering, questions: Sequence[Question]) -> list[Outcome]:
        if isinstance(answerer, Answerer):
            return Stages(answerer, self.caches).outcomes(questions, self.link)
        return _plain(answerer, questions, self.link)

    def _over(self, facts: Iterable[Triple]) -> Answering:
        """Who answers from a question's own graph."""
        try:
            graph = GraphBuilder.of(facts)
        except StatementError as error:
            raise DataError(f"the question's own graph cannot be built: {error}") from error
        if self.with_graph:
            return self.with_graph(graph)
        if isinstance(self.answerer, Answerer):
            return replace(self.answerer, graph=graph)
        raise UsageError("the question has a graph of its own: say with_graph, who answers from it")


def _plain(answerer: Answering, questions: Sequence[Question], link: bool) -> list[Outcome]:
    """The outcomes from an answerer whose stages cannot be told apart."""
    began = time.perf_counter()
    topics = [() if link else question.topic_entities for question in questions]
    found = [own or _linked(answerer, q.question) for q, own in zip(questions, topics, strict=True)]
    linked = time.perf_counter()
    good = [(q.question, t) for q, t in zip(questions, found, strict=True) if isinstance(t, tuple)]
    if len(good) > 1:
        answers = iter(list(answerer.answers(good, len(questions))))
    else:
        answers = iter([_answer(answerer, *one) for one in good])
    outcomes = [(next(answers), t) if isinstance(t, tuple) else (t, ()) for t in found]
    each = Timings(
        link=(linked - began) / len(questions), decode=(time.perf_counter() - linked) / len(questions)
    )
    return [Outcome(answer, topics, each) for answer, topics in outcomes]


def _linked(answerer: Answering, question: str) -> tuple[str, ...] | KgqaError:
    try:
        return tuple(answerer.link(question))
    except KgqaError as error:
        return error


def _answer(answerer: Answering, question: str, topics: Sequence[str]) -> Answer | KgqaError:
    try:
        return answerer.answer(question, topics)
    except KgqaError as error:
        return error
