"""What a model is known to make of the continuations of a text."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint
from kgqa.decode.fork import Fork, log_sum
from kgqa.decode.prefix import Branches, Prefix
from kgqa.lm import Text

__all__ = ["ExpectedFuture", "Place"]


class Place:
    """A prefix whose continuations were asked about.

    `below` holds, for each way of its fork, the logarithm of the probability that what is said after
    it stays in the constraint to its end: an upper bound, 0 where nothing was asked, and the truth
    where everything was.
    """

    __slots__ = ("below", "fork", "origin", "prefix")

    def __init__(self, prefix: Prefix, fork: Fork, origin: tuple[Place, int] | None) -> None:
        self.prefix = prefix
        self.fork = fork
        self.origin = origin
        self.below: NDArray[np.float64] = np.zeros(len(fork))

    @property
    def scores(self) -> NDArray[np.float64]:
        """For each way, the log-probability of taking it and staying in the constraint to the end."""
        scores: NDArray[np.float64] = self.fork.log_probabilities + self.below
        return scores


class ExpectedFuture:
    """The part of a constraint's token tree that a model was asked about.

    Grows by `learn`; every new place tightens the bounds of those above it.
    """

    def __init__(self, constraint: Constraint) -> None:
        self._constraint = constraint
        self._places: dict[Text, Place] = {}
        self._start = Prefix((), constraint.start)
        self._unknown = 1
        self._queue: list[tuple[float, Text, int]] = []

    @property
    def complete(self) -> bool:
        """Whether nothing is left to ask: the bounds are the truth."""
        return self._unknown == 0

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, text: Text) -> Place | None:
        return self._places.get(text)

    def follow(self, place: Place, way: int) -> Prefix:
        """The prefix behind a way of a place that is not the end."""
        known = self._places.get((*place.prefix.tokens, place.fork.token(way)))
        return place.fork.follow(place.prefix, way, self._constraint) if known is None else known.prefix

    def likeliest(self, count: int) -> list[Prefix]:
        """The most probable prefixes not asked about; fewer than `count` where there are no more."""
        if not self._places:
            return [self._start][:count]
        found: list[Prefix] = []
        while self._queue and len(found) < count:
            _, text, way = heapq.heappop(self._queue)
            place = self._places[text]
            if (*text, place.fork.token(way)) not in self._places:
                found.append(self.follow(place, way))
        return found

    def learn(self, prefixes: Iterable[Prefix], branches: Sequence[Branches]) -> None:
        """Take in what may follow prefixes that were not known."""
        changed: dict[Text, Place] = {}
        for prefix, branch in zip(prefixes, branches, strict=True):
            place = Place(prefix, Fork(branch), self._origin(prefix.tokens))
            self._places[prefix.tokens] = changed[prefix.tokens] = place
            self._unknown += len(branch.tokens) - 1
            for way, gain in enumerate(branch.log_probabilities.tolist()):
                heapq.heappush(self._queue, (-prefix.log_probability - gain, prefix.tokens, way))
        self._settle(changed)

    def _origin(self, text: Text) -> tuple[Place, int] | None:
        if not text:
            return None
        above = self._places[text[:-1]]
        return above, above.fork.way(text[-1])

    def _settle(self, changed: dict[Text, Place]) -> None:
        """Carry new bounds up to the start, the longest texts first."""
        levels: dict[int, dict[Text, Place]] = {}
        for text, place in changed.items():
            levels.setdefault(len(text), {})[text] = place
        for depth in range(max(levels, default=0), 0, -1):
            for place in levels.get(depth, {}).values():
                assert place.origin is not None
                above, way = place.origin
                # Rounding apart, no bound is above 1.
                above.below[way] = min(0.0, log_sum(place.scores))
                levels.setdefault(depth - 1, {})[above.prefix.tokens] = above

    @property
    def total(self) -> float:
        """The logarithm of the probability that the model writes a text of the constraint, or a bound."""
        start = self._places.get(())
        return 0.0 if start is None else min(0.0, log_sum(start.scores))
