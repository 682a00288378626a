"""The base of constraints that must search ahead to avoid dead ends."""

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
"""States and chains that one call may visit by default (some seconds)."""
CACHED = 50_000
"""States for which it is cached whether they lead to a text (tens of megabytes)."""
OFFERS = 512
"""States whose allowed tokens are cached."""

_NO_MORE: Any = object()


class Effort:
    """Counts the states and chains that one call visits, up to a budget."""

    def __init__(self, budget: int, what: str) -> None:
        self._budget = self._left = budget
        self._what = what

    def spend(self) -> None:
        """Count one more. Raises `BudgetError`."""
        self._left -= 1
        if self._left < 0:
            raise BudgetError(
                f"visited {self._budget} states and chains without finding whether a text {self._what} "
                f"can follow; set a larger budget, fewer hops, or topics with fewer chains"
            )


class PrunedConstraint(Constraint):
    """A `Constraint` without the dead ends of a simpler automaton.

    Subclasses define that automaton: the tokens and states after a state and where texts end
    (`_offered`, `_follow`, `_text_at`). A token is allowed if an accepted text can follow it, which
    is found by depth-first search in the order of tokens, up to the first text. The results are
    cached for a bounded number of states.

    One call may visit `budget` states and chains, then it raises `BudgetError`. Results do not depend
    on earlier calls; the same call may succeed with a larger budget.
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
            raise NoChainError(f"there is no chain from {topics} {what}")

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
        """The tokens that may follow, including those that lead to dead ends."""
        ...

    @abstractmethod
    def _follow(self, state: State, token: int) -> State:
        """The state after an offered token; `ConstraintError` for any other token."""
        ...

    @abstractmethod
    def _text_at(self, state: State, effort: Effort) -> bool:
        """Whether a text with at least one chain ends here."""
        ...

    @abstractmethod
    def _ends(self, state: State, effort: Effort) -> Mapping[str, int]:
        """The result of `ends` for an accepting state."""
        ...

    @abstractmethod
    def _chains(self, state: State, end: str | None) -> Iterator[Chain]:
        """The result of `chains` for an accepting state."""
        ...

    def _effort(self) -> Effort:
        return Effort(self.budget, self._what)

    def _refuse_unfinished(self, state: State) -> None:
        if not self.accepts(state):
            raise ConstraintError("the text is no complete chain yet; see Constraint.accepts")

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
        found.flags.writeable = False  # it is cached
        return found

    def _can_end(self, state: State, effort: Effort) -> bool:
        """Whether an accepted text ends at a state or can be reached from it."""
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
    """Cached results by state; the older half is dropped when there are too many."""

    def __setitem__(self, state: State, known: bool) -> None:
        if len(self) >= CACHED:
            for old in list(islice(self, CACHED // 2)):
                del self[old]
        super().__setitem__(state, known)
