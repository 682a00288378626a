"""The priority queue of a best-first search."""

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
"""An upper bound, 0 or less, of the log-probability that a prefix can still gain.

A heuristic that is no upper bound has an attribute `admissible` that is False.
"""


class _Children:
    """The prefixes one token longer than a prefix, the most probable first."""

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
        """Remove and return the next child."""
        at = self._order[self._next]
        self._next += 1
        gain = float(self._branch.log_probabilities[at])
        return self.prefix.grown(int(self._branch.tokens[at]), gain, constraint)

    def __bool__(self) -> bool:
        return self._next < len(self._order)


class _Open(NamedTuple):
    """An entry of the queue: a prefix, or the next of the children of one."""

    cost: float
    text: Text
    log_probability: float
    waiting: Prefix | _Children


class SearchFrontier:
    """Prefixes that were not scored yet, ranked by an upper bound of the texts that begin with them.

    The bound is the log-probability plus the value of the `heuristic`. Only one child of a prefix is
    in the queue at a time, so a hub costs no more than the neighbours that are expanded.
    """

    def __init__(self, constraint: Constraint, heuristic: Heuristic | None = None) -> None:
        self._constraint = constraint
        self._heuristic = heuristic
        self._heap: list[_Open] = []

    def push(self, prefix: Prefix) -> None:
        """Add a prefix."""
        gain = 0.0 if self._heuristic is None else self._heuristic(prefix, self._constraint)
        if not gain <= 0:
            raise UsageError(
                f"heuristic must give at most 0, not {gain} (for a prefix of {len(prefix.tokens)} tokens)"
            )
        total = prefix.log_probability
        heapq.heappush(self._heap, _Open(-(total + gain), prefix.tokens, total, prefix))

    def push_children(self, prefix: Prefix, branch: Branches) -> None:
        """Add all prefixes one token longer than a prefix."""
        self._push_next(_Children(prefix, branch))

    def pop(self, count: int, floor: float | None = None) -> list[Prefix]:
        """Remove and return the best prefixes, at most `count`, and only those that can reach `floor`."""
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
        """An upper bound of the log-probability of all texts that begin with a prefix here; -inf if empty."""
        if getattr(self._heuristic, "admissible", True):
            return -self._heap[0].cost if self._heap else -math.inf
        return max((waiting.log_probability for waiting in self._heap), default=-math.inf)

    def _reaches(self, floor: float | None) -> bool:
        """Whether the best prefix can reach `floor`; a second text of probability 0 cannot."""
        most = -self._heap[0].cost
        return floor is None or most > floor or most == floor > -math.inf

    def _push_next(self, children: _Children) -> None:
        if children:
            text, total = children.peek()
            heapq.heappush(self._heap, _Open(-total, text, total, children))
