"""The order in which an engine prefetches prefixes that a search will probably need."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple, Protocol

from kgqa.constraint import State
from kgqa.lm import Text

__all__ = ["ByLength", "ByLikelihood", "Foresight", "Guess"]


_RANK = itemgetter(0, 1)
"""The order of guesses; faster than their `__lt__`, with the same result."""


class Guess(NamedTuple):
    """A prefix that may be needed: its cost (-log-probability), and the state before its last token."""

    cost: float
    text: Text
    before: State

    def __lt__(self, other: tuple[object, ...]) -> bool:
        return self[:2] < other[:2]  # states have no order


class Foresight(Protocol):
    """An order of guesses."""

    def add(self, guesses: Iterable[Guess]) -> None:
        """Add guesses."""
        ...

    def pop(self) -> Guess | None:
        """The next guess to score, None if no other is worth it."""
        ...


class ByLikelihood:
    """Most likely first, for searches that expand prefixes of any length."""

    def __init__(self) -> None:
        self._heap: list[Guess] = []

    def add(self, guesses: Iterable[Guess]) -> None:
        """Add guesses."""
        for guess in guesses:
            heapq.heappush(self._heap, guess)

    def pop(self) -> Guess | None:
        """The likeliest guess."""
        return heapq.heappop(self._heap) if self._heap else None


class ByLength:
    """Shortest first, for searches that keep `width` prefixes of each length.

    Takes twice as many prefixes of each length as the search keeps. Prefetching a length only helps
    if it is nearly complete up to there, so it stops once a fifth of the prefixes was left out.
    """

    def __init__(self, width: int) -> None:
        self._room = max(_LEAST_ROOM, _SPARE * width)
        self._lengths: dict[int, list[Guess]] = {}
        self._turn: list[Guess] = []
        self._covered = 1.0

    def add(self, guesses: Iterable[Guess]) -> None:
        """Add guesses, all longer than the one popped last."""
        for guess in guesses:
            self._lengths.setdefault(len(guess.text), []).append(guess)

    def pop(self) -> Guess | None:
        """The likeliest of the shortest guesses."""
        if not self._turn:
            if not self._lengths:
                return None
            all_of_length = self._lengths.pop(min(self._lengths))
            self._turn = heapq.nsmallest(self._room, all_of_length, key=_RANK)[::-1]
            self._covered *= len(self._turn) / len(all_of_length)
        return self._turn.pop() if self._covered >= _WORTH else None


_SPARE = 2
_LEAST_ROOM = 16
_WORTH = 0.8
"""The least share of prefixes to cover. All three constants were tuned on MetaQA with a random model of 20
million weights, for few wasted texts and few passes."""
