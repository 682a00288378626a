"""Sampling with a filter callback: its settings, its calls, and a filter that rejects nearly everything."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hub_question import PROMPT, Impossible

from kgqa.constraint import Walk
from kgqa.constraint.testing import language
from kgqa.decode import Branches, Draft, Prefix, WeightedRejection, decode
from kgqa.decode.sampling.chance import Chance
from kgqa.decode.sampling.draft import DraftChecks
from kgqa.decode.sampling.fork import Fork
from kgqa.decode.sampling.weighted_rejection import _draw
from kgqa.errors import BudgetError, NoChainError, UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel


class Counting:
    """A filter that records its calls."""

    def __init__(self, keeps: Callable[[Draft], bool]) -> None:
        self.keeps = keeps
        self.asked: Counter[tuple[tuple[int, ...], bool]] = Counter()

    def __call__(self, draft: Draft) -> bool:
        self.asked[draft.tokens, draft.ended] += 1
        return self.keeps(draft)


def ends_at(*wanted: str) -> Callable[[Draft], bool]:
    return lambda draft: not draft.ended or any(chain.end in wanted for chain in draft.chains())


@pytest.mark.parametrize("options", [{"keeps": 5}, {"keeps": None}])
def test_settings_without_sense_are_refused(options: dict[str, Any]) -> None:
    ((name, value),) = options.items()
    settings: dict[str, Any] = {"keeps": bool, **options}
    with pytest.raises(UsageError, match=f"{name} must be callable with a draft, not {value}"):
        WeightedRejection(**settings)


def test_only_what_the_filter_keeps_comes_out(model: MockLanguageModel, walk: Walk) -> None:
    found = decode(WeightedRejection(ends_at("person 3", "person 27")), model, PROMPT, walk)
    assert {h.chain.end for h in found} <= {"person 3", "person 27"}


def test_nothing_is_asked_twice_and_only_forks_and_ends_are(model: MockLanguageModel, walk: Walk) -> None:
    keeps = Counting(ends_at("person 3", "person 27"))
    decode(WeightedRejection(keeps, samples=50), model, PROMPT, walk)
    assert set(keeps.asked.values()) == {1}
    text = " hub -> knows -> person"
    assert all(len(tokens) > len(text) for tokens, _ in keeps.asked)


def test_a_filter_that_keeps_everything_is_asked_twice_a_fork_at_most(
    model: MockLanguageModel, walk: Walk
) -> None:
    keeps = Counting(lambda draft: True)
    found = decode(WeightedRejection(keeps, samples=1), model, PROMPT, walk)
    forks = 2  # the first digit; the second digit, or the end
    assert len(found) == 1
    assert len(keeps.asked) <= 2 * forks


def test_one_text_among_many_is_found_and_weighs_nothing_if_all_got_stuck(
    model: MockLanguageModel, walk: Walk
) -> None:
    weights = set()
    for seed in range(12):
        (found,) = decode(WeightedRejection(ends_at("person 27"), 1, seed), model, PROMPT, walk)
        assert found.chain.end == "person 27"
        weights.add(found.weight > 0)
    assert weights == {True, False}


@pytest.mark.parametrize("samples", [1, 20])
def test_a_filter_that_keeps_nothing_is_an_error_after_one_call_a_draft(
    model: MockLanguageModel, walk: Walk, samples: int
) -> None:
    keeps = Counting(lambda draft: not draft.ended)
    with pytest.raises(NoChainError, match="keeps rejects all texts"):
        decode(WeightedRejection(keeps, samples), model, PROMPT, walk)
    assert sum(ended for _, ended in keeps.asked) == len(language(walk))
    assert set(keeps.asked.values()) == {1}


def test_the_only_text_there_is_has_to_be_kept_too(model: MockLanguageModel) -> None:
    graph = GraphBuilder.of([Triple("hub", "knows", "nobody else")])
    walk = Walk.of(graph, ["hub"], model.tokenizer, hops=1)
    with pytest.raises(NoChainError, match="after 1 calls"):
        decode(WeightedRejection(lambda draft: False), model, PROMPT, walk)
    (found,) = decode(WeightedRejection(ends_at("nobody else")), model, PROMPT, walk)
    assert found.log_weight == pytest.approx(found.log_probability)


def test_too_many_calls_are_an_error(model: MockLanguageModel, walk: Walk) -> None:
    with pytest.raises(BudgetError, match="within 5 calls"):
        decode(WeightedRejection(lambda draft: not draft.ended, calls=5), model, PROMPT, walk)


def test_impossible_texts_are_drawn_when_there_is_nothing_else(walk: Walk) -> None:
    found = decode(WeightedRejection(ends_at("person 3", "person 27")), Impossible(), PROMPT, walk)
    assert {h.chain.end for h in found} <= {"person 3", "person 27"}
    assert {h.weight for h in found} == {0.0}


@pytest.mark.parametrize("kept", ["p", "qs", "pqrst", "t", "rt"])
def test_one_draw_is_properly_weighted(model: MockLanguageModel, kept: str) -> None:
    """The mean of the estimate where a way is drawn is the way's probability, for each that is kept."""
    graph = GraphBuilder.of(Triple("hub", relation, "end") for relation in "pqrst")
    walk = Walk.of(graph, ["hub"], model.tokenizer, hops=1, grammar="relations")
    prefix = Prefix((), walk.start)
    for token in b" -> ":
        prefix = prefix.grown(token, 0.0, walk)
    shares = np.array([0.3, 0.25, 0.05, 0.1, 0.02])
    fork = Fork(Branches(walk.allowed(prefix.state), np.log(shares), None))
    chance = Chance(3)
    estimates = np.zeros((4000, 5))
    for run in range(len(estimates)):
        checks = DraftChecks(lambda draft: chr(draft.tokens[-1]) in kept, walk)
        drawn = _draw(prefix, fork, chance.gumbels((), 5, run), checks)
        assert drawn is not None
        estimates[run, drawn[0]] = math.exp(drawn[1])
    for relation, share, column in zip("pqrst", shares, estimates.T, strict=True):
        error = float(column.std()) / math.sqrt(len(column))
        assert abs(column.mean() - (share if relation in kept else 0)) <= 4 * error + 1e-12
