"""What became of a question, and the record of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from kgqa.answer import Answer
from kgqa.datasets import Question
from kgqa.errors import BudgetError, KgqaError, NoChainError, NoTopicError, UnknownEntityError
from kgqa.evaluation.record import Record, Status, Timings
from kgqa.evaluation.scoring.chain_check import faithful_share
from kgqa.evaluation.scoring.metrics import score_answers
from kgqa.graph import IndexedGraph

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """An answer or why there is none, and what it took; see `Record` for the fields."""

    answer: Answer | Exception
    topics: Sequence[str] = ()
    timings: Timings = field(default_factory=Timings)
    passes: int = 0
    tokens: int = 0
    gold_rank: int | None = None

    def record(self, question: Question, graph: IndexedGraph) -> Record:
        """The record of it: every chain is looked up in the graph, every answer compared with gold."""
        failed = isinstance(self.answer, Exception)
        answer = Answer(question.question) if isinstance(self.answer, Exception) else self.answer
        entities = tuple(ranked.entity for ranked in answer.entities)
        names = tuple(_name(graph, entity) for entity in entities)
        shown = [(at, chain) for at, ranked in enumerate(answer.entities) for chain in ranked.chains]
        chains = tuple(tuple((t.head, t.relation, t.tail) for t in chain.triples) for _, chain in shown)
        proves = tuple(at for at, _ in shown)
        starts = {entity for topic in self.topics if "\0" not in topic for entity in graph.find(topic)}
        return Record(
            id=question.id,
            question=question.question,
            topic_entities=tuple(self.topics),
            status=status_of(self.answer),
            answers=names,
            entities=entities,
            scores=tuple(ranked.score for ranked in answer.entities),
            chains=chains,
            proves=proves,
            gold=question.answers,
            hops=question.hops,
            faithful=faithful_share(entities, chains, proves, starts, graph),
            seconds=sum(asdict(self.timings).values()),
            error=_message(self.answer) if failed else "",
            confidence=answer.confidence,
            testimony=answer.testimony,
            kind=question.kind,
            timings=self.timings,
            passes=self.passes,
            tokens=self.tokens,
            gold_rank=self.gold_rank,
            **asdict(score_answers(names, question.answers)),
        )


def status_of(answer: Answer | Exception) -> Status:
    """What a record calls this outcome."""
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


def _message(error: object) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, KgqaError) else f"{type(error).__name__}: {text}"


def _name(graph: IndexedGraph, entity: str) -> str:
    return (graph.label(entity) if entity in graph.entities else None) or entity
