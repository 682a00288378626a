"""The outcome of the last question of a conversation."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from fastapi import Request
from fastapi.concurrency import run_in_threadpool

from kgqa.answer import Answer
from kgqa.errors import NoTopicError
from kgqa.pipeline import Outcome
from kgqa.server.chat.remembered import Remembered
from kgqa.server.waiting import result_of
from kgqa.service import HostedGraph, Reference, Subjects, TopicIds, best_reading, reference_of

__all__ = ["Conversation"]

MOST_TURNS = 10
"""So many questions are looked at before one that refers back."""


@dataclass(frozen=True, eq=False)
class Conversation:
    """Asks one graph the questions of a conversation, for a client that waits for `seconds` at most.

    A question that speaks of what was asked before it ("Who wrote it?") starts from the answers to that, or
    from its topics: from those that give the more confident answer.
    """

    hosted: HostedGraph
    request: Request
    seconds: float
    remembered: Remembered
    began: float = field(default_factory=time.monotonic)

    async def outcome(self, questions: Sequence[str]) -> tuple[Outcome, TopicIds]:
        """The outcome of the last question, and the entities that it was taken to speak of.

        A question that names nothing of the graph has an empty answer with the reason. Raises as `result_of`.
        """
        found, about = await self._outcome(questions, MOST_TURNS)
        self.remembered.put(self._version, questions, Subjects.of(found))
        if isinstance(found.error, NoTopicError):
            found = _empty(found, str(found.error))
        return found, about

    async def _outcome(self, questions: Sequence[str], turns: int) -> tuple[Outcome, TopicIds]:
        *earlier, question = questions
        reference = Reference.NONE
        if earlier and turns:
            reference = await run_in_threadpool(reference_of, self.hosted.answers, question)
        if reference is Reference.NONE:
            ((_, outcome),) = await self._readings(question, [()])
            if not (earlier and turns and isinstance(outcome.error, NoTopicError)):
                return outcome, ()
        subjects = (await self._subjects(earlier, turns - 1)).meant_by(question)
        own = [()] if reference is Reference.POSSIBLE or not subjects else []
        readings = await self._readings(question, [*subjects, *own])
        if best := best_reading(readings):
            return best[1], best[0]
        about, outcome = readings[0]
        return (
            _empty(outcome, "nothing was found for what the question speaks of") if about else outcome
        ), about

    async def _subjects(self, questions: Sequence[str], turns: int) -> Subjects:
        known = self.remembered.get(self._version, questions)
        return Subjects.of((await self._outcome(questions, turns))[0]) if known is None else known

    async def _readings(self, question: str, topics: Sequence[TopicIds]) -> list[tuple[TopicIds, Outcome]]:
        """The outcomes from different topics; they wait together, and so are asked together."""
        futures = [self.hosted.ask(question, some) for some in topics]
        try:
            outcomes = [await result_of(self.request, future, self._left) for future in futures]
        finally:
            for future in futures:
                future.cancel()
        return list(zip(topics, outcomes, strict=True))

    @property
    def _version(self) -> str:
        return f"{self.hosted.name} {self.hosted.version}"

    @property
    def _left(self) -> float:
        return max(0.001, self.seconds - (time.monotonic() - self.began))


def _empty(outcome: Outcome, reason: str) -> Outcome:
    return replace(outcome, answer=Answer(outcome.question, reason=reason))
