"""Relation paths: `<- directed_by -> in_language`, entities left open."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

from kgqa.constraint.bounded_grammar import BoundedGrammar
from kgqa.constraint.grammar import Edge
from kgqa.constraint.reach import Reach, Steps
from kgqa.constraint.text import arrow
from kgqa.graph import Chain, Grounding

__all__ = ["RelationGrammar"]


class RelationGrammar(BoundedGrammar):
    """Relation paths of 1 to `hops` steps that lead from any of `topics` to a named entity.

    A step is allowed while at least one walk from one topic takes it. Walks never enter their own
    start unless `returns`. The chains of a text are all walks over it, from all topics: one text
    gives a whole answer set.
    """

    root: Steps = ()

    def __init__(self, reach: Reach, topics: tuple[int, ...], hops: int, returns: bool = False) -> None:
        super().__init__(reach, topics, hops, returns)
        self._groundings = lru_cache(maxsize=64)(self._ground)

    def edges(self, node: Steps) -> list[Edge]:
        """The steps that lead on from one topic at least."""
        budget = self._hops - len(node)
        onward = {
            step
            for topic in self._topics
            if self._leads(topic, node)
            for step in self._reach.onward(topic, self._avoid(topic), node, budget, False)
        }
        return [((arrow(bool(step & 1)), self._reach.text(step)), (*node, step)) for step in sorted(onward)]

    def accepts(self, node: Steps) -> bool:
        """Whether a named entity is reached."""
        return bool(node) and any(grounding.ends for grounding in self._groundings(node))

    def ends(self, node: Steps) -> Mapping[int, int]:
        """Every named entity reached."""
        total: Counter[int] = Counter()
        for grounding in self._groundings(node):
            total.update(grounding.ends)
        return total

    def chains(self, node: Steps, end: int | None) -> Iterator[Chain]:
        """Every walk, topic by topic."""
        name = None if end is None else self._graph.entity(end)
        for grounding in self._groundings(node):
            yield from grounding.chains(name)

    def _leads(self, topic: int, node: Steps) -> bool:
        """Whether the steps of a node can be walked from this topic."""
        return all(
            step in self._reach.onward(topic, self._avoid(topic), node[:depth], self._hops - depth, False)
            for depth, step in enumerate(node)
        )

    def _ground(self, node: Steps) -> tuple[Grounding, ...]:
        """The walks over these steps, for each topic that has some."""
        steps = self._reach.ground_steps(node)
        return tuple(
            Grounding(self._graph, topic, steps, self._avoid(topic))
            for topic in self._topics
            if self._leads(topic, node)
        )
