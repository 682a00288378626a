"""The protocol of decoders."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kgqa.constraint import Constraint
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.lm import Prompt

__all__ = ["Decoder", "Search", "Task"]

Search: TypeAlias = Generator[Sequence[Prefix], Sequence[Branches], list[Hypothesis]]
"""A running search: it yields prefixes, receives the branches of each, and returns its hypotheses."""


@dataclass(frozen=True)
class Task:
    """One prompt to decode under one constraint."""

    prompt: Prompt
    constraint: Constraint


class Decoder(ABC):
    """A search for texts of a constraint that a language model finds probable; its fields are its settings.

    A decoder only names the prefixes whose continuations it needs. `Engine` asks the model, for many
    questions in one pass, and prefetches; the hypotheses depend on neither. `decode` runs a decoder
    for one question.
    """

    @property
    def renormalises(self) -> bool:
        """Whether its branches are renormalised over the allowed tokens and the end; else they are raw."""
        return False

    @abstractmethod
    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint.

        Returns distinct hypotheses, most probable first, ties by their tokens, and at least one: a
        constraint has at least one text. Deterministic.
        """
