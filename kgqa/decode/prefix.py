"""Prefixes of texts and their branches."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint, State
from kgqa.lm import Text

__all__ = ["Branches", "Prefix"]


class Prefix(NamedTuple):
    """A prefix of a text: its tokens, the constraint's state after them, their log-probability."""

    tokens: Text
    state: State
    log_probability: float = 0.0

    def grown(self, token: int, gain: float, constraint: Constraint) -> Prefix:
        """The prefix with one more token of log-probability `gain`."""
        state = constraint.advance(self.state, token)
        return Prefix((*self.tokens, token), state, self.log_probability + gain)


class Branches(NamedTuple):
    """The tokens that may follow a prefix, with log-probabilities: raw, unless the decoder `renormalises`.

    *Shape:* tokens int32 (n,), sorted; log_probabilities float64 (n,). `end` is the log-probability
    of ending here, None if no chain is complete.
    """

    tokens: NDArray[np.int32]
    log_probabilities: NDArray[np.float64]
    end: float | None
