"""Which relations and entities a prefix has decided."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TypeAlias

from kgqa.constraint import Constraint, State
from kgqa.graph import Chain

__all__ = ["DecidedPrefix", "Step"]

Step: TypeAlias = tuple[str, bool]
"""A relation, and whether it is inverse."""

FEW = 16
"""Up to this number, the continuations of a prefix are examined one by one."""


class DecidedPrefix:
    """The relations and the entity that all texts with a prefix have in common.

    It needs only the `Constraint` protocol, so it works for every grammar, tokenizer and constraint.
    In the order of tokens, the texts with a prefix lie between the text of always the lowest and the
    text of always the highest token. If these two have the same relation, they share its tokens, and
    so do all texts between them; if they are the same text, there is no other. (If they start from
    different entities, the continuations are examined one by one, unless there are many.) For a
    text with several chains, the first chain counts.
    """

    def __init__(self, constraint: Constraint) -> None:
        self._constraint = constraint
        self._steps: dict[State, tuple[Step, ...]] = {}
        self._ends: dict[tuple[State, int], State] = {}
        self._chain = lru_cache(maxsize=4096)(self._find_chain)

    def steps(self, state: State) -> tuple[Step, ...]:
        """The decided relations, hop by hop."""
        known = self._steps.get(state)
        if known is None:
            known = self._steps[state] = self._find_steps(state)
        return known

    def end(self, state: State) -> str | None:
        """The decided next entity that a chain can end at; None while there are several."""
        lowest, highest = self._extremes(state)
        if lowest != highest:
            return None
        ends = self._constraint.ends(lowest)
        return next(iter(ends)) if len(ends) == 1 else None

    def settled(self, state: State) -> bool:
        """Whether there is only one text left."""
        lowest, highest = self._extremes(state)
        return lowest == highest and not len(self._constraint.allowed(lowest))

    def _find_steps(self, state: State) -> tuple[Step, ...]:
        one, other = (self._chain(end) for end in self._extremes(state))
        shared = _shared([_steps(one), _steps(other)])
        if _sources(one)[: len(shared)] == _sources(other)[: len(shared)]:
            return shared
        # The texts also differ in their start entities, which come before the relations.
        while not self._constraint.accepts(state):
            allowed = self._constraint.allowed(state).tolist()
            children = [self._constraint.advance(state, token) for token in allowed[: FEW + 1]]
            if len(children) > FEW:
                break
            if len(children) > 1:
                return _shared([self.steps(child) for child in children])
            (state,) = children
        return shared

    def _extremes(self, state: State) -> tuple[State, State]:
        """The states after the next complete text of always the lowest and always the highest token."""
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
        return next(self._constraint.chains(state), Chain("", ()))  # programs that denote a value have none


def _steps(chain: Chain) -> tuple[Step, ...]:
    return tuple((hop.relation, hop.inverse) for hop in chain.hops)


def _sources(chain: Chain) -> tuple[str, ...]:
    return chain.sources or (chain.start, *(hop.entity for hop in chain.hops))


def _shared(rows: Sequence[tuple[Step, ...]]) -> tuple[Step, ...]:
    """The longest common prefix of all rows."""
    length = 0
    while all(len(row) > length and row[length] == rows[0][length] for row in rows):
        length += 1
    return rows[0][:length]
