"""Questions of a conversation that speak of what was asked before."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum

from kgqa.graph import fold_name
from kgqa.pipeline import Answerer, Answers, Outcome

__all__ = ["Reference", "best_outcome", "reference_of", "subjects_of"]

MOST_TOPICS = 20
_POINTING = re.compile(
    r"\b(?:he|she|it|they|him|her|them|his|hers|its|their|theirs|this|that|these|those|there|one|ones|else)\b"
)


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


def subjects_of(outcome: Outcome) -> list[tuple[str, ...]]:
    """What the next question may be about: the answers to this one, or what this one was about."""
    answer = None if outcome.error is not None else outcome.unwrap()
    found = () if answer is None else tuple(one.entity for one in answer.entities[:MOST_TOPICS])
    return [topics for topics in dict.fromkeys((found, tuple(outcome.topics))) if topics]


def best_outcome(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome with the most confident answer, of one at least; of equal ones the first."""
    return max(outcomes, key=_confidence)


def _confidence(outcome: Outcome) -> float:
    if outcome.error is not None:
        return -1.0
    answer = outcome.unwrap()
    if not answer:
        return 0.0
    return 1.0 if answer.confidence is None else answer.confidence
