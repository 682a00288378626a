"""What a question was answered from one of two graphs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Self

from kgqa.answer import Answer
from kgqa.diff.fact_text import entity_name, fact_object
from kgqa.evaluation.record import Status
from kgqa.evaluation.running.recording import status_of
from kgqa.evaluation.scoring.denotation import Denotation
from kgqa.graph import IndexedGraph, Triple, clean_name
from kgqa.pipeline import Outcome

__all__ = ["GivenAnswer"]

_SHOWN = 5
_FACTS_LISTED = 20


@dataclass(frozen=True)
class GivenAnswer:
    """The answer to a question, best first, with the facts that prove it, and the topics it starts from.

    `values` are those of the rows of a table, one for each of the answers. `reason` says why there is none.
    """

    status: Status
    denotation: Denotation
    values: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    facts: tuple[Triple, ...] = ()
    proof: str = ""
    confidence: float | None = None
    reason: str = ""
    graph: IndexedGraph | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, outcome: Outcome, graph: IndexedGraph) -> Self:
        """That of an outcome."""
        if isinstance(outcome.answer, Exception):
            said = " ".join(str(outcome.answer).split())
            return cls(status_of(outcome.answer), Denotation(), (), outcome.topics, reason=said, graph=graph)
        answer = outcome.answer
        return cls(
            status_of(answer),
            Denotation.of(answer),
            tuple(str(row.value) for row in answer.rows),
            outcome.topics,
            _facts(answer),
            _proof(answer, graph),
            answer.confidence,
            "" if answer else answer.reason,
            graph,
        )

    def __bool__(self) -> bool:
        return bool(self.denotation.texts)

    @property
    def said(self) -> tuple[tuple[str, ...], ...]:
        """What is compared: answers in their order, entities by identifier, with the values of a table."""
        return self.denotation.identifiers or self.denotation.texts, self.values

    def describe(self) -> str:
        """One line for people."""
        texts = list(map(clean_name, self.denotation.texts))
        if not texts:
            return f"no answer ({clean_name(self.reason)})" if self.reason else "no answer"
        if self.values:
            texts = [f"{text} {value}" for text, value in zip(texts, self.values, strict=False)]
        more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
        sure = "" if self.confidence is None else f" ({self.confidence:.2f})"
        return f"{', '.join(texts[:_SHOWN])}{more}{sure}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        assert self.graph is not None
        return {
            "status": self.status,
            "answers": list(self._answers()),
            "topics": [{"entity": one, "name": entity_name(one, self.graph)} for one in self.topics],
            "confidence": self.confidence,
            "proof": self.proof or None,
            "facts": [fact_object(fact, self.graph) for fact in self.facts[:_FACTS_LISTED]],
            "reason": self.reason or None,
        }

    def _answers(self) -> Iterator[dict[str, str | None]]:
        identifiers = self.denotation.identifiers or (None,) * len(self.denotation.texts)
        values = self.values or (None,) * len(self.denotation.texts)
        for entity, name, value in zip(identifiers, self.denotation.texts, values, strict=False):
            yield {"entity": entity, "name": name, **({} if value is None else {"value": value})}


def _facts(answer: Answer) -> tuple[Triple, ...]:
    """Those of the first chain of each entity, and what is listed of a program's proof."""
    chains = (chain for ranked in answer.entities for chain in ranked.chains[:1])
    proven = () if answer.proof is None else answer.proof.facts
    return tuple(dict.fromkeys((*(fact for chain in chains for fact in chain.triples), *proven)))


def _proof(answer: Answer, graph: IndexedGraph) -> str:
    """The program, else the best chain of the first answer."""
    if answer.proof is not None:
        return answer.program
    chains = (chain for ranked in answer.entities[:1] for chain in ranked.chains)
    return "".join(clean_name(chain.to_text(graph)) for chain in islice(chains, 1))
