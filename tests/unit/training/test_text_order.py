"""The order of texts in training."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kgqa.training.fine_tuning.completion import drawn_order


def test_texts_of_equal_weight_all_come_once_before_one_comes_again() -> None:
    order = drawn_order([2.0] * 12, [1] * 12, 12, 4, seed=1)
    assert sorted(order.tolist()) == list(range(12))
    assert Counter(drawn_order([1.0] * 12, [1] * 12, 36, 4, seed=1).tolist()) == dict.fromkeys(range(12), 3)


@given(
    st.lists(st.sampled_from([0.1, 0.25, 1.0, 3.0]), min_size=1, max_size=9),
    st.integers(1, 60),
    st.integers(1, 5),
    st.integers(0, 99),
)
def test_a_text_comes_as_often_as_its_weight_says(
    weights: list[float], count: int, batch_size: int, seed: int
) -> None:
    order = drawn_order(weights, [1] * len(weights), count, batch_size, seed)
    assert len(order) == count
    drawn = np.bincount(order, minlength=len(weights))
    assert np.all(np.abs(drawn - count * np.array(weights) / sum(weights)) < 1 + len(weights))


def test_a_batch_has_texts_of_like_length_and_batches_come_in_any_order() -> None:
    lengths = list(range(100))
    order = drawn_order([1.0] * 100, lengths, 100, 5, seed=3)
    batches = [sorted(batch) for batch in order.reshape(20, 5).tolist()]
    assert sorted(batches) == [list(range(first, first + 5)) for first in range(0, 100, 5)]
    assert batches != sorted(batches)


def test_a_seed_decides_the_order() -> None:
    first, again, other = (drawn_order([1.0] * 30, [1] * 30, 60, 4, seed).tolist() for seed in (0, 0, 1))
    assert first == again
    assert first != other
