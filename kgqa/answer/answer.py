"""What comes out: entities, each with the chains that prove it."""

from __future__ import annotations

from dataclasses import dataclass

from kgqa.answer.testimony import Testimony
from kgqa.graph import Chain

__all__ = ["Answer", "RankedEntity"]


@dataclass(frozen=True)
class RankedEntity:
    """One answer: an entity, its share of the probability found (0 to 1), and its proof.

    `chains` has the chains shown for it, the most probable first, never none.
    """

    entity: str
    score: float
    chains: tuple[Chain, ...]


@dataclass(frozen=True)
class Answer:
    """The answer to a question, best entity first; no entities: the graph does not say.

    `confidence` is the probability that the first entity is right, where the model is calibrated.
    `testimony` is what a general language model said beside it, where one was asked.
    """

    question: str
    entities: tuple[RankedEntity, ...] = ()
    confidence: float | None = None
    testimony: Testimony | None = None

    def __bool__(self) -> bool:
        return bool(self.entities)
