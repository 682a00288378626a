"""A constraint with a filter applied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.filters.chain_filters import EndFilter
from kgqa.constraint.filters.filter import Filter
from kgqa.constraint.filters.pruned import BUDGET, Effort, PrunedConstraint
from kgqa.constraint.protocol import Constraint, State
from kgqa.graph import Chain

__all__ = ["Filtered"]


class Filtered(PrunedConstraint):
    """The chains of a constraint that a filter keeps; a text is accepted if one of its chains is kept.

    A token is allowed only if an accepted text can follow; see `PrunedConstraint` for `budget` and
    the cost of finding out. Filters of triples cost nothing if `restrict` applies them to the graph
    beforehand.

    Raises `NoChainError` if no chain is kept, `BudgetError` if that cannot be decided within the
    budget.
    """

    def __init__(self, constraint: Constraint, filter: Filter, budget: int = BUDGET) -> None:
        self.constraint: Constraint = constraint
        self.filter: Filter = filter
        if isinstance(constraint, Filtered):  # one look-ahead for all filters
            self.constraint, self.filter = constraint.constraint, constraint.filter & filter
            budget = max(budget, constraint.budget)
        self._by_end = tuple(part for part in self.filter.parts if isinstance(part, EndFilter))
        self._by_chain = tuple(part for part in self.filter.parts if not isinstance(part, EndFilter))
        super().__init__(constraint.start, str(self.filter), budget)

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics of the inner constraint; the filter may keep no chain of some of them."""
        return self.constraint.topics

    def _offered(self, state: State) -> NDArray[np.int32]:
        return self.constraint.allowed(state)

    def _follow(self, state: State, token: int) -> State:
        return self.constraint.advance(state, token)

    def _text_at(self, state: State, effort: Effort) -> bool:
        if not self.constraint.accepts(state):
            return False
        if not self._by_end:
            return any(self._keeps(chain, effort) for chain in self.constraint.chains(state))
        ends = self._ends_kept(state)
        if not self._by_chain:
            return bool(ends)
        return any(self._keeps(chain, effort) for end in ends for chain in self.constraint.chains(state, end))

    def _ends(self, state: State, effort: Effort) -> Mapping[str, int]:
        ends = self._ends_kept(state)
        if not self._by_chain:
            return ends
        counts = {
            end: sum(self._keeps(chain, effort) for chain in self.constraint.chains(state, end))
            for end in ends
        }
        return {end: count for end, count in counts.items() if count}

    def _chains(self, state: State, end: str | None) -> Iterator[Chain]:
        return (chain for chain in self.constraint.chains(state, end) if self.filter.keeps(chain))

    def _ends_kept(self, state: State) -> dict[str, int]:
        ends = self.constraint.ends(state)
        return {end: n for end, n in ends.items() if all(part.keeps_end(end) for part in self._by_end)}

    def _keeps(self, chain: Chain, effort: Effort) -> bool:
        """Whether the filters of whole chains keep a chain."""
        effort.spend()
        return all(part.keeps(chain) for part in self._by_chain)
