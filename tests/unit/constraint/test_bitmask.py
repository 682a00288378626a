"""Packed masks of tokens."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.constraint.engines import bitmask as bits
from kgqa.errors import UsageError


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_a_packed_set_has_a_bit_for_each_token_and_comes_back_sorted(case: tuple[int, set[int]]) -> None:
    size, tokens = case
    packed = bits.pack(list(tokens), size)
    assert packed.dtype == np.int32
    assert packed.shape == (bits.words(size),)
    assert {t for t in range(32 * len(packed)) if int(packed[t // 32]) >> (t % 32) & 1} == tokens
    assert bits.unpack(packed).tolist() == sorted(tokens)


def test_it_is_the_layout_in_which_torch_and_engines_read_words() -> None:
    assert bits.pack([31], 64).tolist() == [-(2**31), 0]
    assert bits.pack([0, 32, 33], 64).tolist() == [1, 3]
    assert bits.pack([], 64).tolist() == [0, 0]


def test_a_row_is_filled_in_place_and_its_old_bits_are_gone() -> None:
    bitmask = np.full((3, 2), -1, dtype=np.int32)
    bits.fill(bitmask, 1, [3, 40])
    assert bits.unpack(bitmask[1]).tolist() == [3, 40]
    assert (bitmask[[0, 2]] == -1).all()


def test_the_memory_of_a_torch_tensor_is_filled() -> None:
    import torch

    tensor = torch.zeros((2, 3), dtype=torch.int32)
    bits.fill(tensor.numpy(), 1, [0, 95])
    assert tensor.tolist() == [[0, 0, 0], [1, 0, -(2**31)]]


@pytest.mark.parametrize("token", [-1, 64, 10**6])
def test_a_token_outside_the_vocabulary_is_an_error(token: int) -> None:
    with pytest.raises(UsageError, match=f"token {token} is not in a vocabulary of 64"):
        bits.pack([5, token], 64)


@pytest.mark.parametrize(
    ("bitmask", "row"),
    [
        (np.zeros(2, dtype=np.int32), 0),
        (np.zeros((1, 2), dtype=np.int64), 0),
        (np.zeros((1, 2), dtype=np.int32), 1),
        (np.zeros((1, 2), dtype=np.int32), -1),
    ],
)
def test_another_kind_of_array_or_a_row_that_is_not_there_is_an_error(
    bitmask: np.ndarray[tuple[int, ...], np.dtype[np.int32]], row: int
) -> None:
    with pytest.raises(UsageError, match=r"a bitmask must be int32|row must be from 0 to"):
        bits.fill(bitmask, row, [1])
