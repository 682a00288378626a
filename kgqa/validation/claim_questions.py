"""Claims with what their questions say: topics, and the graphs that questions bring."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from kgqa.counted import counted
from kgqa.datasets import Question, load_questions
from kgqa.errors import DataError
from kgqa.validation.claim import Claim

__all__ = ["with_questions"]


def with_questions(claims: Iterable[Claim], path: str | Path) -> Iterator[Claim]:
    """The claims, with the topics and the graph of their question where they have none.

    Questions are those of a file, matched by id or else by their text. They are read as they are needed.
    Raises `DataError` where no claim is of any of them, and for claims of a question with its own graph that
    do not follow each other; else as `load_questions`.
    """
    questions = _Questions(path)
    count = found = 0
    for claim in claims:
        question = questions.find(claim.id)
        count, found = count + 1, found + (question is not None)
        yield claim if question is None else _filled(claim, question)
    if count and not found:
        raise DataError(
            f"{path}: {counted(count, 'chain is', 'chains are')} of none of its questions (id or text)"
        )


class _Questions:
    """Questions by id or text, read from a stream. A graph is let go when the next question is asked for."""

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._stream = load_questions(path)
        self._read: dict[str, Question | None] = {}
        self._last: tuple[str, Question | None] = "", None

    def find(self, key: str) -> Question | None:
        """The question with this id or text. Raises `DataError` for one whose graph was let go."""
        if key == self._last[0]:
            return self._last[1]
        while key not in self._read and (question := next(self._stream, None)) is not None:
            self._read[question.id] = self._read[question.question] = question
        found = self._read.get(key)
        if found is None and key in self._read:
            raise DataError(
                f"{self._path}: the chains of {key[:80]!r} must follow each other, as it has its own graph"
            )
        if found is not None and found.graph is not None:
            self._read[found.id] = self._read[found.question] = None
        self._last = key, found
        return found


def _filled(claim: Claim, question: Question) -> Claim:
    graph = question.graph if claim.graph is None else claim.graph
    topics = claim.topics or question.topic_entities or (None if claim.relations is None else ())
    return replace(claim, topics=topics, graph=None if graph is None else tuple(graph))
