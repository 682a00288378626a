"""The open ends of a search, the most promising first."""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from kgqa.constraint import Constraint
from kgqa.decode.prefix import Branches, Prefix
from kgqa.errors import UsageError
from kgqa.lm import Text

__all__ = ["Heuristic", "SearchFrontier"]

Heuristic: TypeAlias = Callable[[Prefix, Constraint], float]
"""The log-probability that a prefix can still gain at most: 0 or less.

One that may be lower than what can be gained says so by an attribute `admissible` that is False.
"""


class _Children:
    """The prefixes that go on from one by a token, the most probable first."""

    def __init__(self, prefix: Prefix, branch: Branches) -> None:
        self.prefix = prefix
        self._branch = branch
        totals = prefix.log_probability + branch.log_probabilities
        self._order = np.argsort(-totals, kind="stable")
        self._next = 0

    def peek(self) -> tuple[Text, float]:
        """The next child's tokens and log-probability."""
        at = self._order[self._next]
        total = self.prefix.log_probability + float(self._branch.log_probabilities[at])
        return (*self.prefix.tokens, int(self._branch.tokens[at])), total

    def take(self, constraint: Constraint) -> Prefix:
        """The next child, which is then no longer among them."""
        at = self._order[self._next]
        self._next += 1
        gain = float(self._branch.log_probabilities[at])
        return self.prefix.grown(int(self._branch.tokens[at]), gain, constraint)

    def __bool__(self) -> bool:
        return self._next < len(self._order)


class _Open(NamedTuple):
    """A prefix that waits: a rated one, or the next among the children of another."""

    cost: float
    text: Text
    log_probability: float
    waiting: Prefix | _Children


class SearchFrontier:
    """Prefixes that nothing is known about yet, ranked by what the best text below may score.

    That is their log-probability plus what the `heuristic` says. Of a prefix's children only one is
    held at a time, so that a hub's neighbours cost no more than those that are looked at.
    """

    def __init__(self, constraint: Constraint, heuristic: Heuristic | None = None) -> None:
        self._constraint = constraint
        self._heuristic = heuristic
        self._heap: list[_Open] = []

    def push(self, prefix: Prefix) -> None:
        """Add one prefix."""
        gain = 0.0 if self._heuristic is None else self._heuristic(prefix, self._constraint)
        if not gain <= 0:
            raise UsageError(
                f"a heuristic gives at most 0, got {gain} for a text of {len(prefix.tokens)} tokens"
            )
        total = prefix.log_probability
        heapq.heappush(self._heap, _Open(-(total + gain), prefix.tokens, total, prefix))

    def push_children(self, prefix: Prefix, branch: Branches) -> None:
        """Add all that goes on from a prefix by a token."""
        self._push_next(_Children(prefix, branch))

    def pop(self, count: int, floor: float | None = None) -> list[Prefix]:
        """Remove the best, up to `count` of them, and of these none that cannot reach `floor`."""
        found: list[Prefix] = []
        while self._heap and len(found) < count and self._reaches(floor):
            best = heapq.heappop(self._heap)
            if isinstance(best.waiting, Prefix):
                found.append(best.waiting)
                continue
            child = best.waiting.take(self._constraint)
            self._push_next(best.waiting)
            if self._heuristic is None:
                found.append(child)
            else:
                self.push(child)
        return found

    @property
    def bound(self) -> float:
        """The highest log-probability that a text below any prefix here may have; -inf for none."""
        if getattr(self._heuristic, "admissible", True):
            return -self._heap[0].cost if self._heap else -math.inf
        return max((waiting.log_probability for waiting in self._heap), default=-math.inf)

    def _reaches(self, floor: float | None) -> bool:
        """Whether the best may be as good as `floor`; of texts that are impossible one is as good as all."""
        most = -self._heap[0].cost
        return floor is None or most > floor or most == floor > -math.inf

    def _push_next(self, children: _Children) -> None:
        if children:
            text, total = children.peek()
            heapq.heappush(self._heap, _Open(-total, text, total, children))
