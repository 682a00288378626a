"""The aligned sampler against the model's own distribution over the language."""

from __future__ import annotations

import numpy as np
import pytest
from sampled_language import CASES, MOST, NEVER, SURE, case, counts, distance, fit

from kgqa.decode import AlignedSampler, Sampler
from kgqa.decode.sampling import aligned_sampler

pytestmark = pytest.mark.slow  # minutes


@pytest.mark.parametrize("number", CASES)
def test_the_aligned_sampler_draws_from_the_models_own_distribution(number: int) -> None:
    found = case(number).decode(AlignedSampler(samples=4000))
    assert all(h.exact for h in found)
    assert fit(counts(found, 4000), case(number).aligned()) > SURE


@pytest.mark.parametrize("number", CASES)
def test_the_plain_sampler_fails_the_aligned_samplers_test(number: int) -> None:
    found = case(number).decode(Sampler(samples=4000))
    assert fit(counts(found, 4000), case(number).aligned()) < NEVER


@pytest.mark.parametrize("number", CASES)
@pytest.mark.parametrize("prefixes", [0, 10])
def test_without_the_prefixes_for_it_the_weights_still_converge(number: int, prefixes: int) -> None:
    truth = case(number).aligned()
    found = {
        samples: case(number).decode(AlignedSampler(samples=samples, prefixes=prefixes))
        for samples in (4, 3000)
    }
    assert not any(h.exact for h in found[3000])
    assert distance(found[3000], truth) < 0.04
    assert distance(found[4], truth) > distance(found[3000], truth)


@pytest.mark.parametrize("number", CASES)
def test_without_the_prefixes_for_it_the_draws_themselves_converge(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last round of draws, unweighted."""
    merged = aligned_sampler._merged
    monkeypatch.setattr(
        aligned_sampler,
        "_merged",
        lambda drawn, _, c: merged([d for d in drawn if d.numbers[0] >= 2048], True, c),
    )
    late = case(number).decode(AlignedSampler(samples=4096, prefixes=0))
    assert distance(late, case(number).aligned()) < 0.05
    assert distance(late, case(number).masked()) > 0.1


@pytest.mark.parametrize("number", MOST)
def test_few_adaptive_samples_estimate_means_better_than_plain_ones(number: int) -> None:
    truth = case(number).aligned()
    adaptive = [case(number).decode(AlignedSampler(40, seed, prefixes=0)) for seed in range(20)]
    plain = [case(number).decode(Sampler(40, seed)) for seed in range(20)]
    assert np.mean([distance(f, truth) for f in adaptive]) < np.mean([distance(f, truth) for f in plain])
