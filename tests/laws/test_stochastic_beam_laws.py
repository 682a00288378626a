"""Sampling without replacement: the order of the draws, and weights without bias."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from numpy.typing import NDArray
from sampled_language import CASES, MOST, QUICK, SURE, Text, case, deviation, even, fit

from kgqa.decode import StochasticBeam

pytestmark = pytest.mark.slow  # minutes


@pytest.mark.parametrize("number", MOST)
def test_texts_drawn_without_replacement_come_in_the_order_that_they_should(number: int) -> None:
    """With one more sample one more text is drawn, so two runs of one seed show the order."""
    shares = even(number).masked()
    expected = {
        (*first, -1, *second): p * q / (1 - p)
        for first, p in shares.items()
        for second, q in shares.items()
        if first != second
    }
    drawn: Counter[Text] = Counter()
    for seed in range(1500):
        (first,) = (h.tokens for h in even(number).decode(StochasticBeam(1, seed)))
        pair = [h.tokens for h in even(number).decode(StochasticBeam(2, seed))]
        pair.remove(first)
        drawn[(*first, -1, *pair[0])] += 1
    assert fit(drawn, expected) > SURE
    if number == QUICK[0]:
        with_replacement = {pair: share * (1 - shares[_first(pair)]) for pair, share in expected.items()}
        total = sum(with_replacement.values())
        assert fit(drawn, {pair: share / total for pair, share in with_replacement.items()}) < SURE


def _first(pair: Text) -> Text:
    return pair[: pair.index(-1)]


@pytest.mark.parametrize("number", MOST)
@pytest.mark.parametrize("samples", [1, 3])
def test_importance_weights_estimate_every_share_without_bias(number: int, samples: int) -> None:
    shares = even(number).masked()
    weights: dict[Text, NDArray[np.float64]] = {text: np.zeros(1500) for text in shares}
    for seed in range(1500):
        for h in even(number).decode(StochasticBeam(samples, seed)):
            weights[h.tokens][seed] = h.weight
    for text, share in shares.items():
        if share > 0.01:
            assert deviation(weights[text], share) < 4
    assert deviation(np.array(list(weights.values())).sum(axis=0), 1) < 4


@pytest.mark.parametrize("number", CASES)
def test_with_samples_enough_the_whole_language_comes_out_and_weights_are_probabilities(number: int) -> None:
    shares = case(number).masked()
    found = case(number).decode(StochasticBeam(samples=len(shares)))
    assert {h.tokens for h in found} == shares.keys()
    for h in found:
        assert math.isclose(h.weight, shares[h.tokens], rel_tol=1e-3)
