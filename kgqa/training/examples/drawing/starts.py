"""Where programs begin."""

from __future__ import annotations

import random

from kgqa.program import Instances, Named
from kgqa.training.examples.drawing.drawn import Drawn, tried
from kgqa.training.examples.drawing.graph_facts import GraphFacts, Operations
from kgqa.training.examples.drawing.set_clauses import SetClauses
from kgqa.training.examples.drawing.superlatives import Superlatives

__all__ = ["Starts"]

_TRIES = 4


class Starts(Operations):
    """Draws the first set of a program."""

    def __init__(
        self, facts: GraphFacts, chance: random.Random, sets: SetClauses, superlatives: Superlatives
    ) -> None:
        super().__init__(facts, chance)
        self._sets, self._superlatives = sets, superlatives

    def begun(self, start: str) -> Drawn | None:
        """The first set of a plan; `None` where the graph has none."""
        match start:
            case "class":
                return self.of_class()
            case "named":
                return self.of_name()
            case "choice":
                return self._of_choice()
            case "topic":
                return self.of_topic()
            case _:
                if self._facts.classes and self._chance.random() < 0.75:
                    return self.of_class()
                for _ in range(_TRIES):
                    drawn = self.of_topic()
                    if drawn is not None and len(drawn.members) > 2:
                        return drawn
                return None

    def of_class(self) -> Drawn | None:
        """All of a class."""
        if not self._facts.classes:
            return None
        named = self._chance.choice(self._facts.classes)
        nodes = tuple(sorted(self._graph.entity(node) for node in named.nodes))
        start = Instances(nodes)
        return Drawn(start, self._executor.start(start))

    def of_name(self, value: bool | None = None) -> Drawn | None:
        """A named thing; with `value`, one that has a value or, `False`, another end."""
        edge = self._facts.edge(value)
        if edge is None:
            return None
        start = Named((self._facts.nodes(edge[0]),))
        return Drawn(start, self._executor.start(start))

    def of_topic(self) -> Drawn | None:
        """What a step leads to from a named thing."""
        edge = self._facts.edge()
        if edge is None:
            return None
        start = Named((self._facts.nodes(edge[0]),))
        drawn = self._facts.stepped(Drawn(start, self._executor.start(start)), edge[1])
        for _ in range(2):
            if drawn is None or self._graph.named[drawn.members].any():
                break
            drawn = self._sets.follow(drawn)  # through a mediator
        return drawn

    def _of_choice(self) -> Drawn | None:
        """Named things compared by a value."""
        group = self.of_class() if self._facts.classes and self._chance.random() < 0.7 else self.of_topic()
        if group is None:
            return None
        some = [node for node in group.members.tolist() if self._facts.is_topic(node)]
        if len(some) < 2:
            return None
        some = self._chance.sample(some, 3 if len(some) > 3 and self._chance.random() < 0.2 else 2)
        start = Named(tuple(dict.fromkeys(self._facts.nodes(node) for node in some)))
        if len(start.groups) < 2:
            return None
        drawn = Drawn(start, self._executor.start(start))
        found = tried(
            self._superlatives.extreme if self._chance.random() < 0.8 else self._superlatives.most, drawn
        )
        return found if found is not None and len(found.members) == 1 else None
