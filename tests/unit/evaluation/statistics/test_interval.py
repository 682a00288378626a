"""Intervals and p-values against naive resampling, enumeration and scipy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples
from scipy import stats

from kgqa.evaluation import bootstrap, mcnemar, sign_flip

VALUES = st.lists(st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 1.0]), min_size=1, max_size=60)


@given(VALUES, st.sampled_from(["bca", "percentile"]))
def test_an_interval_lies_within_the_values_whatever_their_order(values: list[float], method: str) -> None:
    found = bootstrap(values, method=method)  # type: ignore[arg-type]
    assert min(values) - 1e-12 <= found.low <= found.high <= max(values) + 1e-12
    assert found == bootstrap(sorted(values), method=method)  # type: ignore[arg-type]
    assert found == bootstrap(values[::-1], method=method)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["bca", "percentile"])
@pytest.mark.parametrize("share", [0.03, 0.5, 0.9])
def test_drawing_how_often_each_value_comes_is_resampling(method: str, share: float) -> None:
    values = (np.random.default_rng(7).random(150) < share).astype(float)
    ours = bootstrap(values.tolist(), resamples=20_000, method=method)  # type: ignore[arg-type]
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=20_000, method=method, rng=np.random.default_rng(1)
    ).confidence_interval
    assert ours[:2] == pytest.approx((theirs.low, theirs.high), abs=0.0101)


def test_bias_and_skew_are_corrected_as_scipy_does() -> None:
    values = np.random.default_rng(3).lognormal(0, 1.0, 20)
    ours = bootstrap(values.tolist(), resamples=50_000)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=50_000, method="bca", rng=np.random.default_rng(1)
    ).confidence_interval
    assert list(ours[:2]) == pytest.approx([theirs.low, theirs.high], rel=0.02)
    plain = bootstrap(values.tolist(), resamples=50_000, method="percentile")
    assert list(plain[:2]) != pytest.approx([theirs.low, theirs.high], rel=0.04)


def test_nineteen_of_twenty_intervals_hold_the_truth() -> None:
    random = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        low, high, _ = bootstrap((random.random(120) < 0.7).astype(float).tolist(), resamples=1_000)
        held += low <= 0.7 <= high
    assert 0.91 <= held / 400 <= 0.98


def test_wider_levels_are_wider_and_seeds_are_kept() -> None:
    values = [1.0] * 30 + [0.0] * 20
    narrow, wide = bootstrap(values, level=0.8), bootstrap(values, level=0.99)
    assert wide.low < narrow.low < 0.6 < narrow.high < wide.high
    assert bootstrap(values, seed=3) == bootstrap(values, seed=3)
    assert bootstrap([0.5] * 9) == (0.5, 0.5, 0.95)
    with pytest.raises(ValueError, match="no values"):
        bootstrap([])


def test_all_right_is_not_certainly_right() -> None:
    for n in (1, 40, 1000):
        right = bootstrap([1.0] * n, share=True)
        wrong = bootstrap([0.0] * n, share=True)
        exact = stats.binomtest(n, n).proportion_ci(0.95, "exact")
        assert list(right) == pytest.approx([exact.low, 1.0, 0.95])
        assert list(wrong) == pytest.approx([0.0, 1 - exact.low, 0.95])
    assert bootstrap([0.5] * 9, share=True) == (0.5, 0.5, 0.95)
    assert bootstrap([0.0, 1.0] * 9, share=True) == bootstrap([0.0, 1.0] * 9)


@given(st.lists(st.sampled_from([-1.0, -0.5, 0.0, 1 / 3, 0.5, 1.0]), max_size=9))
def test_the_permutation_test_is_the_enumeration_of_all_signs(differences: list[float]) -> None:
    least = abs(sum(differences)) - 1e-9
    signed = list(itertools.product((-1, 1), repeat=len(differences)))
    as_large = sum(
        abs(sum(s * d for s, d in zip(signs, differences, strict=True))) >= least for signs in signed
    )
    found = sign_flip(differences)
    assert found.exact
    assert found.value == pytest.approx(as_large / len(signed))


@given(st.integers(0, 400), st.integers(0, 400))
@examples(50)
def test_mcnemar_is_the_exact_binomial_test_and_the_permutation_test_of_hits(won: int, lost: int) -> None:
    expected = stats.binomtest(won, won + lost).pvalue if won + lost else 1.0
    assert mcnemar(won, lost) == pytest.approx(expected, rel=1e-9)
    assert sign_flip([1.0] * won + [-1.0] * lost).value == pytest.approx(expected, rel=1e-9)


def test_thousands_of_differences_are_still_exact() -> None:
    assert mcnemar(5_200, 4_800) == pytest.approx(stats.binomtest(5_200, 10_000).pvalue, rel=1e-8)


def test_drawn_p_values_are_near_the_exact_ones() -> None:
    random = np.random.default_rng(5)
    differences = random.normal(0.05, 1, 500).tolist()
    found = sign_flip(differences)
    assert not found.exact
    expected = stats.permutation_test(
        (differences,), np.sum, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(2)
    ).pvalue
    assert found.value == pytest.approx(expected, abs=0.02)


def test_p_values_of_no_difference_are_spread_evenly() -> None:
    random = np.random.default_rng(11)
    small = [sign_flip(random.choice([-0.5, 0.5, 1.0, -1.0], 40).tolist()).value < 0.05 for _ in range(400)]
    assert 0.015 <= np.mean(small) <= 0.085
