"""What the path writer learns from: a question and the relation paths that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kgqa.graph import RelationStep

__all__ = ["Example", "Target", "likely_targets", "parsed_steps", "step_text"]

_UNLIKELY = 0.02


class Target(NamedTuple):
    """A relation path that answers a question, with its share of the belief (they sum to 1)."""

    steps: tuple[RelationStep, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Example:
    """A question of one source, its topic entities, and the paths from the first of them.

    `answers` are names; empty: every end of a path is an answer.
    """

    source: str
    question: str
    topics: tuple[str, ...]
    targets: tuple[Target, ...]
    answers: tuple[str, ...] = ()


def likely_targets(weights: Mapping[tuple[RelationStep, ...], float]) -> tuple[Target, ...]:
    """The targets with more than 2 % of the weight, or the best if there is none, to sum to 1."""
    if not weights:
        return ()
    floor = min(_UNLIKELY * sum(weights.values()), 0.999 * max(weights.values()))
    kept = {steps: weight for steps, weight in weights.items() if weight > floor}
    total = sum(kept.values())
    return tuple(Target(steps, weight / total) for steps, weight in kept.items())


def step_text(step: RelationStep) -> str:
    """How a step is written, with its boundary space in front.

    >>> step_text(RelationStep("directed_by", inverse=True))
    ' <- directed_by'
    """
    return f" {'<-' if step.inverse else '->'} {' '.join(step.relation.split())}"


def parsed_steps(steps: Sequence[str]) -> tuple[RelationStep, ...]:
    """Steps in the form of the question files: `~r` is `r` walked backwards."""
    return tuple(RelationStep(step.removeprefix("~"), step.startswith("~")) for step in steps)
