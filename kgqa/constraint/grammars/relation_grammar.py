"""The grammar of relation paths: `<- directed_by -> in_language`, without entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from functools import lru_cache

import numpy as np

from kgqa.constraint.grammars.grammar import BoundedGrammar, NameChoices, Opening
from kgqa.constraint.tables.reach import Reach, WalkPosition
from kgqa.constraint.tables.step_rows import Steps, distinct
from kgqa.graph import Chain, Grounding
from kgqa.graph.adjacency import Ids

__all__ = ["RelationGrammar"]


class RelationGrammar(BoundedGrammar):
    """Relation paths of 1 to `hops` steps from any of `topics` to a named entity.

    A step is allowed if at least one walk from one topic can take it. Walks never enter their own
    start unless `allow_return`. The chains of a text are all walks along it from all topics, so one
    text gives a whole set of answers.
    """

    root: Steps = ()

    def __init__(self, reach: Reach, topics: tuple[int, ...], hops: int, allow_return: bool = False) -> None:
        super().__init__(reach, topics, hops, allow_return)
        self._groundings = lru_cache(maxsize=64)(self._ground)

    def openings(self, _node: Steps) -> list[Opening]:
        """None: a relation path has no names of entities."""
        return []

    def names(self, _node: Steps) -> NameChoices | None:
        """None."""
        return None

    def steps(self, node: Steps) -> Ids:
        """The steps that may follow for at least one topic."""
        found = [self._reach.onward(self._position(topic, node)) for topic in self._topics]
        if len(found) == 1:
            return found[0]
        return distinct(np.concatenate(found), self._reach.steps.count)

    def after_name(self, _node: Steps, entity: int) -> Steps:
        """Raises `ValueError`: a relation path has no names of entities."""
        raise ValueError(f"a relation path has no names of entities, got entity {entity}")

    def after_step(self, node: Steps, step: int) -> Steps:
        """The path with one more step."""
        return (*node, step)

    def accepts(self, node: Steps) -> bool:
        """Whether the path reaches a named entity."""
        return bool(node) and any(self._reaches_a_name(topic, node) for topic in self._topics)

    def ends(self, node: Steps) -> Mapping[int, int]:
        """All named entities that the path reaches."""
        total: Counter[int] = Counter()
        for grounding in self._groundings(node):
            total.update(grounding.ends)
        return total

    def chains(self, node: Steps, end: int | None) -> Iterator[Chain]:
        """All walks, topic by topic."""
        name = None if end is None else self._graph.entity(end)
        for grounding in self._groundings(node):
            yield from grounding.chains(name)

    def _position(self, topic: int, node: Steps) -> WalkPosition:
        return WalkPosition(topic, self._avoid(topic), node, self._hops - len(node), False)

    def _reaches_a_name(self, topic: int, node: Steps) -> bool:
        return bool(self._graph.has_name(self._reach.entities(self._position(topic, node))).any())

    def _ground(self, node: Steps) -> tuple[Grounding, ...]:
        """The walks over these steps, for each topic that has some."""
        steps = self._reach.ground_steps(node)
        return tuple(
            Grounding(self._graph, topic, steps, self._avoid(topic))
            for topic in self._topics
            if self._reaches_a_name(topic, node)
        )
