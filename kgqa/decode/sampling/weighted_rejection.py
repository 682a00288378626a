"""Sampling with a filter callback."""

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
from kgqa.decode.sampling.draft import DraftChecks, DraftFilter
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
    """Draws texts that the constraint allows and `keeps` accepts, as `samples` weighted particles.

    For conditions that only a callback can decide, such as a look-up at a remote endpoint. `keeps` is
    called as rarely as possible: at each fork continuations are drawn without replacement until one
    is kept. It is called at forks and ends only, and never twice for the same text. `calls` bounds
    the calls for one question (`BudgetError`); `NoChainError` if no text is kept. `seconds` is the
    time limit of a question; `BudgetError` when it is over.

    The weights are unbiased: sums of weight times a function estimate the sum of p(text) times the
    function over all kept texts, p being the model's own distribution; the total weight estimates
    the probability of all kept texts, and division by it gives means. Particles are resampled when
    the effective sample size falls below half. If all particles get stuck, the search restarts with
    what it has learnt; texts found after a restart have weight 0.

    "Fast Controlled Generation from Language Models with Adaptive Weighted Rejection Sampling"
    (Lipkin et al., COLM 2025), inside sequential Monte Carlo.
    """

    keeps: DraftFilter
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
        checks = DraftChecks(self.keeps, constraint, self.calls)
        chance = Chance(self.seed, constraint.topics)
        for attempt in count():
            if checks.hopeless:
                raise NoChainError(f"keeps rejects all texts, after {checks.calls} calls")
            particles = yield from self._population(attempt, checks, chance, constraint, deadline)
            if kept := [particle for particle in particles if not particle.lost]:
                break
        return self._merged(kept, constraint, rescued=attempt > 0)

    def _population(
        self, attempt: int, checks: DraftChecks, chance: Chance, constraint: Constraint, deadline: Deadline
    ) -> Generator[Sequence[Prefix], Sequence[Branches], list[_Particle]]:
        """Particles that have all finished or got stuck."""
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
                self._move(particle, forks[particle.prefix.tokens], attempt, checks, chance, constraint)
            if _effective(particles) < self.samples / 2:
                self._resample(particles, float(chance.uniforms((), 1, attempt, -1, step)[0]))
        return particles

    def _move(
        self,
        particle: _Particle,
        fork: Fork,
        attempt: int,
        checks: DraftChecks,
        chance: Chance,
        constraint: Constraint,
    ) -> None:
        """Extend a particle by one way, weighted by an unbiased estimate of the mass of all kept ways."""
        prefix, way = particle.prefix, 0
        if len(fork) == 1:
            particle.log_weight += float(fork.log_probabilities[0])
        else:
            gumbels = chance.gumbels(prefix.tokens, len(fork), attempt, particle.number)
            found = _draw(prefix, fork, gumbels, checks)
            if found is None:
                checks.bury(prefix.tokens)
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
        """Systematic resampling: copies in proportion to the weights, up to rounding."""
        log_weights = np.array([particle.log_weight for particle in particles])
        points = (np.arange(len(particles)) + point) / len(particles)
        parents = pick(normalised(log_weights), points)
        mean = log_sum(log_weights) - math.log(len(particles))
        particles[:] = [
            # The number, which selects the random numbers to come, is not copied.
            replace(particles[parent], number=number, log_weight=mean)
            for number, parent in enumerate(parents.tolist())
        ]

    def _merged(self, kept: list[_Particle], constraint: Constraint, rescued: bool) -> list[Hypothesis]:
        """The texts found, each with the total weight of its particles."""
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
    """The effective sample size; infinite if all weights are 0."""
    most = max(particle.log_weight for particle in particles)
    if most == -math.inf:
        return math.inf
    weights = [math.exp(particle.log_weight - most) for particle in particles]
    return sum(weights) ** 2 / sum(weight**2 for weight in weights)


def _draw(
    prefix: Prefix, fork: Fork, gumbels: NDArray[np.float64], checks: DraftChecks
) -> tuple[int, float] | None:
    """A kept way, drawn by probability, and an estimate of the log-mass of all kept ways.

    Ways are drawn without replacement until one is kept. Given that way and those rejected, the
    estimate is unbiased: one more draw from the remaining ways would be kept with the probability
    that is estimated, relative to the remaining mass. None if no way is kept.
    """
    masses = fork.log_probabilities
    left = np.array([way for way in range(len(fork)) if not checks.rejected(prefix.tokens, way)], dtype=int)
    # Ways of probability 0 come last, in random order.
    keys = np.where(masses == -math.inf, gumbels, masses + gumbels)
    order = left[np.lexsort((-keys[left], masses[left] == -math.inf))].tolist()
    for at, way in enumerate(order):
        if not checks.keeps(prefix, fork, way):
            continue
        own, others = float(masses[way]), order[at + 1 :]
        if not others or masses[others[0]] == -math.inf:
            return way, own
        if checks.keeps(prefix, fork, others[0]):
            return way, log_sum(masses[[way, *others]])
        return way, own
    return None
