"""Questions of a conversation that speak of what was asked before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, Self

from kgqa.answer import UNSURE
from kgqa.graph import fold_name
from kgqa.pipeline import Answerer, Answers, Outcome

__all__ = ["Reference", "Subjects", "TopicIds", "best_reading", "reference_of"]

MOST_TOPICS = 20
_ONE = r"\b(?:he|she|it|him|her|his|hers|its|this|that|one)\b"
_POINTING = re.compile(rf"{_ONE}|\b(?:they|them|their|theirs|these|those|ones|there|else)\b")
_SINGULAR = re.compile(_ONE)

TopicIds = tuple[str, ...]
"""Entities that a question is about, by identifier."""


class Reference(Enum):
    """Whether a question is about something that was named before it."""

    NONE = "none"
    POSSIBLE = "possible"
    CERTAIN = "certain"


def reference_of(answers: Answers, question: str) -> Reference:
    """Whether a question refers back to what was asked before it.

    It does if it names no entity of the graph itself, but has a word such as "he" or "there". It may if it
    has neither, or both, as long as no name begins with a capital. Of an endpoint's graph nothing is said.
    """
    if not isinstance(answers, Answerer):
        return Reference.NONE
    mentions = [one for one in answers.linker.link(question, answers.graph) if not one.stop_words]
    points = bool(_POINTING.search(fold_name(question)))
    if mentions and (not points or any(one.text[:1].isupper() for one in mentions)):
        return Reference.NONE
    return Reference.CERTAIN if points and not mentions else Reference.POSSIBLE


class Subjects(NamedTuple):
    """What a question leaves to speak of: its answers, and what it was about."""

    answers: TopicIds
    topics: TopicIds

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """Those of the outcome of a question."""
        answer = None if outcome.error is not None else outcome.unwrap()
        found = () if answer is None else tuple(one.entity for one in answer.entities[:MOST_TOPICS])
        return cls(found, tuple(outcome.topics))

    def meant_by(self, question: str) -> list[TopicIds]:
        """What the next question may be about, the answers first.

        Of several answers a question with a word such as "it" does not speak.
        """
        one = bool(_SINGULAR.search(fold_name(question))) and bool(self.topics)
        found = () if one and len(self.answers) > 1 else self.answers
        return [topics for topics in dict.fromkeys((found, self.topics)) if topics]


def best_reading(readings: Sequence[tuple[TopicIds, Outcome]]) -> tuple[TopicIds, Outcome] | None:
    """Of outcomes of a question from different topics, the one with the most confident answer.

    Only answers count whose facts have to do with the topics, and, without topics, those that are not said to
    be unsure; `None` if there is none.
    """
    good = [reading for reading in readings if _is_about(*reading)]
    return max(good, key=lambda reading: reading[1].confidence, default=None)


def _is_about(topics: TopicIds, outcome: Outcome) -> bool:
    if outcome.error is not None or not outcome.unwrap():
        return False
    if not topics:
        return outcome.confidence > UNSURE
    facts = outcome.unwrap().facts
    return not set(topics).isdisjoint(end for head, _, tail in facts for end in (head, tail))
