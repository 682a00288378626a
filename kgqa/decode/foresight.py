"""Which prefixes a search will probably want next, before it is known what it wants."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple, Protocol

from kgqa.constraint import State
from kgqa.lm import Text

__all__ = ["ByLength", "ByLikelihood", "Foresight", "Guess"]


_RANK = itemgetter(0, 1)
"""The order of guesses, which their own comparison makes too, but slower."""


class Guess(NamedTuple):
    """A prefix that may be wanted: how unlikely it is, and the state before its last token."""

    cost: float
    text: Text
    before: State

    def __lt__(self, other: tuple[object, ...]) -> bool:
        return self[:2] < other[:2]  # states have no order


class Foresight(Protocol):
    """An order in which guesses are worth asking about."""

    def add(self, guesses: Iterable[Guess]) -> None:
        """Note what may follow."""
        ...

    def pop(self) -> Guess | None:
        """The next one to ask about, None where no other is worth it."""
        ...


class ByLikelihood:
    """For searches that go on where it is likeliest, whatever the length."""

    def __init__(self) -> None:
        self._heap: list[Guess] = []

    def add(self, guesses: Iterable[Guess]) -> None:
        """Note what may follow."""
        for guess in guesses:
            heapq.heappush(self._heap, guess)

    def pop(self) -> Guess | None:
        """The likeliest one."""
        return heapq.heappop(self._heap) if self._heap else None


class ByLength:
    """For searches that take `width` prefixes of one length, then of the next.

    Of each length twice as many are asked about as the search will keep. A length is of use only when
    nothing is missing at it or before it: where a fifth of the prefixes has been left out, the next
    pass knows better.
    """

    def __init__(self, width: int) -> None:
        self._room = max(_LEAST_ROOM, _SPARE * width)
        self._lengths: dict[int, list[Guess]] = {}
        self._turn: list[Guess] = []
        self._covered = 1.0

    def add(self, guesses: Iterable[Guess]) -> None:
        """Note what may follow: prefixes longer than the one that was popped last."""
        for guess in guesses:
            self._lengths.setdefault(len(guess.text), []).append(guess)

    def pop(self) -> Guess | None:
        """The likeliest of the shortest."""
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
"""The share that must not be left out. All three were chosen on MetaQA with a random model of 20 million
weights: more is asked in vain, or more passes are made."""
