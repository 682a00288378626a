"""How chains are searched for."""

from __future__ import annotations

from typing import Protocol

from kgqa.constraint import Constraint
from kgqa.decode.hypothesis import Hypothesis
from kgqa.lm import LanguageModel, Prompt

__all__ = ["Decoder"]


class Decoder(Protocol):
    """A search for the texts of a constraint that a model finds likely; its fields are its settings."""

    def decode(self, model: LanguageModel, prompt: Prompt, constraint: Constraint) -> list[Hypothesis]:
        """The hypotheses found, each text once, most probable first, ties by their tokens.

        Never empty: a constraint has at least one text. Deterministic.
        """
        ...
