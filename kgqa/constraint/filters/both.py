"""What two constraints both allow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.filters.pruned import BUDGET, Effort, PrunedConstraint
from kgqa.constraint.protocol import Constraint, State
from kgqa.graph import Chain

__all__ = ["Both"]

Pair = tuple[State, State]


class Both(PrunedConstraint):
    """The chains that two constraints have in common, as the texts of both.

    For example of two graphs that must agree. A text with different chains in the two constraints
    is not accepted. Both must have the same tokenizer and grammar, otherwise they share no texts or
    texts with different meanings. See `PrunedConstraint` for `budget`.

    Raises `NoChainError` if there is no common chain, `BudgetError` if that cannot be decided within
    the budget.
    """

    def __init__(self, first: Constraint, second: Constraint, budget: int = BUDGET) -> None:
        self.first = first
        self.second = second
        super().__init__((first.start, second.start), "that both constraints allow", budget)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of both constraints."""
        return tuple(topic for topic in self.first.topics if topic in self.second.topics)

    def _offered(self, state: Pair) -> NDArray[np.int32]:
        return np.intersect1d(self.first.allowed(state[0]), self.second.allowed(state[1]), assume_unique=True)

    def _follow(self, state: Pair, token: int) -> Pair:
        return self.first.advance(state[0], token), self.second.advance(state[1], token)

    def _text_at(self, state: Pair, effort: Effort) -> bool:
        if not (self.first.accepts(state[0]) and self.second.accepts(state[1])):
            return False
        return any(any(True for _ in self._shared(state, end, effort)) for end in self._common_ends(state))

    def _ends(self, state: Pair, effort: Effort) -> Mapping[str, int]:
        counts = {end: sum(1 for _ in self._shared(state, end, effort)) for end in self._common_ends(state)}
        return {end: count for end, count in counts.items() if count}

    def _chains(self, state: Pair, end: str | None) -> Iterator[Chain]:
        """In the order of the first constraint."""
        common = set(self._common_ends(state))
        second: dict[str, Counter[Chain]] = {}
        for chain in self.first.chains(state[0], end):
            if chain.end in common:
                if chain.end not in second:
                    second[chain.end] = Counter(self.second.chains(state[1], chain.end))
                if second[chain.end][chain] > 0:
                    second[chain.end][chain] -= 1
                    yield chain

    def _common_ends(self, state: Pair) -> list[str]:
        second = self.second.ends(state[1])
        return [end for end in self.first.ends(state[0]) if end in second]

    def _shared(self, state: Pair, end: str, effort: Effort) -> Iterator[Chain]:
        """The common chains with one end."""
        second: Counter[Chain] = Counter()
        for chain in self.second.chains(state[1], end):
            effort.spend()
            second[chain] += 1
        for chain in self.first.chains(state[0], end):
            effort.spend()
            if second[chain] > 0:
                second[chain] -= 1
                yield chain
