"""Sampling under a constraint that can only be asked."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint
from kgqa.decode.deadline import Deadline
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.sampling.chance import Chance
from kgqa.decode.sampling.draft import Judge, Verdicts
from kgqa.decode.sampling.fork import Fork, log_sum, normalised, pick
from kgqa.errors import NoChainError, UsageError, check_count

__all__ = ["WeightedRejection"]


@dataclass
class _Particle:
    number: int
    prefix: Prefix
    log_weight: float = 0.0
    log_probability: float = 0.0
    ended: bool = False
    lost: bool = False


@dataclass(frozen=True)
class WeightedRejection(Decoder):
    """Draws texts that the constraint allows and a judge keeps: `samples` particles, weighed.

    For what only a callback knows: types looked up in a live graph, a remote endpoint. `keeps` is
    called as rarely as can be: one way on is drawn after another, those rejected left out, until
    one is kept; it is shown forks and ends only, and never the same text twice. More than `calls`
    calls for one question are a `BudgetError`, a judge that keeps no text a `NoChainError`.

    The weights are unbiased: sums of weight times a number estimate the sum of p(text) times that
    number over all texts that are kept, p being the model's own; their total estimates the
    probability that the model writes such a text, and divided by it they are means. Particles are
    resampled when their effective number falls below half. Should all get stuck, the search starts
    again knowing what was rejected; what it finds then weighs nothing.

    "Fast Controlled Generation from Language Models with Adaptive Weighted Rejection Sampling"
    (Lipkin et al., COLM 2025), inside sequential Monte Carlo.
    """

    keeps: Judge
    samples: int = 10
    seed: int = 0
    calls: int | None = None
    seconds: float | None = None

    def __post_init__(self) -> None:
        if not callable(self.keeps):
            raise UsageError(f"keeps must be callable with a draft, not {self.keeps!r}")
        check_count(self.samples, "samples")
        check_count(self.seed, "seed", None)
        check_count(self.calls, "calls", optional=True)
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline = Deadline(self.seconds)
        verdicts = Verdicts(self.keeps, constraint, self.calls)
        chance = Chance(self.seed, constraint.topics)
        for attempt in count():
            if verdicts.hopeless:
                raise NoChainError(f"none of the texts is kept by the judge, after {verdicts.calls} calls")
            particles = yield from self._population(attempt, verdicts, chance, constraint, deadline)
            if kept := [particle for particle in particles if not particle.lost]:
                break
        return self._merged(kept, constraint, rescued=attempt > 0)

    def _population(
        self, attempt: int, verdicts: Verdicts, chance: Chance, constraint: Constraint, deadline: Deadline
    ) -> Generator[Sequence[Prefix], Sequence[Branches], list[_Particle]]:
        """Particles that have all reached an end or got stuck."""
        particles = [_Particle(number, Prefix((), constraint.start)) for number in range(self.samples)]
        for step in count():
            live = [particle for particle in particles if not particle.ended and not particle.lost]
            if not live:
                break
            wanted = list({particle.prefix.tokens: particle.prefix for particle in live}.values())
            branches = yield wanted
            forks = {p.tokens: Fork(branch) for p, branch in zip(wanted, branches, strict=True)}
            for particle in live:
                deadline.check()
                self._move(particle, forks[particle.prefix.tokens], attempt, verdicts, chance, constraint)
            if _effective(particles) < self.samples / 2:
                self._resample(particles, float(chance.uniforms((), 1, attempt, -1, step)[0]))
        return particles

    def _move(
        self,
        particle: _Particle,
        fork: Fork,
        attempt: int,
        verdicts: Verdicts,
        chance: Chance,
        constraint: Constraint,
    ) -> None:
        """Take a particle one way on, weighed by an unbiased estimate of what all kept ways have together."""
        prefix, way = particle.prefix, 0
        if len(fork) == 1:
            particle.log_weight += float(fork.log_probabilities[0])
        else:
            gumbels = chance.gumbels(prefix.tokens, len(fork), attempt, particle.number)
            found = _draw(prefix, fork, gumbels, verdicts)
            if found is None:
                verdicts.bury(prefix.tokens)
                particle.lost, particle.log_weight = True, -math.inf
                return
            way, log_mass = found
            particle.log_weight += log_mass
        if fork.is_end(way):
            particle.ended = True
            particle.log_probability = prefix.log_probability + float(fork.log_probabilities[way])
        else:
            particle.prefix = fork.follow(prefix, way, constraint)

    def _resample(self, particles: list[_Particle], point: float) -> None:
        """Systematic resampling: as many copies of each as it has of the weight, up to rounding."""
        log_weights = np.array([particle.log_weight for particle in particles])
        points = (np.arange(len(particles)) + point) / len(particles)
        parents = pick(normalised(log_weights), points)
        mean = log_sum(log_weights) - math.log(len(particles))
        particles[:] = [
            # The number, and with it the luck to come, stays with the seat.
            replace(particles[parent], number=number, log_weight=mean)
            for number, parent in enumerate(parents.tolist())
        ]

    def _merged(self, kept: list[_Particle], constraint: Constraint, rescued: bool) -> list[Hypothesis]:
        """The texts found, each with the weights of its particles."""
        found: dict[tuple[int, ...], tuple[_Particle, float]] = {}
        for particle in kept:
            _, before = found.get(particle.prefix.tokens, (particle, -math.inf))
            log_weight = float(np.logaddexp(before, particle.log_weight))
            found[particle.prefix.tokens] = particle, log_weight
        hypotheses = [
            Hypothesis(
                tokens,
                particle.log_probability,
                particle.prefix.state,
                constraint,
                log_weight=-math.inf if rescued else log_weight - math.log(self.samples),
            )
            for tokens, (particle, log_weight) in found.items()
        ]
        return sorted(hypotheses, key=lambda h: h.rank)


def _effective(particles: list[_Particle]) -> float:
    """The number of equal weights that would say as much as these; infinite where there are none."""
    most = max(particle.log_weight for particle in particles)
    if most == -math.inf:
        return math.inf
    weights = [math.exp(particle.log_weight - most) for particle in particles]
    return sum(weights) ** 2 / sum(weight**2 for weight in weights)


def _draw(
    prefix: Prefix, fork: Fork, gumbels: NDArray[np.float64], verdicts: Verdicts
) -> tuple[int, float] | None:
    """A way that is kept, drawn by probability, and an estimate of the mass of all that are (logarithm).

    Ways are drawn without replacement until one is kept. The estimate is unbiased given that way and
    those rejected: were another drawn from what is left, the same one or the next in line, it would
    be kept with the probability that is sought, in units of what is left. None when nothing is kept.
    """
    masses = fork.log_probabilities
    left = np.array([way for way in range(len(fork)) if not verdicts.rejected(prefix.tokens, way)], dtype=int)
    # What the model thinks impossible comes last, in an order of its own.
    keys = np.where(masses == -math.inf, gumbels, masses + gumbels)
    order = left[np.lexsort((-keys[left], masses[left] == -math.inf))].tolist()
    for at, way in enumerate(order):
        if not verdicts.keeps(prefix, fork, way):
            continue
        own, others = float(masses[way]), order[at + 1 :]
        if not others or masses[others[0]] == -math.inf:
            return way, own
        if verdicts.keeps(prefix, fork, others[0]):
            return way, log_sum(masses[[way, *others]])
        return way, own
    return None
