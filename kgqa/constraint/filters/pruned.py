"""Constraints that have to look where a text can lead."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.protocol import Constraint, State
from kgqa.errors import BudgetError, ConstraintError, NoChainError, check_count
from kgqa.graph import Chain

__all__ = ["Effort", "PrunedConstraint"]

BUDGET = 100_000
"""States and chains that one question may look at (some seconds)."""
REMEMBERED = 50_000
"""States of which it is remembered whether they lead to a text (tens of megabytes)."""
OFFERS = 512
"""States whose allowed tokens are remembered."""

_NO_MORE: Any = object()


class Effort:
    """Counts the states and chains that one question has cost, and says when it is too much."""

    def __init__(self, budget: int, what: str) -> None:
        self._budget = self._left = budget
        self._what = what

    def spend(self) -> None:
        """Count one more. Raises `BudgetError`."""
        self._left -= 1
        if self._left < 0:
            raise BudgetError(
                f"looked at {self._budget} states and chains without knowing where a text {self._what} "
                f"can lead; give a larger budget, fewer hops, or topics with fewer chains"
            )


class PrunedConstraint(Constraint):
    """A `Constraint` made from one that is easy to describe but runs into dead ends.

    Whoever derives from it says what follows a state and where texts end (`_offered`, `_follow`,
    `_text_at`), dead ends and all. A token is then allowed exactly if a text can still be reached
    behind it, which is found out depth first, in the order of the tokens, up to the first text.
    What was found out is remembered, for a bounded number of states.

    One question may look at `budget` states and chains; then it raises `BudgetError`. The question
    can be asked again with more, and no answer depends on what was asked before.
    """

    def __init__(self, start: State, what: str, budget: int) -> None:
        check_count(budget, "budget")
        self._start = start
        self._what = what
        self.budget = budget
        self._leads = _Memory()
        self._ends_here = _Memory()
        self._offers = lru_cache(maxsize=OFFERS)(self._find_offers)
        if not self._can_end(start, self._effort()):
            topics = ", ".join(map(repr, self.topics)) or "no topic at all"
            raise NoChainError(f"no chain from {topics} is one {what}")

    @property
    @abstractmethod
    def topics(self) -> tuple[str, ...]:
        """The entities that chains may start from."""
        ...

    @property
    def start(self) -> State:
        """The state before the first token."""
        return self._start

    def allowed(self, state: State) -> NDArray[np.int32]:
        """The token ids that may follow; see `Constraint.allowed`. Raises `BudgetError`."""
        return self._offers(state)

    def advance(self, state: State, token: int) -> State:
        """The state after one more token; see `Constraint.advance`. Raises `BudgetError`."""
        following = self._follow(state, token)
        if not self._can_end(following, self._effort()):
            raise ConstraintError(f"token {token} is not allowed here; see Constraint.allowed")
        return following

    def accepts(self, state: State) -> bool:
        """Whether the text may end here. Raises `BudgetError`."""
        return self._accepts(state, self._effort())

    def ends(self, state: State) -> Mapping[str, int]:
        """The entities that the chains end at; see `Constraint.ends`. Raises `BudgetError`."""
        self._refuse_unfinished(state)
        return dict(sorted(self._ends(state, self._effort()).items()))

    def chains(self, state: State, end: str | None = None) -> Iterator[Chain]:
        """The chains of an accepted state; see `Constraint.chains`."""
        self._refuse_unfinished(state)
        return self._chains(state, end)

    @abstractmethod
    def _offered(self, state: State) -> NDArray[np.int32]:
        """The tokens that may follow, also those that lead to dead ends."""
        ...

    @abstractmethod
    def _follow(self, state: State, token: int) -> State:
        """The state behind an offered token; `ConstraintError` for another one."""
        ...

    @abstractmethod
    def _text_at(self, state: State, effort: Effort) -> bool:
        """Whether a text with at least one chain ends here."""
        ...

    @abstractmethod
    def _ends(self, state: State, effort: Effort) -> Mapping[str, int]:
        """What `ends` says of a state where a text ends."""
        ...

    @abstractmethod
    def _chains(self, state: State, end: str | None) -> Iterator[Chain]:
        """What `chains` gives for a state where a text ends."""
        ...

    def _effort(self) -> Effort:
        return Effort(self.budget, self._what)

    def _refuse_unfinished(self, state: State) -> None:
        if not self.accepts(state):
            raise ConstraintError("the text so far is no chain yet; see Constraint.accepts")

    def _accepts(self, state: State, effort: Effort) -> bool:
        known = self._ends_here.get(state)
        if known is None:
            known = self._ends_here[state] = self._text_at(state, effort)
        return known

    def _find_offers(self, state: State) -> NDArray[np.int32]:
        effort = self._effort()
        offered = self._offered(state)
        leading = [self._can_end(self._follow(state, token), effort) for token in offered.tolist()]
        found: NDArray[np.int32] = offered[np.array(leading, dtype=np.bool_)]
        found.flags.writeable = False  # it is remembered
        return found

    def _can_end(self, state: State, effort: Effort) -> bool:
        """Whether a text ends at a state or can be reached from it."""
        trail: list[State] = []
        waiting: list[Iterator[State]] = [iter((state,))]
        while waiting:
            following = next(waiting[-1], _NO_MORE)
            if following is _NO_MORE:
                waiting.pop()
                if trail:
                    self._leads[trail.pop()] = False
                continue
            leads = self._leads.get(following)
            if leads is None:
                effort.spend()
                trail.append(following)
                if not self._accepts(following, effort):
                    waiting.append(self._followers(following))
                    continue
            if leads is not False:
                for passed in trail:
                    self._leads[passed] = True
                return True
        return False

    def _followers(self, state: State) -> Iterator[State]:
        return (self._follow(state, token) for token in self._offered(state).tolist())


class _Memory(dict[State, bool]):
    """What is known of states; the older half is forgotten when there are too many."""

    def __setitem__(self, state: State, known: bool) -> None:
        if len(self) >= REMEMBERED:
            for old in list(islice(self, REMEMBERED // 2)):
                del self[old]
        super().__setitem__(state, known)
