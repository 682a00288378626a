"""A fact that the graph does not hold and that would answer a question."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgqa.answer import PathFit
from kgqa.finders.model_finder import AKIN_NATS
from kgqa.graph import IndexedGraph, Triple, relation_words
from kgqa.graph.adjacency import Adjacency, Ids

__all__ = ["missing_fact"]

_SIBLINGS = 500
"""So many entities that have a relation in common with another are looked at."""


def missing_fact(
    question: str, topics: Sequence[str], goals: Sequence[str], graph: IndexedGraph, fit: PathFit
) -> Triple | None:
    """The fact between a topic and the expected answer whose relation is the most akin to the question.

    The relation is one that entities like the topic have: those that share one of its relations. `None` where
    none is akin to the question, or all such facts are in the graph.
    """
    names = [graph.label(topic) or topic for topic in topics]
    best: tuple[float, Triple] | None = None
    for topic in topics[:3]:
        number = graph.entity_id(topic)
        steps = sorted(
            {
                (relation, inverse)
                for adjacency, inverse in ((graph.outward, False), (graph.inward, True))
                for relation in _relations(adjacency, _siblings(graph, number))
            }
        )
        paths = [[relation_words(graph.relation_labels[relation])[0]] for relation, _ in steps]
        gains = fit.fit(question, names, paths) if paths else []
        for (relation, inverse), gain in zip(steps, gains, strict=True):
            for goal in goals[:3]:
                ends = (goal, topic) if inverse else (topic, goal)
                fact = Triple(ends[0], graph.relation(relation), ends[1])
                if gain < AKIN_NATS or topic == goal or (best is not None and gain <= best[0]):
                    continue
                if fact not in graph and _leads_to_its_like(graph, relation, inverse, goal):
                    best = gain, fact
    return None if best is None else best[1]


def _leads_to_its_like(graph: IndexedGraph, relation: int, inverse: bool, goal: str) -> bool:
    """Whether the relation leads to an entity that has a relation in common with the goal."""
    ends = graph.inward if not inverse else graph.outward
    like = _siblings(graph, graph.entity_id(goal))
    return any(len(ends.over(end, relation)) for end in like.tolist())


def _siblings(graph: IndexedGraph, number: int) -> Ids:
    """The entity, and some that have a relation in common with it, in the same direction."""
    found = [np.array([number], dtype=np.int32)]
    for adjacency, back in ((graph.outward, graph.inward), (graph.inward, graph.outward)):
        relations, targets = adjacency.row(number)
        for relation in np.unique(relations).tolist():
            (first,) = targets[relations == relation][:1].tolist()
            found.append(back.over(first, relation)[:50])
    return np.unique(np.concatenate(found))[:_SIBLINGS]


def _relations(adjacency: Adjacency, entities: Ids) -> list[int]:
    found: list[int] = np.unique(adjacency.gather(entities)[1]).tolist()
    return found
