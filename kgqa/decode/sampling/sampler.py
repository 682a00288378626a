"""Sampling texts one token at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint
from kgqa.decode.deadline import Deadline
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Prefix
from kgqa.decode.sampling.chance import Chance
from kgqa.decode.sampling.fork import Fork, pick
from kgqa.errors import check_count, check_number

__all__ = ["Sampler"]


@dataclass(frozen=True)
class Sampler(Decoder):
    """Draws `samples` texts, token by token, from the model under the constraint.

    At each step the probabilities are renormalised over what is allowed; `temperature` above 1 makes
    them more alike, below 1 less. That is *not* the model's own distribution over the texts of the
    constraint: a text that shares its beginning with few others is drawn too often (`AlignedSampler`
    draws from the model's own). Texts drawn more than once are merged; `weight` is the share of the
    draws. More samples from the same seed keep those that there were.
    """

    samples: int = 20
    seed: int = 0
    temperature: float = 1.0
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_count(self.samples, "samples")
        check_count(self.seed, "seed", None)
        check_number(self.temperature, "temperature", above=0)
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline, chance = Deadline(self.seconds), Chance(self.seed, constraint.topics)
        groups = [(Prefix((), constraint.start), np.arange(self.samples))]
        finished = []
        while groups:
            branches = yield [prefix for prefix, _ in groups]
            deadline.check()
            forks = [Fork(branch) for branch in branches]
            grown = []
            for (prefix, drawn), fork in zip(groups, forks, strict=True):
                for way, chosen in self._split(prefix, drawn, fork, chance):
                    if fork.is_end(way):
                        finished.append(self._finished(prefix, fork, len(chosen), constraint))
                    else:
                        grown.append((fork.follow(prefix, way, constraint), chosen))
            groups = grown
        return sorted(finished, key=lambda h: h.rank)

    def _split(
        self, prefix: Prefix, drawn: NDArray[np.int64], fork: Fork, chance: Chance
    ) -> list[tuple[int, NDArray[np.int64]]]:
        """The ways that the samples at a prefix go on, and which samples go there."""
        if len(fork) == 1:
            return [(0, drawn)]
        points = chance.uniforms(prefix.tokens, self.samples)[drawn]
        ways = pick(fork.normalised(self.temperature), points)
        return [(int(way), drawn[ways == way]) for way in np.unique(ways)]

    def _finished(self, prefix: Prefix, fork: Fork, count: int, constraint: Constraint) -> Hypothesis:
        total = prefix.log_probability + float(fork.log_probabilities[-1])
        share = math.log(count / self.samples)
        return Hypothesis(prefix.tokens, total, prefix.state, constraint, log_weight=share, exact=True)
