"""What all finders share in which an LLM walks the graph."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

from kgqa.chat import ChatModel
from kgqa.constraint import Constraint, StepWalk
from kgqa.finders.chain_space import ChainSpace
from kgqa.finders.protocol import Found, LinkedQuestion
from kgqa.finders.threaded_finder import ThreadedFinder

__all__ = ["WalkingFinder"]


@dataclass(frozen=True)
class WalkingFinder(ThreadedFinder):
    """A finder in which an LLM chooses among the steps of a `StepWalk`."""

    chat: ChatModel

    def constraint(self, question: LinkedQuestion, space: ChainSpace) -> Constraint:
        """The walk by steps; see `Finder.constraint`."""
        return space.step_walk(question.topics)[1]

    def _found(self, question: LinkedQuestion, space: ChainSpace) -> Found:
        walk, constraint = space.step_walk(question.topics)
        return self._walk(question.question, walk, constraint)

    @abstractmethod
    def _walk(self, question: str, walk: StepWalk, constraint: Constraint) -> Found:
        """The chains chosen from a walk, which `constraint` narrows; none where nothing was chosen."""
