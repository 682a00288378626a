"""Relation paths for questions that come with answers only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from kgqa.graph import IndexedGraph, RelationStep, fold_name
from kgqa.training.examples.example import Example, Target, likely_targets
from kgqa.training.examples.frontier import Frontier

__all__ = ["answering_paths", "path_f1", "reweighed_by_popularity"]

Steps = tuple[RelationStep, ...]


def answering_paths(
    graph: IndexedGraph, topic: str, answers: Collection[str], likely: Collection[Steps] = ()
) -> tuple[Target, ...]:
    """All paths of one or two steps from `topic` to an answer; their weights sum to 1.

    A path's weight is the cube of its F1 against the answers, doubled for `likely` paths. Paths with less
    than half of the best F1 are dropped. Empty when no path reaches an answer.
    """
    goal = {entity for answer in answers for entity in graph.find(answer)}
    numbers = np.array(sorted(graph.entity_id(entity) for entity in goal), dtype=np.int32)
    wanted = {fold_name(answer) for answer in answers}
    scores: dict[Steps, float] = {}
    for step, frontier in Frontier.at(graph, topic).onward().items():
        scores[(step,)] = _f1(frontier, wanted)
        for second in _steps_into(graph, frontier, numbers):
            scores[step, second] = _f1(frontier.along(second), wanted)
    best = max(scores.values(), default=0.0)
    kept = {steps: f1 for steps, f1 in scores.items() if f1 > 0 and f1 >= best / 2}
    weights = {steps: f1**3 * (2 if steps in likely else 1) for steps, f1 in kept.items()}
    return _normalised(weights)


def path_f1(graph: IndexedGraph, topic: str, steps: Steps, answers: Collection[str]) -> float:
    """The F1 of the entities that a path from `topic` ends at, against answers (names)."""
    frontier = Frontier.at(graph, topic)
    for step in steps:
        frontier = frontier.along(step)
    return _f1(frontier, {fold_name(answer) for answer in answers})


def reweighed_by_popularity(examples: Sequence[Example], rounds: int = 10) -> list[Example]:
    """Raise the weights of paths that answer many of the questions (expectation maximisation).

    A spurious path reaches an answer by accident, so it is rare over the whole set.
    """
    initial: list[dict[Steps, float]] = [dict(example.targets) for example in examples]
    current = initial
    for _ in range(rounds):
        popularity: Counter[Steps] = Counter()
        for weights in current:
            popularity.update(weights)
        scaled = [{s: w * (popularity[s] + 0.1) for s, w in weights.items()} for weights in initial]
        current = [dict(_normalised(weights)) for weights in scaled]
    return [
        replace(example, targets=likely_targets(weights))
        for example, weights in zip(examples, current, strict=True)
    ]


def _steps_into(graph: IndexedGraph, frontier: Frontier, goal: np.ndarray) -> list[RelationStep]:
    """The steps that lead from a frontier to one of the goal's entities."""
    found = []
    for adjacency, inverse in ((graph.inward, False), (graph.outward, True)):
        _, relations, sources = adjacency.gather(goal)
        inside = np.isin(sources, frontier.entities)
        found += [
            RelationStep(graph.relation_labels[n], inverse) for n in np.unique(relations[inside]).tolist()
        ]
    return sorted(set(found))


def _f1(frontier: Frontier, wanted: Collection[str]) -> float:
    found = {fold_name(name) for name in frontier.answers()}
    right = len(found & set(wanted))
    return 2 * right / (len(found) + len(wanted)) if right else 0.0


def _normalised(weights: dict[Steps, float]) -> tuple[Target, ...]:
    total = sum(weights.values())
    return tuple(Target(steps, weight / total) for steps, weight in sorted(weights.items()))
