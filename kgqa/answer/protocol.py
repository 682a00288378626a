"""From chains to an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kgqa.answer.answer import Answer
from kgqa.decode import Hypothesis

__all__ = ["Aggregator"]


class Aggregator(Protocol):
    """Turns hypotheses into an answer; pure, and nothing in gives the empty answer out."""

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis]) -> Answer:
        """The answer that these hypotheses, most probable first, support."""
        ...
