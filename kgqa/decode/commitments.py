"""What the beginning of a text has settled."""

from __future__ import annotations

from functools import lru_cache
from typing import TypeAlias

from kgqa.constraint import Constraint, State
from kgqa.graph import Chain

__all__ = ["Commitments", "Step"]

Step: TypeAlias = tuple[str, bool]
"""A relation, and whether it is walked against its triples."""


class Commitments:
    """Which relations and which entity a beginning cannot but go on to say.

    Found through the `Constraint` protocol alone, so for every grammar, tokenizer and constraint:
    the texts with one beginning lie, in the order of their tokens, between the one of always the
    lowest and the one of always the highest token. Where these two say the same relation, they
    share its tokens, and so do all texts between them. Of a text that stands for several chains,
    the first counts.
    """

    def __init__(self, constraint: Constraint) -> None:
        self._constraint = constraint
        self._ends: dict[tuple[State, int], State] = {}
        self._chain = lru_cache(maxsize=4096)(self._find_chain)

    def steps(self, state: State) -> tuple[Step, ...]:
        """The relations settled, hop by hop."""
        lowest, highest = (self._chain(end).hops for end in self._extremes(state))
        settled = []
        for one, other in zip(lowest, highest, strict=False):
            if (one.relation, one.inverse) != (other.relation, other.inverse):
                break
            settled.append((one.relation, one.inverse))
        return tuple(settled)

    def end(self, state: State) -> str | None:
        """The entity settled on as the next that a chain can end at; None while there are several."""
        lowest, highest = self._extremes(state)
        ends = self._constraint.ends(lowest).keys()
        if len(ends) > 1 or ends != self._constraint.ends(highest).keys():
            return None
        return next(iter(ends))

    def settled(self, state: State) -> bool:
        """Whether there is only one text left."""
        lowest, highest = self._extremes(state)
        return lowest == highest and not len(self._constraint.allowed(lowest))

    def _extremes(self, state: State) -> tuple[State, State]:
        """Where the first whole texts end when always the lowest or always the highest token is taken."""
        return self._finished(state, 0), self._finished(state, -1)

    def _finished(self, state: State, place: int) -> State:
        passed = []
        while (end := self._ends.get((state, place))) is None and not self._constraint.accepts(state):
            passed.append(state)
            state = self._constraint.advance(state, int(self._constraint.allowed(state)[place]))
        end = state if end is None else end
        self._ends.update(dict.fromkeys(((one, place) for one in passed), end))
        return end

    def _find_chain(self, state: State) -> Chain:
        return next(self._constraint.chains(state))
