"""Answering a whole question set, with every outcome kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Protocol

from kgqa.answer import Answer
from kgqa.datasets import Question
from kgqa.errors import (
    BudgetError,
    DataError,
    KgqaError,
    NoChainError,
    NoTopicError,
    StatementError,
    UnknownEntityError,
    UsageError,
)
from kgqa.evaluation.faithful import faithful_share
from kgqa.evaluation.manifest import Manifest, questions_checksum
from kgqa.evaluation.metrics import score_answers
from kgqa.evaluation.record import Record, Status
from kgqa.evaluation.record_file import RecordFile
from kgqa.evaluation.report import Report
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.pipeline import Answerer

__all__ = ["RECORDS", "Answering", "evaluate"]

RECORDS = "records.jsonl"


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


def evaluate(
    questions: Iterable[Question],
    answerer: Answering,
    out: Path,
    *,
    link: bool = False,
    settings: Mapping[str, object] | None = None,
    with_graph: Callable[[IndexedGraph], Answering] | None = None,
    together: int = 1,
    progress: Callable[[Record], None] | None = None,
) -> Report:
    """Answer every question and write `records.jsonl` and `run.json` to the folder `out`.

    The answerer is given a question's topic entities, or, with `link` or where there are none, what
    it finds in the question's text. A question with a graph of its own is answered from that, by
    what `with_graph` makes of it (by default: the same `Answerer`, over that graph).

    A folder that holds a part of the same run is gone on with: what has a record is not asked again.
    The same run means the same questions, graph and `settings` (JSON values; whatever else decides
    what comes out: the model, the decoder); otherwise `UsageError`. `progress` is told every new record.

    With `together` up to that many questions are answered at once, which is faster: what a run loses
    when it is killed, and the time of a question is then its share of the time they took. Questions
    with graphs of their own are answered one by one.

    A question that fails gets a record with the error's message. A `KeyboardInterrupt` or
    `MemoryError` ends the run; what was answered until then is kept. Raises `ParseError` for bad
    questions, before any is answered, or damaged records; `DataError` when the disk is full.
    """
    asked = questions if not isinstance(questions, Iterator) else tuple(questions)
    ids, checksum = questions_checksum(asked)
    manifest = Manifest(checksum, len(ids), answerer.graph.checksum, link, dict(settings or {}))
    manifest.claim(out)
    with RecordFile(out / RECORDS) as file:
        if foreign := file.records.keys() - ids.keys():
            raise DataError(f"{out / RECORDS}: {min(foreign)!r} is no question of this run")
        waiting = (question for question in asked if question.id not in file.records)
        for some in _in_groups(waiting, together):
            for record in _ask_together(some, answerer, with_graph, link):
                file.append(record)
                if progress:
                    progress(record)
        file.put_in_order(ids)
        return Report.of(file.records.values())


def _in_groups(questions: Iterable[Question], size: int) -> Iterator[list[Question]]:
    """Questions in their order, up to `size` at a time; those with a graph of their own alone."""
    group: list[Question] = []
    for question in questions:
        if group and (len(group) >= size or question.graph is not None or group[0].graph is not None):
            yield group
            group = []
        group.append(question)
    if group:
        yield group


def _ask_together(
    questions: Sequence[Question],
    answerer: Answering,
    with_graph: Callable[[IndexedGraph], Answering] | None,
    link: bool,
) -> Iterator[Record]:
    """The records of questions that share passes; one by one where something unforeseen happens."""
    began = time.perf_counter()
    outcomes: list[tuple[tuple[str, ...], Answer | KgqaError]] = []
    if len(questions) > 1:
        try:
            topics = [() if link else question.topic_entities for question in questions]
            found = [own or _linked(answerer, q.question) for q, own in zip(questions, topics, strict=True)]
            good = [(q.question, t) for q, t in zip(questions, found, strict=True) if isinstance(t, tuple)]
            answers = iter(list(answerer.answers(good, len(questions))))
            outcomes = [(t, next(answers)) if isinstance(t, tuple) else ((), t) for t in found]
        except MemoryError:
            raise
        except Exception:  # a defect in one question must not take the others' records
            outcomes = []
    if not outcomes:
        yield from (_ask(question, answerer, with_graph, link) for question in questions)
        return
    seconds = (time.perf_counter() - began) / len(questions)
    for question, (topics_of, outcome) in zip(questions, outcomes, strict=True):
        if isinstance(outcome, KgqaError):
            answer, status, message = Answer(question.question), _status(outcome), _message(outcome)
        else:
            answer, status, message = outcome, _said(outcome), ""
        yield _record(question, topics_of, answer, status, answerer.graph, seconds, message)


def _linked(answerer: Answering, question: str) -> tuple[str, ...] | KgqaError:
    try:
        return tuple(answerer.link(question))
    except KgqaError as error:
        return error


def _said(answer: Answer) -> Status:
    return "answered" if answer else "abstained"


def _ask(
    question: Question,
    answerer: Answering,
    with_graph: Callable[[IndexedGraph], Answering] | None,
    link: bool,
) -> Record:
    """The record of one question, whatever happens; its time leaves out building its own graph."""
    topics = () if link else question.topic_entities
    answer, message = Answer(question.question), ""
    status: Status
    began = time.perf_counter()
    try:
        if question.graph is not None:
            answerer = _over(question.graph, answerer, with_graph)
            began = time.perf_counter()
        topics = topics or tuple(answerer.link(question.question))
        answer = answerer.answer(question.question, topics)
        status = _said(answer)
    except MemoryError:
        raise
    except Exception as error:
        status, message = _status(error), _message(error)
    seconds = time.perf_counter() - began
    return _record(question, topics, answer, status, answerer.graph, seconds, message)


def _over(
    facts: Iterable[Triple], answerer: Answering, with_graph: Callable[[IndexedGraph], Answering] | None
) -> Answering:
    """Who answers from a question's own graph."""
    try:
        graph = GraphBuilder.of(facts)
    except StatementError as error:
        raise DataError(f"the question's own graph cannot be built: {error}") from error
    if with_graph:
        return with_graph(graph)
    if isinstance(answerer, Answerer):
        return replace(answerer, graph=graph, linker=None)
    raise UsageError("the question has a graph of its own: say with_graph, who answers from it")


def _status(error: Exception) -> Status:
    match error:
        case NoTopicError() | UnknownEntityError():
            return "no-entity"
        case NoChainError():
            return "no-chain"
        case BudgetError() | TimeoutError():
            return "timeout"
        case _:
            return "error"


def _message(error: Exception) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, KgqaError) else f"{type(error).__name__}: {text}"


def _record(
    question: Question,
    topics: Sequence[str],
    answer: Answer,
    status: Status,
    graph: IndexedGraph,
    seconds: float,
    message: str,
) -> Record:
    entities = tuple(ranked.entity for ranked in answer.entities)
    names = tuple(_name(graph, entity) for entity in entities)
    shown = [(at, chain) for at, ranked in enumerate(answer.entities) for chain in ranked.chains]
    chains = tuple(tuple((t.head, t.relation, t.tail) for t in chain.triples) for _, chain in shown)
    proves = tuple(at for at, _ in shown)
    starts = {entity for topic in topics if "\0" not in topic for entity in graph.find(topic)}
    return Record(
        id=question.id,
        question=question.question,
        topic_entities=tuple(topics),
        status=status,
        answers=names,
        entities=entities,
        scores=tuple(ranked.score for ranked in answer.entities),
        chains=chains,
        proves=proves,
        gold=question.answers,
        hops=question.hops,
        faithful=faithful_share(entities, chains, proves, starts, graph),
        seconds=seconds,
        error=message,
        confidence=answer.confidence,
        testimony=answer.testimony,
        **asdict(score_answers(names, question.answers)),
    )


def _name(graph: IndexedGraph, entity: str) -> str:
    return (graph.label(entity) if entity in graph.entities else None) or entity
