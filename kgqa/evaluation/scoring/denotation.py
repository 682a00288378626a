"""The answers to a question as they are compared: entities, or values as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from kgqa.answer import Answer
from kgqa.counted import counted
from kgqa.datasets import AnswerType, Question
from kgqa.errors import UsageError, check_name_lists, check_names

__all__ = ["Denotation", "GoldDenotation"]


@dataclass(frozen=True)
class Denotation:
    """The answers that a system gives, best first.

    `texts` are names of entities, or computed values as text: a number, yes or no, a date. `identifiers` are
    those of entities, one for each text; none where the answers are values or come without identifiers.

    >>> Denotation(("Oslo",), ("http://example.org/oslo",)).texts, Denotation(("42",)).identifiers
    (('Oslo',), ())
    """

    texts: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_names(self.texts, "texts")
        check_names(self.identifiers, "identifiers")
        if self.identifiers and len(self.identifiers) != len(self.texts):
            raise UsageError(_uneven(self.identifiers, "identifier", self.texts, "answer"))

    @classmethod
    def of(cls, answer: Answer) -> Self:
        """The entities of an answer, its value as text, or the members of its table."""
        if answer.value is not None:
            return cls((answer.value,))
        if answer.rows:
            named = answer.proof.graph if answer.proof else None
            members = tuple(row.entity for row in answer.rows)
            return cls(tuple((named and named.label(one)) or one for one in members), members)
        return cls(answer.names, tuple(ranked.entity for ranked in answer.entities))


@dataclass(frozen=True)
class GoldDenotation:
    """The right answers and how they are compared.

    `identifiers` are those of entities, one for each text, where the set has them; `aliases` are other names
    of each that are right too.
    """

    texts: tuple[str, ...] = ()
    answer_type: AnswerType = "entity"
    identifiers: tuple[str, ...] = ()
    aliases: tuple[tuple[str, ...], ...] = ()

    def __post_init__(self) -> None:
        check_names(self.texts, "texts")
        check_names(self.identifiers, "identifiers")
        if self.identifiers and len(self.identifiers) != len(self.texts):
            raise UsageError(_uneven(self.identifiers, "identifier", self.texts, "gold answer"))
        check_name_lists(self.aliases, "aliases")
        if self.aliases and len(self.aliases) != len(self.texts):
            raise UsageError(_uneven(self.aliases, "alias list", self.texts, "gold answer"))

    def compares_identifiers(self, given: Denotation) -> bool:
        """Whether identifiers decide: both sides are entities that have them."""
        return self.answer_type == "entity" and bool(self.identifiers) and bool(given.identifiers)

    @classmethod
    def of(cls, question: Question) -> Self:
        """Those of a question."""
        return cls(question.answers, question.answer_type, question.answer_ids, question.answer_aliases)


def _uneven(some: Sequence[object], what: str, texts: Sequence[str], of: str) -> str:
    return f"{counted(len(some), what)} for {counted(len(texts), of)}"
