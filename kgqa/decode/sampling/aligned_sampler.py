"""Sampling from the model's own distribution over the texts of the constraint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint
from kgqa.decode.deadline import Deadline
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Prefix
from kgqa.decode.sampling.chance import Chance
from kgqa.decode.sampling.expected_future import ExpectedFuture
from kgqa.decode.sampling.fork import normalised, pick
from kgqa.errors import check_count

__all__ = ["AlignedSampler"]

AT_ONCE = 64
"""Prefixes expanded in one pass."""


class _Draws(NamedTuple):
    """The numbers of the samples that share a prefix."""

    prefix: Prefix
    numbers: NDArray[np.int64]
    log_proposal: float = 0.0
    """The log-probability of drawing this prefix."""

    log_probability: float = math.nan
    """The log-probability of the text, if it is complete."""


@dataclass(frozen=True)
class AlignedSampler(Decoder):
    """Draws `samples` texts from p(text | the text is in the constraint), p being the model's own.

    Renormalising at each step gives another distribution, see `Sampler`. Here each continuation is
    drawn with its probability times the probability that the rest of the text stays in the
    constraint. These are computed over the token tree, most probable prefixes first. If `prefixes`
    suffice for the whole tree, draws are `exact` and independent, and `weight` is the share of the
    draws.

    Otherwise unexpanded prefixes count as if every continuation stayed in the constraint, and drawing
    expands more of the tree: it proceeds in rounds, each as long as all before it, that come closer
    and closer to the distribution. Self-normalised importance weights correct the difference;
    estimates converge with the number of samples. This is ASAp of "Grammar-Aligned Decoding" (Park et
    al., NeurIPS 2024), which `prefixes=0` uses alone. `seconds` is the time limit of a question;
    `BudgetError` when it is over.
    """

    samples: int = 20
    seed: int = 0
    prefixes: int = 2000
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_count(self.samples, "samples")
        check_count(self.seed, "seed", None)
        check_count(self.prefixes, "prefixes", 0)
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline, chance = Deadline(self.seconds), Chance(self.seed, constraint.topics)
        future = ExpectedFuture(constraint)
        while wanted := future.likeliest(min(AT_ONCE, self.prefixes - len(future))):
            future.learn(wanted, (yield wanted))
            deadline.check()
        exact = future.complete
        drawn: list[_Draws] = []
        done = 0
        while done < self.samples:
            size = self.samples if exact else max(1, done)
            numbers = np.arange(done, min(done + size, self.samples))
            done += len(numbers)
            live = [_Draws(Prefix((), constraint.start), numbers)]
            while live := self._drawn(live, drawn, future, chance):
                wanted = [draws.prefix for draws in live]
                future.learn(wanted, (yield wanted))
                deadline.check()
        return _merged(drawn, exact, constraint)

    def _drawn(
        self, live: list[_Draws], drawn: list[_Draws], future: ExpectedFuture, chance: Chance
    ) -> list[_Draws]:
        """Advance draws to the edge of the expanded tree; finished ones are added to `drawn`."""
        edge = []
        while live:
            draws = live.pop()
            node = future[draws.prefix.tokens]
            if node is None:
                edge.append(draws)
                continue
            shares = normalised(node.scores)
            for way, numbers in self._split(draws, shares, chance):
                log_proposal = draws.log_proposal + float(shares[way])
                if node.fork.is_end(way):
                    total = draws.prefix.log_probability + float(node.fork.log_probabilities[way])
                    drawn.append(_Draws(draws.prefix, numbers, log_proposal, total))
                else:
                    live.append(_Draws(future.follow(node, way), numbers, log_proposal))
        return edge

    def _split(
        self, draws: _Draws, shares: NDArray[np.float64], chance: Chance
    ) -> list[tuple[int, NDArray[np.int64]]]:
        if len(shares) == 1:
            return [(0, draws.numbers)]
        points = chance.uniforms(draws.prefix.tokens, self.samples)[draws.numbers]
        ways = pick(shares, points)
        return [(int(way), draws.numbers[ways == way]) for way in np.unique(ways)]


def _merged(drawn: list[_Draws], exact: bool, constraint: Constraint) -> list[Hypothesis]:
    """The texts drawn, each with the total weight of its draws."""
    # The weights of exact draws would differ by rounding only.
    ratios = np.array([0.0 if exact else draws.log_probability - draws.log_proposal for draws in drawn])
    sizes = np.array([len(draws.numbers) for draws in drawn])
    if np.all(ratios == -math.inf):
        ratios = np.zeros(len(drawn))
    weights = normalised(ratios + np.log(sizes))
    found: dict[tuple[int, ...], Hypothesis] = {}
    for draws, weight in zip(drawn, weights.tolist(), strict=True):
        text, before = draws.prefix, found.get(draws.prefix.tokens)
        if before is not None:
            weight = float(np.logaddexp(before.log_weight, weight))
        found[text.tokens] = Hypothesis(
            text.tokens, draws.log_probability, text.state, constraint, log_weight=weight, exact=exact
        )
    return sorted(found.values(), key=lambda h: h.rank)
