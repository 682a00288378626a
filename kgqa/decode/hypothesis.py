"""The results of decoders."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Self

from kgqa.constraint import Answered, Constraint, State, StatedText
from kgqa.graph import Chain

__all__ = ["Hypothesis"]


@dataclass(frozen=True)
class Hypothesis:
    """A finished text: its tokens (without the end token), its probability, its chains.

    `log_probability` is the natural logarithm of the model's unconstrained probability of the text
    after the prompt, including the end token; from a decoder that `renormalises`, of its probability
    over what the constraint allows. `score` is what the decoder ranks by, by default the
    log-probability. `proven` is true if no other text of the constraint, except those listed before
    this one, has a better score.

    Hypotheses of samplers have importance weights: the sum of `weight` times a function of the text
    estimates the function's mean under the sampler's target distribution. `log_weight` is its
    logarithm, which does not underflow. `exact` is true if the text was drawn from the target
    distribution itself, not from an approximation that the weights correct.
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
        """The importance weight among the hypotheses of a sampler; 1 from a search."""
        return math.exp(self.log_weight)

    @property
    def ends(self) -> Mapping[str, int]:
        """The end entities of its chains, with the number of chains of each."""
        return self.constraint.ends(self.state)

    @cached_property
    def chain(self) -> Chain:
        """The first of its chains."""
        return next(self.constraint.chains(self.state))

    @property
    def stated(self) -> StatedText | None:
        """The answer that the model wrote behind its chain; `None` where it was to write none."""
        return self.constraint.answer_text(self.state) if isinstance(self.constraint, Answered) else None

    def rescored(self, score: float) -> Self:
        """A copy with another score."""
        other = replace(self, score=score)
        if "chain" in vars(self):
            vars(other)["chain"] = self.chain  # finding it again would be slow
        return other

    def chains(self, end: str | None = None) -> Iterator[Chain]:
        """All of its chains, or those that end at one entity, lazily, in a fixed order."""
        return self.constraint.chains(self.state, end)

    @property
    def rank(self) -> tuple[float, tuple[int, ...]]:
        """The sort key of hypotheses: best score first, ties by tokens."""
        return -self.score, self.tokens
