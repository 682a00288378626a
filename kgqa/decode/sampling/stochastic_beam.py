"""Sampling without replacement."""

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
from kgqa.decode.sampling.fork import Fork
from kgqa.errors import check_count

__all__ = ["StochasticBeam"]


class _Beam(NamedTuple):
    """A prefix or a text."""

    phi: float
    """Its log-probability under the distribution that is sampled."""

    perturbed: float
    """The highest perturbed log-probability of the texts with this prefix."""

    prefix: Prefix
    end: float | None
    """The raw log-probability of ending here, if it is a complete text."""

    @property
    def rank(self) -> tuple[float, tuple[int, ...]]:
        return -self.perturbed, self.prefix.tokens


@dataclass(frozen=True)
class StochasticBeam(Decoder):
    """Draws `samples` different texts without replacement.

    The distribution is that of `Sampler` at temperature 1: the model renormalised over the allowed
    tokens at each step. If the constraint has at most `samples` texts, all with positive probability
    are returned.

    `weight` is a text's probability divided by its inclusion probability given the other draws, so
    that sums of weight times a function are unbiased estimates of its mean; the weights sum to 1 on
    average only. "Stochastic Beams and Where to Find Them" (Kool, van Hoof and Welling, ICML 2019):
    Gumbel noise is added to the log-probability of each text and the highest are kept, level by
    level; the value of a prefix is the highest of its texts. `seconds` is the time limit of a
    question; `BudgetError` when it is over.
    """

    samples: int = 10
    seed: int = 0
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_count(self.samples, "samples")
        check_count(self.seed, "seed", None)
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline, chance = Deadline(self.seconds), Chance(self.seed, constraint.topics)
        # The weights are only unbiased if the root's value is random too, from its own stream.
        root = float(chance.gumbels((), 1, 1)[0])
        beams = [_Beam(0.0, root, Prefix((), constraint.start), None)]
        while live := [beam for beam in beams if beam.end is None]:
            branches = yield [beam.prefix for beam in live]
            deadline.check()
            forks = [Fork(branch) for branch in branches]
            grown = [beam for beam in beams if beam.end is not None]
            for beam, fork in zip(live, forks, strict=True):
                if len(fork) == 1:
                    grown.append(_follow(beam, fork, 0, beam.phi, beam.perturbed, constraint))
                else:
                    grown += self._grown(beam, fork, chance, constraint)
            # One more than wanted: the best text left out determines the weights.
            beams = sorted(grown, key=lambda beam: beam.rank)[: self.samples + 1]
        kappa = beams[self.samples].perturbed if len(beams) > self.samples else -math.inf
        return sorted((_finished(b, kappa, constraint) for b in beams[: self.samples]), key=lambda h: h.rank)

    def _grown(self, beam: _Beam, fork: Fork, chance: Chance, constraint: Constraint) -> list[_Beam]:
        """The continuations that can be among the highest."""
        phis = beam.phi + fork.normalised()
        values = _conditioned(phis + chance.gumbels(beam.prefix.tokens, len(fork)), beam.perturbed)
        least = -math.inf
        if len(values) > self.samples + 1:
            least = float(np.partition(values, -self.samples - 1)[-self.samples - 1])
        ways = np.flatnonzero((values >= least) & (values > -math.inf)).tolist()
        return [_follow(beam, fork, way, float(phis[way]), float(values[way]), constraint) for way in ways]


def _conditioned(free: NDArray[np.float64], highest: float) -> NDArray[np.float64]:
    """Gumbel numbers conditioned on their maximum being `highest`."""
    with np.errstate(divide="ignore"):  # log 0 at the maximum
        room = np.log(-np.expm1(free - free.max()))
    shift = highest - free + room
    numbers: NDArray[np.float64] = highest - np.maximum(0, shift) - np.log1p(np.exp(-np.abs(shift)))
    return numbers


def _follow(beam: _Beam, fork: Fork, way: int, phi: float, perturbed: float, constraint: Constraint) -> _Beam:
    if fork.is_end(way):
        return _Beam(phi, perturbed, beam.prefix, float(fork.log_probabilities[way]))
    return _Beam(phi, perturbed, fork.follow(beam.prefix, way, constraint), None)


def _finished(beam: _Beam, kappa: float, constraint: Constraint) -> Hypothesis:
    assert beam.end is not None
    tokens, state = beam.prefix.tokens, beam.prefix.state
    total = beam.prefix.log_probability + beam.end
    log_weight = _log_weight(beam.phi, kappa)
    return Hypothesis(tokens, total, state, constraint, log_weight=log_weight, exact=True)


def _log_weight(phi: float, kappa: float) -> float:
    """The logarithm of a text's probability divided by that of its perturbed value exceeding kappa."""
    above = phi - kappa
    if above > 30:
        return phi
    if above < -30:
        return kappa
    return phi - math.log(-math.expm1(-math.exp(above)))
