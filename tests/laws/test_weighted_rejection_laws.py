"""Sampling with a filter callback: the estimates are unbiased."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable

import numpy as np
import pytest
from numpy.typing import NDArray
from sampled_language import MOST, Text, case, deviation, normal

from kgqa.constraint import Constraint
from kgqa.decode import Draft, WeightedRejection

pytestmark = pytest.mark.slow  # minutes


def random_filter(number: int, prefixes: bool) -> Callable[[Draft], bool]:
    """Keeps about half of what is said; of beginnings those of a text that is kept, or all."""
    chance = random.Random(number)
    aligned, masked = case(number).aligned(), case(number).masked()
    while True:
        kept = {text for text in sorted(aligned) if chance.random() < 0.5}
        # What is likely among them must not be all but never proposed, or no number of runs would do.
        share = sum(aligned[text] for text in kept)
        if 0.05 < sum(masked[text] for text in kept) < 0.99 and all(
            aligned[text] < 20 * share * masked[text] for text in kept
        ):
            break
    begun = {text[:end] for text in kept for end in range(len(text) + 1)}
    return lambda draft: draft.tokens in kept if draft.ended else not prefixes or draft.tokens in begun


def kept_by(keeps: Callable[[Draft], bool], constraint: Constraint, texts: Iterable[Text]) -> list[Text]:
    return [text for text in texts if keeps(Draft(text, True, None, constraint))]


@pytest.mark.parametrize("number", MOST)
@pytest.mark.parametrize("prefixes", [True, False])
@pytest.mark.parametrize("samples", [2, 8])
def test_weighted_rejection_estimates_the_probability_of_all_that_is_kept(
    number: int, prefixes: bool, samples: int
) -> None:
    constraint = case(number).constraint
    keeps = random_filter(number, prefixes)
    truth = case(number).log_probabilities()
    kept = {text: truth[text] for text in kept_by(keeps, constraint, truth)}
    total = max(kept.values()) + math.log(sum(math.exp(v - max(kept.values())) for v in kept.values()))
    weights: dict[Text, NDArray[np.float64]] = {text: np.zeros(400) for text in kept}
    for seed in range(400):
        for h in case(number).decode(WeightedRejection(keeps, samples, seed)):
            weights[h.tokens][seed] = math.exp(h.log_weight - total)
    assert deviation(np.array(list(weights.values())).sum(axis=0), 1) < 4
    for text, share in normal(kept).items():
        if share > 0.02:
            assert deviation(weights[text], share) < 4


@pytest.mark.parametrize("number", MOST)
def test_with_many_particles_the_normalised_weights_are_the_distribution(number: int) -> None:
    constraint = case(number).constraint
    keeps = random_filter(number, prefixes=True)
    truth = case(number).log_probabilities()
    kept = normal({text: truth[text] for text in kept_by(keeps, constraint, truth)})
    found = case(number).decode(WeightedRejection(keeps, samples=3000))
    total = np.logaddexp.reduce([h.log_weight for h in found])
    weights = {h.tokens: math.exp(h.log_weight - total) for h in found}
    assert sum(abs(weights.get(text, 0) - share) for text, share in kept.items()) / 2 < 0.05
