"""What a decoder finds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from kgqa.constraint import Constraint, State
from kgqa.graph import Chain

__all__ = ["Hypothesis"]


@dataclass(frozen=True)
class Hypothesis:
    """A finished text: its tokens (without the end token), its probability, its chains.

    `log_probability` is the natural logarithm of the probability that the model, unconstrained,
    gives the text after the prompt, end token included. `score` is what the decoder ranks by: the
    log-probability unless its settings say otherwise. `proven` says that no text of the constraint
    that is not listed before this one has a better score; False where the search gave something up.

    Samplers weigh what they drew: over their hypotheses, the sum of `weight` times any number that
    belongs to a text estimates its mean under the distribution they name; `log_weight` is the
    logarithm, since weights may be too small for a number. `exact` says that the text was drawn from
    just that distribution, not from an approximation that weights make up for.
    """

    tokens: tuple[int, ...]
    log_probability: float
    state: State = field(repr=False)
    constraint: Constraint = field(repr=False, compare=False)
    score: float = field(default=float("nan"), repr=False)
    proven: bool = False
    log_weight: float = field(default=0.0, repr=False)
    exact: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        if self.score != self.score:
            object.__setattr__(self, "score", self.log_probability)

    @property
    def weight(self) -> float:
        """What it counts for among the hypotheses of a sampler; 1 from a search."""
        return math.exp(self.log_weight)

    @property
    def ends(self) -> Mapping[str, int]:
        """The entities that its chains end at, with the number of chains that do."""
        return self.constraint.ends(self.state)

    @cached_property
    def chain(self) -> Chain:
        """Its first chain."""
        return next(self.constraint.chains(self.state))

    def rescored(self, score: float) -> Self:
        """The same with another score."""
        other = replace(self, score=score)
        if "chain" in vars(self):
            vars(other)["chain"] = self.chain  # to find it takes longer than all the rest
        return other

    def chains(self, end: str | None = None) -> Iterator[Chain]:
        """All of its chains, or those that end at one entity, lazily, in a fixed order."""
        return self.constraint.chains(self.state, end)

    @property
    def rank(self) -> tuple[float, tuple[int, ...]]:
        """What hypotheses are sorted by: best score first, ties by their tokens."""
        return -self.score, self.tokens
