"""Sampling without replacement: settings, limits, weights."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hub_question import PROMPT, Impossible
from scipy import stats

from kgqa.constraint import Walk
from kgqa.decode import StochasticBeam, decode
from kgqa.decode.sampling.stochastic_beam import _conditioned, _log_weight
from kgqa.lm import MockLanguageModel


@pytest.mark.parametrize("samples", [1, 5, 29, 30, 31, 500])
def test_as_many_different_texts_come_out_as_there_are(walk: Walk, samples: int) -> None:
    model = MockLanguageModel(1)
    found = decode(StochasticBeam(samples=samples), model, PROMPT, walk)
    assert len({h.tokens for h in found}) == len(found) == min(samples, 30)


def test_more_samples_keep_those_that_there_were(walk: Walk) -> None:
    model = MockLanguageModel(1)
    drawn = [{h.tokens for h in decode(StochasticBeam(n, seed=4), model, PROMPT, walk)} for n in range(1, 30)]
    assert all(fewer < more for fewer, more in pairwise(drawn))


def test_impossible_texts_are_drawn_when_there_is_nothing_else(walk: Walk) -> None:
    model = Impossible()
    assert len(decode(StochasticBeam(samples=4), model, PROMPT, walk)) == 4


def test_conditioned_gumbel_numbers_have_the_maximum_and_the_distribution_they_should() -> None:
    """With the maximum drawn as a Gumbel number of the whole, they are free Gumbel numbers again."""
    phis = np.log([0.6, 0.3, 0.1])
    chance = np.random.default_rng(1)
    rows = np.array([_conditioned(phis + chance.gumbel(size=3), float(chance.gumbel())) for _ in range(4000)])
    for phi, column in zip(phis, rows.T, strict=True):
        assert stats.kstest(column, stats.gumbel_r(loc=phi).cdf).pvalue > 1e-3
    assert abs(np.corrcoef(rows.T) - np.eye(3)).max() < 0.06


@pytest.mark.parametrize("highest", [-700.0, -3.0, 0.0, 40.0])
def test_the_maximum_is_what_it_was_conditioned_on_however_small(highest: float) -> None:
    numbers = _conditioned(np.array([-1.0, -900.0, -1.0 - 1e-14, -np.inf]), highest)
    assert numbers[0] == highest == numbers.max()
    assert numbers[3] == -math.inf
    assert not np.isnan(numbers).any()


@pytest.mark.parametrize("phi", [-0.1, -20.0, -800.0])
def test_weights_go_over_into_their_limits(phi: float) -> None:
    near = phi + 29.999999
    assert _log_weight(phi, -math.inf) == phi
    assert _log_weight(phi, phi - 30.1) == pytest.approx(phi, abs=1e-9)
    assert _log_weight(phi, near) == pytest.approx(near, abs=1e-9)
    assert _log_weight(phi, phi + 500) == phi + 500
    assert _log_weight(phi, phi) == pytest.approx(phi - math.log(1 - math.exp(-1)))
