"""What a question gets: its answer, or an empty one with the reason."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

from kgqa.answer import Answer
from kgqa.errors import NoChainError
from kgqa.graph import KnowledgeGraph
from kgqa.graph.endpoint import EndpointUsage
from kgqa.pipeline import Outcome
from kgqa.service.found_chain import names_of

__all__ = ["Reply"]

_FIELDS = ("answer_type", "value", "vote_share", "table", "program", "sparql", "proof", "sources", "notes")
"""The fields of `Answer.to_dict` that stand beside the answers."""


@dataclass(frozen=True)
class Reply:
    """The answer of an outcome; where it is empty, `reason` says why."""

    answer: Answer
    reason: str = ""
    usage: EndpointUsage | None = None
    stated: tuple[str, ...] = ()
    """What the model wrote behind its chains (`Outcome.stated`)."""

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """The reply to a question. Raises the error of its outcome, but for `NoChainError`."""
        return replace(cls._of(outcome), stated=outcome.stated)

    @classmethod
    def _of(cls, outcome: Outcome) -> Self:
        usage = outcome.usage
        try:
            answer = outcome.unwrap()
        except NoChainError as error:
            warnings = () if usage is None else usage.warnings
            return cls(Answer(outcome.question, reason=str(error), warnings=warnings), str(error), usage)
        if answer:
            return cls(answer, usage=usage)
        if answer.llm_report is not None and not answer.llm_report.failure:
            return cls(answer, f"{answer.llm_report.model} finds no answer in the graph's chains", usage)
        sure = "" if answer.confidence is None else f" (confidence {answer.confidence:.2f})"
        reason = f"{answer.reason or 'no chain is probable enough to answer from'}{sure}"
        return cls(answer, reason, usage)

    def to_dict(self, seconds: float, limit: int | None = None, *, open_: bool = False) -> dict[str, Any]:
        """What `kgqa ask --json` prints; at most `limit` answers.

        With `open_`, an LLM answered also from what it knows itself, and that is listed apart.
        """
        answer = self.answer
        found = replace(answer, entities=answer.entities[:limit]).to_dict()
        report = answer.llm_report
        told = {
            "question": answer.question,
            "answers": found["entities"],
            "confidence": answer.confidence,
            **{name: found[name] for name in _FIELDS},
            "reason": self.reason or None,
            "not_from_the_graph": list(report.outside) if open_ and report else [],
            "llm_report": found["llm_report"],
            "seconds": round(seconds, 3),
        }
        if self.stated:
            told["stated"] = list(self.stated)
        return told if self.usage is None else {**told, "endpoint": self.usage.to_dict()}

    def names(self, graph: KnowledgeGraph, limit: int | None = None) -> dict[str, str | None]:
        """The names of all entities and relations in what `to_dict` lists; `None` for a mediator."""
        answer = replace(self.answer, entities=self.answer.entities[:limit])
        listed = [*(one.entity for one in answer.entities), *(row.entity for row in answer.rows)]
        return names_of(answer.facts, graph, listed)
