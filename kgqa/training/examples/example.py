"""What models learn from: a question and the relation paths that answer it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from kgqa.datasets import Question
from kgqa.errors import DataError, StatementError
from kgqa.graph import GraphBuilder, IndexedGraph, RelationStep, Triple

__all__ = ["Example", "Recipe", "Target", "graph_of", "likely_targets", "parsed_steps", "step_text"]

Recipe = Literal["kgqa", "gcr"]
"""How a model learns to write paths: kgqa's own way, or that of GCR's published checkpoints."""

_UNLIKELY = 0.02


class Target(NamedTuple):
    """A relation path that may answer a question, with the probability that it is the right one."""

    steps: tuple[RelationStep, ...]
    weight: float = 1.0


@dataclass(frozen=True)
class Example:
    """A question, its topic entities, and the paths that start at the first of them.

    `source` names the set that it comes from. The weights of `targets` sum to 1. `answers` are names;
    when empty, every end of a path is an answer. `graph` has the facts of the question's own graph,
    and is `None` where the examples share a graph.
    """

    source: str
    question: str
    topics: tuple[str, ...]
    targets: tuple[Target, ...]
    answers: tuple[str, ...] = ()
    graph: Sequence[Triple] | None = field(default=None, repr=False, compare=False)


def graph_of(asked: Example | Question, shared: IndexedGraph | None) -> IndexedGraph:
    """The graph that a question is about: its own, which is built now, or else the shared one.

    Raises `DataError` for a question without either, and for a graph that cannot be built.
    """
    if asked.graph is None:
        if shared is None:
            raise DataError(f"the question {asked.question!r} has no graph of its own, and no graph is given")
        return shared
    try:
        graph = GraphBuilder.of(asked.graph)
    except StatementError as error:
        raise DataError(f"the graph of the question {asked.question!r} cannot be built: {error}") from error
    return graph


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
