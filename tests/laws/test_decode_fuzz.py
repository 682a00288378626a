"""Nothing random gets a chain out that is not in the graph, or no chain at all."""

from __future__ import annotations

import pytest
from decode_fuzz import DECODERS, fuzz

PARTS = 40


def test_six_hundred_random_decodes() -> None:
    ran = fuzz(600, seed=1)
    assert ran.total() >= 600
    assert ran.keys() == DECODERS.keys()


@pytest.mark.parametrize("name", sorted(DECODERS))
def test_what_a_model_thinks_impossible_is_no_dead_end(name: str) -> None:
    assert fuzz(150, seed=2, decoders=[name], impossible=True).total() >= 150


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 100 + PARTS))
def test_a_hundred_thousand_random_decodes(seed: int) -> None:
    assert fuzz(100_000 // PARTS, seed).total() >= 100_000 // PARTS
