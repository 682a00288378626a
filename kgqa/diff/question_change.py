"""What an edit of a graph did to one question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from kgqa.datasets import Question
from kgqa.diagnosis import Diagnosis
from kgqa.diff.fact_text import fact_object, shown_fact
from kgqa.diff.given_answer import GivenAnswer
from kgqa.diff.graph_diff import GraphDiff
from kgqa.diff.relabelled import Relabelled
from kgqa.diff.renamed import Renamed
from kgqa.evaluation.scoring.denotation import GoldDenotation
from kgqa.evaluation.scoring.metrics import score_denotation
from kgqa.graph import Triple, clean_name

__all__ = ["ChangeKind", "QuestionChange"]

ChangeKind = Literal["lost", "gained", "fewer", "more", "other", "order", "names", "proof", "error"]
"""The kind of a change of answers: none left, some where none were, fewer, more, others, the same in another
order, under other names, with another proof because a fact of the old one is gone, or an error."""
_SENTENCES: dict[ChangeKind, str] = {
    "lost": "is not answered any more",
    "gained": "is answered now",
    "fewer": "has fewer answers",
    "more": "has more answers",
    "other": "has other answers",
    "order": "has the same answers in another order",
    "names": "has the same answers under other names",
    "proof": "has the same answers, but a fact that proved them is gone",
    "error": "ended in an error",
}
_FACTS_SHOWN = 5


@dataclass(frozen=True, eq=False)
class QuestionChange:
    """A question of which the answers differ, or of which the old proof does not hold any more.

    `lost_facts` proved the old answer and are not in the new graph; `new_facts` prove the new one and were
    not in the old graph. `relabelled` are topics, answers and relations of the proofs that have other names,
    `renamed` those of the lost facts that go by another identifier.
    `old_f1` and `new_f1` compare with the answers that the question's file says are right, if it says any.
    `diagnosis` says at which stage the old first answer was lost, where that was asked for.
    """

    question: Question
    kind: ChangeKind
    old: GivenAnswer
    new: GivenAnswer
    lost_facts: tuple[Triple, ...] = ()
    new_facts: tuple[Triple, ...] = ()
    relabelled: tuple[Relabelled, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    old_f1: float | None = None
    new_f1: float | None = None
    diagnosis: Diagnosis | None = None

    @classmethod
    def of(cls, question: Question, old: GivenAnswer, new: GivenAnswer, graphs: GraphDiff) -> Self | None:
        """The change between two answers; `None` where nothing changed."""
        lost = tuple(fact for fact in old.facts if fact not in graphs.new)
        kind = _kind(old, new) or ("proof" if lost else None)
        if kind is None:
            return None
        return cls(
            question,
            kind,
            old,
            new,
            lost,
            tuple(fact for fact in new.facts if fact not in graphs.old),
            tuple(_relabelled(old, new, graphs)),
            _renamed(lost, graphs),
            _f1(question, old),
            _f1(question, new),
        )

    @property
    def is_changed(self) -> bool:
        """Whether the answers themselves differ: other ones, or the same in another order."""
        return self.kind not in ("names", "proof")

    @property
    def is_setback(self) -> bool:
        """Whether the change may be for the worse.

        Where right answers are known, the answers are less right (by F1) than before. Where none are, they
        differ otherwise than by new ones for a question that had none, or by the order behind the first.
        """
        if self.old_f1 is not None and self.new_f1 is not None:
            return self.new_f1 < self.old_f1 or self.kind == "error"
        if self.kind == "order":
            return self.old.said[0][:1] != self.new.said[0][:1]
        return self.is_changed and self.kind != "gained"

    @property
    def sentence(self) -> str:
        """What became of the question."""
        right = ""
        if self.old_f1 is not None and self.new_f1 is not None and self.old_f1 != self.new_f1:
            right = f" (F1 {self.old_f1:.2f} before, {self.new_f1:.2f} now)"
        return f"{_SENTENCES[self.kind]}{right}"

    def explained(self, diagnosis: Diagnosis) -> Self:
        """The same with the stage that lost the old answer."""
        return replace(self, diagnosis=diagnosis)

    def describe(self) -> str:
        """Some lines for people."""
        return "\n".join((f"{clean_name(self.question.question)}: {self.sentence}", *self.reasons()))

    def reasons(self) -> Iterator[str]:
        """Old and new answer, and what made the difference, a line each."""
        assert self.old.graph is not None
        assert self.new.graph is not None
        yield f"  before: {self.old.describe()}" + f"  by {self.old.proof}" * bool(self.old.proof)
        if self.is_changed:
            yield f"  now:    {self.new.describe()}" + f"  by {self.new.proof}" * bool(self.new.proof)
        if self.old.topics != self.new.topics:
            topics = [", ".join(map(clean_name, given.topics)) or "none" for given in (self.old, self.new)]
            yield f"  topics: {topics[0]} before, {topics[1]} now"
        for sign, facts, graph in (
            ("-", self.lost_facts, self.old.graph),
            ("+", self.new_facts, self.new.graph),
        ):
            yield from (f"  {sign} {shown_fact(fact, graph)}" for fact in facts[:_FACTS_SHOWN])
            if len(facts) > _FACTS_SHOWN:
                yield f"    ... and {len(facts) - _FACTS_SHOWN} more"
        names: tuple[Relabelled | Renamed, ...] = (*self.relabelled, *self.renamed)
        yield from (f"  ~ {one.describe()}" for one in names[:_FACTS_SHOWN])
        if self.diagnosis is not None:
            yield f"  lost:   {self.diagnosis.cause.value}: {self.diagnosis.cause.sentence}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        assert self.old.graph is not None
        assert self.new.graph is not None
        return {
            "id": self.question.id,
            "question": self.question.question,
            "kind": self.kind,
            "sentence": self.sentence,
            "setback": self.is_setback,
            "old": self.old.to_dict(),
            "new": self.new.to_dict(),
            "lost_facts": [fact_object(fact, self.old.graph) for fact in self.lost_facts],
            "new_facts": [fact_object(fact, self.new.graph) for fact in self.new_facts],
            "relabelled": [one.to_dict() for one in self.relabelled],
            "renamed": [one.to_dict() for one in self.renamed],
            "old_f1": self.old_f1,
            "new_f1": self.new_f1,
            "cause": None if self.diagnosis is None else self.diagnosis.cause.value,
        }


def _kind(old: GivenAnswer, new: GivenAnswer) -> ChangeKind | None:
    if new.status in ("error", "timeout") and new.status != old.status:
        return "error"
    if old.said == new.said:
        return None if old.denotation.texts == new.denotation.texts else "names"
    if not new:
        return "lost"
    if not old:
        return "gained"
    before, now = (
        set(zip(*given.said, strict=True) if given.values else given.said[0]) for given in (old, new)
    )
    if before == now:
        return "order"
    return "more" if before < now else "fewer" if now < before else "other"


def _f1(question: Question, given: GivenAnswer) -> float | None:
    """How right an answer is; `None` where the right ones are not known."""
    return score_denotation(given.denotation, GoldDenotation.of(question)).f1 if question.answers else None


def _renamed(lost: Sequence[Triple], graphs: GraphDiff) -> tuple[Renamed, ...]:
    """What goes by another identifier of the parts of lost facts."""
    if not lost:
        return ()
    parts = {part for fact in lost for part in fact}
    return tuple(one for one in graphs.renamed if one.old in parts)


def _relabelled(old: GivenAnswer, new: GivenAnswer, graphs: GraphDiff) -> Iterator[Relabelled]:
    """What has another name among topics, answers and proofs."""
    known = graphs.by_identifier
    if not known:
        return
    used: dict[str, None] = {}
    for given in (old, new):
        used |= dict.fromkeys((*given.topics, *given.denotation.identifiers))
        used |= dict.fromkeys(part for fact in given.facts for part in fact)
    yield from (known[identifier] for identifier in used if identifier in known)
