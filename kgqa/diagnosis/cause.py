"""What may keep an expected answer from being given."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Cause"]


class Cause(StrEnum):
    """The first stage of the line from a question to its answer that lost the expected answer.

    In the order of the stages, after `ANSWERED` (nothing was lost) and `FAILED` (a stage ended in an error).
    """

    ANSWERED = "answered"
    FAILED = "failed"
    TOPIC = "topic"
    UNKNOWN = "unknown"
    NO_CHAIN = "no-chain"
    FILTERED = "filtered"
    NOT_DECODED = "not-decoded"
    RANKED_LOW = "ranked-low"
    NOT_FIRST = "not-first"
    NOT_CHOSEN = "not-chosen"
    FORM = "form"
    COVERAGE = "coverage"
    CONFIDENCE = "confidence"

    @property
    def sentence(self) -> str:
        """What the cause means."""
        return _SENTENCES[self]


_SENTENCES = {
    Cause.ANSWERED: "the question is answered",
    Cause.FAILED: "a stage ended in an error",
    Cause.TOPIC: "the topic of the question was not found, or another entity was taken for it",
    Cause.UNKNOWN: "the graph has no entity of the expected name",
    Cause.NO_CHAIN: "no chain of the graph says what is asked and leads to the expected answer",
    Cause.FILTERED: "the settings keep out the chain that leads to the expected answer",
    Cause.NOT_DECODED: "the search gave up the chain that leads to the expected answer",
    Cause.RANKED_LOW: "the chain that leads to the expected answer was found, and others rank higher",
    Cause.NOT_FIRST: "the best chain leads to the expected answer, and another of its entities comes first",
    Cause.NOT_CHOSEN: "the aggregator did not choose the expected answer",
    Cause.FORM: "the answer that was found is of another form than the question asks for",
    Cause.COVERAGE: "too few of what is compared have a value",
    Cause.CONFIDENCE: "the confidence in the answer is below the bound",
}
