"""Records from outcomes of questions."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import asdict

from kgqa.answer import Answer
from kgqa.constraint.verbalize import chain_text
from kgqa.datasets import Question
from kgqa.errors import BudgetError, KgqaError, NoChainError, NoTopicError, UnknownEntityError
from kgqa.evaluation.proof_check.program_check import check_proof
from kgqa.evaluation.record import FAILURES, Record, Status
from kgqa.evaluation.scoring.chain_check import faithful_share, find_flaws
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation
from kgqa.evaluation.scoring.gold_rank import gold_rank
from kgqa.evaluation.scoring.metrics import FAILED, score_denotation
from kgqa.evaluation.written import Written
from kgqa.graph import IndexedGraph
from kgqa.pipeline import Outcome

__all__ = ["record_of", "status_of"]

LISTED_RESULTS = 100
"""The proof in a record lists at most so many members of its result; `entities` has them all."""


def record_of(outcome: Outcome, question: Question, graph: IndexedGraph) -> Record:
    """The record of an outcome: every chain is looked up in the graph, every answer compared with gold.

    Of an answer from a program, the program is executed again by code that shares nothing with the executor.
    """
    answer = Answer(question.question) if isinstance(outcome.answer, Exception) else outcome.answer
    given = Denotation.of(answer)
    entities = given.identifiers
    names = tuple(_name(graph, entity) for entity in entities) or given.texts
    shares = tuple(ranked.vote_share for ranked in answer.entities)
    if not shares:  # a value or table
        shares = (1.0 if answer.vote_share is None else answer.vote_share,) * len(names)
    shown = [
        (at, chain) for at, ranked in enumerate(answer.entities) for chain in ranked.chains if chain.hops
    ]
    chains = tuple(tuple((t.head, t.relation, t.tail) for t in chain.triples) for _, chain in shown)
    proves = tuple(at for at, _ in shown)
    starts = {entity for topic in outcome.topics if "\0" not in topic for entity in graph.find(topic)}
    topics = outcome.topics
    if topics and topics == question.topic_ids and question.topic_entities:
        topics = question.topic_entities  # they were given by identifier
    proof = None if answer.proof is None else answer.proof.shortened(LISTED_RESULTS).to_dict()
    status = status_of(outcome.answer)
    scores = score_denotation(Denotation(names, entities), GoldDenotation.of(question))
    return Record(
        id=question.id,
        question=question.question,
        topic_entities=topics,
        status=status,
        answers=names,
        entities=entities,
        vote_shares=shares,
        chains=chains,
        proves=proves,
        gold=question.answers,
        hops=question.hops,
        faithful=(
            faithful_share(entities, chains, proves, starts, graph)
            if proof is None
            else float(not check_proof(proof, graph))
        ),
        seconds=outcome.timings.total,
        error="" if outcome.error is None else _message(outcome.error),
        confidence=answer.confidence,
        llm_report=answer.llm_report,
        kind=question.kind,
        timings=outcome.timings,
        passes=outcome.passes,
        tokens=outcome.tokens,
        gold_rank=gold_rank(question, outcome.hypotheses, graph) if outcome.hypotheses else None,
        answer_type=question.answer_type,
        operators=question.operators,
        gold_entities=question.answer_ids,
        gold_aliases=question.answer_aliases,
        graph=question.graph_name,
        value=answer.value,
        proof=proof,
        proof_text="" if answer.proof is None else answer.proof.to_text(),
        written=tuple(_written(outcome, starts, graph)),
        **asdict(FAILED if status in FAILURES else scores),
    )


def _written(outcome: Outcome, starts: Set[str], graph: IndexedGraph) -> Iterator[Written]:
    """The hypotheses, where their texts are kept, each checked by code that makes no chains."""
    for text, hypothesis in zip(outcome.texts, outcome.hypotheses if outcome.texts else (), strict=True):
        chain = hypothesis.chain
        path = chain_text(graph, chain)
        triples = tuple((triple.head, triple.relation, triple.tail) for triple in chain.triples)
        holds = not find_flaws(triples, graph, starts, (chain.end,))
        stated = hypothesis.stated
        yield Written(text, path, triples, holds, hypothesis.score, None if stated is None else stated.text)


def status_of(answer: Answer | Exception) -> Status:
    """The status of a record with this answer or error."""
    match answer:
        case Answer():
            return "answered" if answer else "abstained"
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


def _name(graph: IndexedGraph, entity: str) -> str:
    return (graph.label(entity) if entity in graph.entities else None) or entity
