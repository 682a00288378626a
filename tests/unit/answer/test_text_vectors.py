"""Vectors of texts that are embedded together and kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kgqa.answer.path_fit import ENTRY_BYTES, TextVectors


def lengths(texts: Sequence[str]) -> NDArray[np.float32]:
    assert len(set(texts)) == len(texts) > 0
    return np.array([[len(text), hash(text) % 97] for text in texts], dtype=np.float32)


WORDS = st.lists(st.sampled_from("abcdefghijk"), max_size=6)


@given(st.lists(st.tuples(WORDS, WORDS), max_size=12), st.integers(0, 1500))
def test_every_text_has_its_vector_whatever_is_kept(
    rounds: list[tuple[list[str], list[str]]], max_bytes: int
) -> None:
    vectors = TextVectors(lengths, max_bytes)
    for expected, texts in rounds:
        for text in expected:
            vectors.expect(text)
        found = vectors.of(texts)
        assert len(found) == len(texts)
        for text, vector in zip(texts, found, strict=True):
            assert np.array_equal(vector, lengths([text])[0])


def test_what_is_expected_waits_for_what_is_needed() -> None:
    passes: list[list[str]] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        passes.append(list(texts))
        return lengths(texts)

    vectors = TextVectors(embed)
    vectors.of(["a"])
    vectors.expect("b")
    vectors.of(["a"])
    vectors.of(["c"])
    vectors.of(["b", "c"])
    assert passes == [["a"], ["c", "b"]]


def test_the_oldest_vectors_go_when_there_is_no_room() -> None:
    embedded: list[str] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        embedded.extend(texts)
        return lengths(texts)

    vectors = TextVectors(embed, max_bytes=2 * (8 + ENTRY_BYTES))
    for text in ("a", "b", "c", "b", "c", "a"):
        vectors.of([text])
    assert embedded == ["a", "b", "c", "a"]
