"""The continuations of a prefix, with ending as one of them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint
from kgqa.decode.prefix import Branches, Prefix

__all__ = ["Fork", "log_sum", "normalised", "pick"]


class Fork:
    """The ways to continue a prefix: each token in order, then ending where that is allowed.

    `log_probabilities` are raw, one for each way. *Shape:* (ways,).
    """

    __slots__ = ("_tokens", "log_probabilities")

    def __init__(self, branches: Branches) -> None:
        self._tokens = branches.tokens
        self.log_probabilities: NDArray[np.float64] = branches.log_probabilities
        if branches.end is not None:
            self.log_probabilities = np.append(branches.log_probabilities, branches.end)

    def __len__(self) -> int:
        return len(self.log_probabilities)

    def is_end(self, way: int) -> bool:
        """Whether this way ends the text."""
        return way == len(self._tokens)

    def token(self, way: int) -> int:
        """The token of a way that is not the end."""
        return int(self._tokens[way])

    def way(self, token: int) -> int:
        """The way that begins with a token."""
        return int(self._tokens.searchsorted(token))

    def follow(self, prefix: Prefix, way: int, constraint: Constraint) -> Prefix:
        """The prefix after a way that is not the end."""
        return prefix.grown(self.token(way), float(self.log_probabilities[way]), constraint)

    def normalised(self, temperature: float = 1.0) -> NDArray[np.float64]:
        """The log-probabilities at a temperature, renormalised over the ways.

        If the model gives all of them probability 0, all ways are equally likely.
        """
        return normalised(self.log_probabilities, temperature)


def log_sum(scores: NDArray[np.float64]) -> float:
    """The logarithm of the sum of the exponentials; -inf for none."""
    most = float(scores.max(initial=-math.inf))
    if most == -math.inf:
        return most
    return most + float(np.log(np.exp(scores - most).sum()))


def normalised(scores: NDArray[np.float64], temperature: float = 1.0) -> NDArray[np.float64]:
    """The scores at a temperature, normalised to logarithms of shares; equal shares if all are -inf."""
    most = float(scores.max())
    if most == -math.inf:
        return np.full(len(scores), -math.log(len(scores)))
    with np.errstate(over="ignore"):  # a very low temperature may overflow to -inf
        tempered = (scores - most) / temperature
    shares: NDArray[np.float64] = tempered - log_sum(tempered)
    return shares


def pick(shares: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.int64]:
    """The index that each point from 0 to 1 selects (inverse transform); shares are logarithms."""
    bounds = np.exp(shares).cumsum()
    last = bounds.searchsorted(bounds[-1])  # what follows it has share 0
    places: NDArray[np.int64] = np.minimum(bounds.searchsorted(points * bounds[-1], side="right"), last)
    return places
