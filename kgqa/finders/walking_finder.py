"""What all finders share in which an LLM walks the graph."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar

from kgqa.chat import ChatModel
from kgqa.constraint import Constraint, StepWalk
from kgqa.errors import KgqaError
from kgqa.finders.chain_space import ChainSpace
from kgqa.finders.protocol import Finder, Found, LinkedQuestion

__all__ = ["WalkingFinder"]


@dataclass(frozen=True)
class WalkingFinder(Finder):
    """A finder in which an LLM chooses among the steps of a `StepWalk`; several questions at once."""

    chat: ChatModel

    repeatable: ClassVar[bool] = False

    def find(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[Found | KgqaError]:
        """What the LLM chooses for each question; an error of the LLM ends its own question only."""
        if len(questions) < 2:
            return [self._found(question, space) for question in questions]
        threads = ThreadPoolExecutor(len(questions))
        try:
            return list(threads.map(lambda question: self._found(question, space), questions))
        finally:
            threads.shutdown(cancel_futures=True)  # an interrupted run pays for no more replies

    def constraint(self, question: LinkedQuestion, space: ChainSpace) -> Constraint:
        """The walk by steps; see `Finder.constraint`."""
        return space.step_walk(question.topics)[1]

    def _found(self, question: LinkedQuestion, space: ChainSpace) -> Found | KgqaError:
        began = time.perf_counter()
        try:
            walk, constraint = space.step_walk(question.topics)
            return self._walk(question.question, walk, constraint)._replace(
                seconds=time.perf_counter() - began
            )
        except KgqaError as error:
            return error

    @abstractmethod
    def _walk(self, question: str, walk: StepWalk, constraint: Constraint) -> Found:
        """The chains chosen from a walk, which `constraint` narrows; none where nothing was chosen."""
