"""Ancestral sampling under the constraint."""

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
    """Draws `samples` texts token by token from the model, renormalised over the allowed tokens.

    A `temperature` above 1 flattens the distribution of each step, below 1 sharpens it. This is *not*
    the model's own distribution over the texts of the constraint: texts whose prefixes few others
    share are drawn too often (`AlignedSampler` draws from the model's own). Equal draws are merged;
    `weight` is the share of the draws. More samples with the same seed include the earlier ones.
    `seconds` is the time limit of a question; `BudgetError` when it is over.
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
        """The continuations drawn at a prefix, with the numbers of the samples that take each."""
        if len(fork) == 1:
            return [(0, drawn)]
        points = chance.uniforms(prefix.tokens, self.samples)[drawn]
        ways = pick(fork.normalised(self.temperature), points)
        return [(int(way), drawn[ways == way]) for way in np.unique(ways)]

    def _finished(self, prefix: Prefix, fork: Fork, count: int, constraint: Constraint) -> Hypothesis:
        total = prefix.log_probability + float(fork.log_probabilities[-1])
        share = math.log(count / self.samples)
        return Hypothesis(prefix.tokens, total, prefix.state, constraint, log_weight=share, exact=True)
