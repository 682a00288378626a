"""Why a question has not the answer that was expected."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kgqa.diagnosis.cause import Cause
from kgqa.graph import Chain, IndexedGraph, Triple, clean_name

__all__ = ["Diagnosis", "FoundChain", "Judgement", "LinkedMention"]

_SHOWN = 5


class LinkedMention(NamedTuple):
    """A part of the question, the entities that it was taken for, and others that it might name."""

    text: str
    entities: tuple[str, ...]
    others: tuple[str, ...] = ()
    how: str = "label"


class FoundChain(NamedTuple):
    """A chain, and the log-probability of its text (nats)."""

    chain: Chain
    log_probability: float


class Judgement(NamedTuple):
    """The scores of two hypotheses (nats) after a judge: of the expected answer's, and of the best other."""

    judge: str
    expected: float
    other: float

    def to_dict(self) -> dict[str, Any]:
        """JSON values; a score that no hypothesis has is `None`."""
        scores = {"expected": self.expected, "other": self.other}
        return {"judge": self.judge} | {k: v if math.isfinite(v) else None for k, v in scores.items()}


@dataclass(frozen=True)
class Diagnosis:
    """The first stage that lost an expected answer, with what it rests on; entities are identifiers.

    `given` are the names of the answers that were given, or their value. `expected_chain` is the likeliest
    chain to the expected answer, `place` its place among the hypotheses (from 1); where the cause is
    `NO_CHAIN`, it is the nearest there is, and does not say what is asked. `first_chain` is that of the
    answer given. `given_up_after` is the text up to which a search followed the expected chain; it kept
    nothing less probable than `kept_least`. `judges` are the scores after decoding and after each ranker.
    `suggestion` is a fact that the graph does not hold and that would lead to the answer: a guess, to be
    checked.
    """

    question: str
    cause: Cause
    graph: IndexedGraph = field(repr=False, compare=False)
    expected: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    links: tuple[LinkedMention, ...] = ()
    expected_chain: FoundChain | None = None
    first_chain: FoundChain | None = None
    place: int | None = None
    given_up_after: str | None = None
    kept_least: float | None = None
    judges: tuple[Judgement, ...] = ()
    suggestion: Triple | None = None
    programs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    confidence: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON values; log-probabilities and scores in nats."""
        return {
            "question": self.question,
            "cause": self.cause.value,
            "sentence": self.cause.sentence,
            "expected": list(self.expected),
            "given": list(self.given),
            "confidence": self.confidence,
            "links": [link._asdict() for link in self.links],
            "expected_chain": _as_dict(self.expected_chain),
            "first_chain": _as_dict(self.first_chain),
            "place": self.place,
            "given_up_after": self.given_up_after,
            "kept_least": self.kept_least,
            "judges": [judgement.to_dict() for judgement in self.judges],
            "suggestion": None if self.suggestion is None else list(self.suggestion),
            "programs": list(self.programs),
            "notes": list(self.notes),
        }

    def describe(self) -> str:
        """Some lines for a reader, the cause first."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.cause.value}: {self.cause.sentence}"
        if self.expected:
            yield f"  expected: {_listed(self.expected)}"
        sure = "" if self.confidence is None else f" (confidence {self.confidence:.2f})"
        yield f"  given:    {_listed(self.given) or 'no answer'}{sure}"
        for link in self.links:
            others = _listed(self._names(link.others))
            if not link.entities:
                yield f"  topic:    {link.text!r} is no topic" + (f"; near names: {others}" * bool(others))
                continue
            how = "" if link.how in ("label", "alias", "given") else f" ({link.how})"
            also = f"; may also be {others}" * bool(others)
            yield f"  topic:    {link.text!r} is {_listed(self._names(link.entities))}{how}{also}"
        if self.first_chain is not None:
            yield f"  first:    {self._drawn(self.first_chain)}"
        if self.expected_chain is not None:
            place = "" if self.place is None else f", number {self.place}"
            what = "nearest:  " if self.cause is Cause.NO_CHAIN else "missed:   "
            yield f"  {what}{self._drawn(self.expected_chain)}{place}"
        if self.given_up_after is not None:
            kept = "texts that were finished are more probable"
            if self.kept_least is not None:
                kept = f"what was kept then has {self.kept_least:.2f} or more"
            yield f"  given up: after {self.given_up_after!r}; {kept}"
        if self.judges:
            yield "  judges:   score of the missed chain / of the best other, in nats"
            for judge, expected, other in self.judges:
                yield f"    {judge:<15} {expected:8.2f} / {other:.2f}"
        for program in self.programs:
            yield f"  program:  {program}"
        if self.suggestion is not None:
            head, relation, tail = self.suggestion
            shown = f"{self._name(head)} -> {self.graph.relation_label(relation)} -> {self._name(tail)}"
            yield f"  a fact that would answer it, if it is true: {clean_name(shown)}"
        yield from (f"  note:     {clean_name(note)}" for note in self.notes)

    def _drawn(self, found: FoundChain) -> str:
        return f"{found.chain.to_text(self.graph)}  (log-probability {found.log_probability:.2f})"

    def _names(self, entities: tuple[str, ...]) -> tuple[str, ...]:
        """Names of entities, with the identifiers of those that share theirs."""
        names = [self._name(entity) for entity in entities]
        return tuple(
            f"{name} ({entity})" if names.count(name) > 1 and name != entity else name
            for name, entity in zip(names, entities, strict=True)
        )

    def _name(self, entity: str) -> str:
        return (self.graph.label(entity) if entity in self.graph.entities else None) or entity


def _listed(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(clean_name, names[:_SHOWN])) + more


def _as_dict(found: FoundChain | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {**found.chain.to_dict(), "log_probability": found.log_probability}
