"""The interface of what finds hypotheses."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from kgqa.answer import Answer, Calibration, LlmReport
from kgqa.constraint import Constraint, Mentioned
from kgqa.constraint.verbalize import chain_text
from kgqa.decode import Hypothesis
from kgqa.errors import KgqaError
from kgqa.finders.chain_space import ChainSpace
from kgqa.lm import Relevance

__all__ = ["Finder", "Found", "LinkedQuestion"]


class LinkedQuestion(NamedTuple):
    """A question with its topic entities (identifiers), and for programs all that it mentions.

    There is at least one topic, except where programs may start from a class.
    """

    question: str
    topics: tuple[str, ...]
    mentioned: Mentioned | None = None


class Found(NamedTuple):
    """The hypotheses of a question, best first, and what finding them cost.

    `seconds` is this question's share of the time of those it was found together with. `passes` of the
    language model took part, which read `tokens` tokens of chains in them. `llm_report` has the usage of an
    LLM, where one chose the chains.
    """

    hypotheses: Sequence[Hypothesis]
    seconds: float = 0.0
    passes: int = 0
    tokens: int = 0
    llm_report: LlmReport | None = None


class Finder(ABC):
    """Finds the chains that may answer questions. Subclasses are frozen dataclasses: fields are settings."""

    repeatable: ClassVar[bool] = True
    """Whether it finds the same whenever it is asked, so that what it found may be kept on disk."""

    @abstractmethod
    def find(self, questions: Sequence[LinkedQuestion], space: ChainSpace) -> list[Found | KgqaError]:
        """What is found for each question, or the error that ended its search and no other.

        Questions of one call share the passes of a model; in its last digits a score may depend on them.
        """

    @abstractmethod
    def constraint(self, question: LinkedQuestion, space: ChainSpace) -> Constraint:
        """The constraint that the tokens of this question's hypotheses belong to.

        Raises `UnknownEntityError` for an unknown topic, `NoChainError` when no chain leads from any.
        """

    def texts(self, hypotheses: Sequence[Hypothesis], space: ChainSpace) -> list[str]:
        """What was written for each hypothesis; by default its first chain, by names."""
        return [chain_text(space.graph, one.chain) for one in hypotheses]

    def count_kept(self, _questions: Sequence[LinkedQuestion], _space: ChainSpace) -> int:
        """How many of these questions, found together, it would take from a cache."""
        return 0

    @property
    def writes_programs(self) -> bool:
        """Whether it can find programs, so that questions may be asked of it in that grammar."""
        return False

    def calibration(self, _space: ChainSpace) -> Calibration | None:
        """The calibration of the scores of its hypotheses, if there is one for this kind of chains."""
        return None

    def confidence_limit(
        self,
        _question: LinkedQuestion,
        _answer: Answer,
        _hypotheses: Sequence[Hypothesis],
        _space: ChainSpace,
    ) -> float:
        """The most confidence that an answer from these hypotheses may have, whatever their scores."""
        return 1.0

    def similarity(self, _question: LinkedQuestion, _answer: Answer, _space: ChainSpace) -> float | None:
        """The cosine of the question and of what is answered, in words (-1 to 1), if the finder knows it."""
        return None

    def relevance(self, _space: ChainSpace) -> Relevance | None:
        """A cross-encoder for chains of this kind, if the finder has one."""
        return None
