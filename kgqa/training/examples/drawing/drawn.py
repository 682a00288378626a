"""A program that is being drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from kgqa.graph.adjacency import Ids
from kgqa.program import Clause, Compare, Final, Is, Keep, Start

__all__ = ["Drawn", "Operation", "tried", "used"]


_TRIES = 4


class Drawn(NamedTuple):
    """A program so far and its set."""

    start: Start
    members: Ids
    clauses: tuple[Clause, ...] = ()
    final: Final | None = None

    def then(self, clause: Clause, members: Ids) -> Drawn:
        """With one more clause, which leads to these members."""
        return self._replace(clauses=(*self.clauses, clause), members=members)


Operation: TypeAlias = Callable[[Drawn], Drawn | None]
"""Adds a clause or a final operator; `None` where what it drew means nothing."""


def tried(operation: Operation, drawn: Drawn) -> Drawn | None:
    """What an operation gives, tried again a few times where it drew what means nothing."""
    for _ in range(_TRIES):
        found = operation(drawn)
        if found is not None:
            return found
    return None


def used(clauses: tuple[Clause, ...]) -> set[str]:
    """The relations that filters fix to one value: their values are known, and nobody asks for them."""
    found: set[str] = set()
    for clause in clauses:
        if isinstance(clause, Keep) and isinstance(clause.condition, Is) and not clause.negated:
            found |= {step.relation for step in clause.condition.path}
        if isinstance(clause, Keep) and isinstance(clause.condition, Compare):
            found |= {step.relation for step in clause.condition.measure.path[-1:]}
    return found
