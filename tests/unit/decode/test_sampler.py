"""The plain sampler: its settings, its weights, its cost."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest

from kgqa.constraint import Walk
from kgqa.decode import Sampler
from kgqa.errors import UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import Distributions, MockLanguageModel, Prompt, Request

PROMPT = Prompt("who?", ("hub",))


@pytest.fixture
def graph() -> IndexedGraph:
    return GraphBuilder.of(Triple("hub", "knows", f"person {n}") for n in range(30))


class Impossible(MockLanguageModel):
    """Thinks that no token can follow."""

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        follows = super().score(requests)
        for one in follows:
            one.logits[:] = -np.inf
        return follows


@pytest.mark.parametrize("samples", [0, -3])
def test_no_samples_are_refused(samples: int) -> None:
    with pytest.raises(UsageError, match=f"samples={samples}"):
        Sampler(samples=samples)


@pytest.mark.parametrize("temperature", [0, -1.0, math.inf, math.nan])
def test_what_is_no_temperature_is_refused(temperature: float) -> None:
    with pytest.raises(UsageError, match=f"temperature={temperature}"):
        Sampler(temperature=temperature)


def test_weights_are_shares_of_the_draws(graph: IndexedGraph) -> None:
    model = MockLanguageModel(sharpness=3.0)
    found = Sampler(samples=7).decode(model, PROMPT, Walk.of(graph, ["hub"], model.tokenizer, hops=1))
    counts = [h.weight * 7 for h in found]
    assert counts == pytest.approx([round(count) for count in counts])
    assert sum(counts) == pytest.approx(7)
    assert all(h.exact for h in found)


def test_next_to_no_temperature_takes_the_most_probable_way_on(graph: IndexedGraph) -> None:
    model = MockLanguageModel(preferences={" hub -> knows -> person 17": 20.0})
    constraint = Walk.of(graph, ["hub"], model.tokenizer, hops=1)
    (found,) = Sampler(samples=50, temperature=1e-308).decode(model, PROMPT, constraint)
    assert found.chain.end == "person 17"


def test_impossible_texts_are_drawn_when_there_is_nothing_else(graph: IndexedGraph) -> None:
    model = Impossible()
    found = Sampler(samples=20).decode(model, PROMPT, Walk.of(graph, ["hub"], model.tokenizer, hops=1))
    assert len(found) > 5
    assert {h.log_probability for h in found} == {-math.inf}


def test_samples_share_their_passes(graph: IndexedGraph) -> None:
    model = MockLanguageModel()
    constraint = Walk.of(graph, ["hub"], model.tokenizer, hops=1)
    Sampler(samples=200).decode(model, PROMPT, constraint)
    assert model.calls <= len(" hub -> knows -> person 29") + 1
