"""How chains are searched for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from kgqa.constraint import Constraint
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.errors import KgqaError
from kgqa.lm import LanguageModel, Prompt

__all__ = ["Decoder", "Search", "Task"]

Search: TypeAlias = Generator[Sequence[Prefix], Sequence[Branches], list[Hypothesis]]
"""A search under way: yields prefixes, is sent what may follow each of them, returns what it found."""


@dataclass(frozen=True)
class Task:
    """What is to be decoded."""

    prompt: Prompt
    constraint: Constraint


class Decoder(ABC):
    """A search for the texts of a constraint that a model finds likely; its fields are its settings.

    A decoder says which prefixes it wants to know more about; the `Engine` asks the model, many
    questions at a time, and looks ahead. What a decoder finds depends on neither.
    """

    @abstractmethod
    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint.

        Returns the hypotheses found, each text once, most probable first, ties by their tokens; never
        none: a constraint has at least one text. Deterministic.
        """

    def decode(self, model: LanguageModel, prompt: Prompt, constraint: Constraint) -> list[Hypothesis]:
        """Search with an engine of its own. Raises what the search and the model raise."""
        (outcome,) = self.decode_all(model, [Task(prompt, constraint)])
        if isinstance(outcome, KgqaError):
            raise outcome
        return outcome

    def decode_all(
        self, model: LanguageModel, tasks: Iterable[Task]
    ) -> Iterator[list[Hypothesis] | KgqaError]:
        """Search for many tasks together, in their order; an error ends its own task only."""
        from kgqa.decode.engine import Engine

        return Engine(model).run(self, tasks)
