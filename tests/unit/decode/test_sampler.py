"""The plain sampler: its settings, its weights, its cost."""

from __future__ import annotations

import math

import pytest
from hub_question import PROMPT, Impossible

from kgqa.constraint import Walk
from kgqa.decode import Sampler, decode
from kgqa.lm import MockLanguageModel


def test_weights_are_shares_of_the_draws(walk: Walk) -> None:
    model = MockLanguageModel(sharpness=3.0)
    found = decode(Sampler(samples=7), model, PROMPT, walk)
    counts = [h.weight * 7 for h in found]
    assert counts == pytest.approx([round(count) for count in counts])
    assert sum(counts) == pytest.approx(7)
    assert all(h.exact for h in found)


def test_next_to_no_temperature_takes_the_most_probable_way_on(walk: Walk) -> None:
    model = MockLanguageModel(preferences={" hub -> knows -> person 17": 20.0})
    (found,) = decode(Sampler(samples=50, temperature=1e-308), model, PROMPT, walk)
    assert found.chain.end == "person 17"


def test_impossible_texts_are_drawn_when_there_is_nothing_else(walk: Walk) -> None:
    model = Impossible()
    found = decode(Sampler(samples=20), model, PROMPT, walk)
    assert len(found) > 5
    assert {h.log_probability for h in found} == {-math.inf}


def test_samples_share_their_passes(walk: Walk) -> None:
    model = MockLanguageModel()
    decode(Sampler(samples=200), model, PROMPT, walk)
    assert model.calls <= len(" hub -> knows -> person 29") + 1
