"""The ranks of gold chains among decoded hypotheses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

__all__ = ["Ranking"]


@dataclass(frozen=True)
class Ranking:
    """Over `n` questions, the place of the first hypothesis that is a gold chain.

    `mrr` is the mean of 1 / place, 0 where none is; `hits_at_k` the share of questions with one
    among the first k. As in knowledge graph completion ("Translating Embeddings for Modeling
    Multi-relational Data", NIPS 2013), but of chains, and nothing is filtered out.
    """

    n: int
    mrr: float
    hits_at_1: float
    hits_at_3: float
    hits_at_10: float

    @classmethod
    def of(cls, ranks: Sequence[int]) -> Self:
        """The quality of places from 1; 0: no hypothesis is a gold chain. 0.0 for no questions.

        Leave out questions that have no gold chain. Raises `ValueError` for a place below 0.

        >>> Ranking.of([1, 4, 0, 2]).mrr, Ranking.of([1, 4, 0, 2]).hits_at_3
        (0.4375, 0.5)
        """
        found = [rank for rank in ranks if rank]
        if found and min(found) < 0:
            raise ValueError(f"places begin at 1, got {min(found)}")
        n = len(ranks)

        def within(k: int) -> float:
            return sum(rank <= k for rank in found) / n if n else 0.0

        mrr = math.fsum(1 / rank for rank in found) / n if n else 0.0
        return cls(n, mrr, within(1), within(3), within(10))
