"""The aligned sampler: its settings, its budget, what it costs."""

from __future__ import annotations

import math

import pytest
from hub_question import PROMPT, Impossible

from kgqa.constraint import Walk
from kgqa.constraint.testing import language
from kgqa.decode import AlignedSampler, Branches, Prefix, decode
from kgqa.decode.sampling.expected_future import ExpectedFuture
from kgqa.lm import MockLanguageModel, Request
from kgqa.lm.testing import log_probability


def prefixes(walk: Walk) -> int:
    return len({text[:end] for text in language(walk) for end in range(len(text) + 1)})


def test_it_is_exact_from_just_as_many_prefixes_as_there_are(model: MockLanguageModel, walk: Walk) -> None:
    enough = prefixes(walk)
    for budget, exact in ((enough, True), (enough - 1, False), (0, False)):
        found = decode(AlignedSampler(samples=5, prefixes=budget), model, PROMPT, walk)
        assert {h.exact for h in found} == {exact}
        assert math.isclose(sum(h.weight for h in found), 1)


def test_exact_draws_ask_the_model_nothing_more(model: MockLanguageModel, walk: Walk) -> None:
    decode(AlignedSampler(samples=1), model, PROMPT, walk)
    one = model.calls
    decode(AlignedSampler(samples=1000), model, PROMPT, walk)
    assert model.calls == 2 * one


def test_more_samples_keep_those_that_there_were(model: MockLanguageModel, walk: Walk) -> None:
    few, many = ({h.tokens for h in decode(AlignedSampler(samples=n), model, PROMPT, walk)} for n in (5, 70))
    assert few < many


@pytest.mark.parametrize("budget", [0, 10, 2000])
def test_impossible_texts_are_drawn_when_there_is_nothing_else(walk: Walk, budget: int) -> None:
    found = decode(AlignedSampler(samples=4, prefixes=budget), Impossible(), PROMPT, walk)
    assert {h.log_probability for h in found} == {-math.inf}
    assert math.isclose(sum(h.weight for h in found), 1)


def test_the_bound_falls_with_all_that_is_learnt_to_the_probability_of_the_language(
    model: MockLanguageModel, walk: Walk
) -> None:
    future = ExpectedFuture(walk)
    bounds = [future.total]
    while wanted := future.likeliest(3):
        assert not future.complete
        future.learn(wanted, [branches(model, walk, prefix) for prefix in wanted])
        bounds.append(future.total)
    assert future.complete
    assert len(future) == prefixes(walk)
    assert bounds == sorted(bounds, reverse=True)
    truth = math.log(sum(math.exp(log_probability(model, PROMPT, text)) for text in language(walk)))
    assert future.total == pytest.approx(truth, abs=1e-3)


def branches(model: MockLanguageModel, walk: Walk, prefix: Prefix) -> Branches:
    (follows,) = model.score([Request(PROMPT, [prefix.tokens])])
    allowed = walk.allowed(prefix.state)
    end = float(follows[0][model.tokenizer.end_id]) if walk.accepts(prefix.state) else None
    return Branches(allowed, follows.of(0, allowed), end)
