"""A sample, or the first questions, of a set."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from kgqa.datasets.question import Question

__all__ = ["Selection"]


@dataclass(frozen=True)
class Selection:
    """The questions of `source`, or some of them, in its order; every loop reads them again.

    `sample` questions are drawn with `seed` (all, if there are fewer), then the first `limit` are taken.

    >>> three = Selection(lambda: [Question(f"q{n}", "?") for n in range(9)], sample=3, seed=1)
    >>> [question.id for question in three]
    ['q1', 'q2', 'q8']
    """

    source: Callable[[], Iterable[Question]]
    sample: int | None = None
    seed: int = 0
    limit: int | None = None

    def __iter__(self) -> Iterator[Question]:
        found: Iterable[Question] = self.source()
        if self.sample is not None:
            count = sum(1 for _ in self.source())
            drawn = random.Random(self.seed).sample(range(count), min(self.sample, count))
            places = frozenset(drawn)
            found = (question for at, question in enumerate(found) if at in places)
        return islice(found, self.limit)
