"""A small model that asks a large one: which of them speaks, and when."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tiny_models import tiny_model
from tokenizer_families import FAMILIES

from kgqa.constraint import Walk
from kgqa.decode import BeamSearch, BestFirst, Engine, Greedy, Task, decode
from kgqa.errors import KgqaError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import LanguageModel, MockLanguageModel, MockTokenizer, Prompt, Request
from kgqa.lm.cascade import CascadeLanguageModel
from kgqa.lm.entropy import entropy
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.testing import check_language_model

PROMPT = Prompt("who?", ("hub",))
SMALL, LARGE = MockLanguageModel(1), MockLanguageModel(2)
CHOICES = [np.array(row, dtype=np.int32) for row in ([65], [65, 66], [], [65, 66, 67, 68])]
TEXTS = [(1,), (2,), (3,), (4,)]


def asked(model: LanguageModel, choices: list[np.ndarray] | None = CHOICES) -> list[np.ndarray]:
    (follows,) = model.score([Request(PROMPT, TEXTS, choices)])
    return [follows[at] for at in range(len(TEXTS))]


def speakers(threshold: float, choices: list[np.ndarray] | None = CHOICES) -> str:
    """Who speaks after each text: s or l."""
    found = asked(CascadeLanguageModel(SMALL, LARGE, threshold), choices)
    small, large = asked(SMALL), asked(LARGE)
    return "".join(
        "s" if np.array_equal(row, one) else "l" if np.array_equal(row, other) else "?"
        for row, one, other in zip(found, small, large, strict=True)
    )


def test_the_large_model_speaks_where_the_small_one_is_undecided() -> None:
    rows = asked(SMALL)
    two, four = (entropy(rows[at][CHOICES[at]].astype(np.float64)) for at in (1, 3))
    assert 0 < two < four
    assert speakers(0) == "slsl"
    assert speakers((two + four) / 2) == "sssl"
    assert speakers(four + 1e-3) == "ssss"


def test_without_choices_every_token_is_one() -> None:
    assert speakers(math.log(257) - 2, None) == "llll"
    assert speakers(math.log(257), None) == "ssss"


def test_calls_and_texts_are_counted_and_forced_ones_are_none_of_the_large_model() -> None:
    model = CascadeLanguageModel(MockLanguageModel(1), MockLanguageModel(2), 0)
    asked(model)
    model.score([Request(PROMPT, TEXTS[:1], CHOICES[:1])])
    assert (model.small_calls, model.small_texts) == (2, 5)
    assert (model.large_calls, model.large_texts) == (1, 2)


def test_requests_keep_their_answers_where_only_some_are_undecided() -> None:
    prompts = [Prompt(f"{number}?", ()) for number in range(3)]
    requests = [
        Request(prompt, TEXTS[at : at + 1], CHOICES[at : at + 1]) for at, prompt in enumerate(prompts)
    ]
    follows = CascadeLanguageModel(SMALL, LARGE, 0).score(requests)
    for number, (model, request) in enumerate(zip((SMALL, LARGE, SMALL), requests, strict=True)):
        (expected,) = model.score([request])
        assert np.array_equal(follows[number][0], expected[0])


@pytest.mark.parametrize("threshold", [0.0, 5.0, math.inf])
def test_it_keeps_the_laws(threshold: float) -> None:
    check_language_model(CascadeLanguageModel(SMALL, LARGE, threshold))


def test_it_keeps_the_laws_with_transformers_of_different_width() -> None:
    models = [CausalLanguageModel(*tiny_model("llama", more_tokens=more)) for more in (0, 7)]
    for small, large in (models, models[::-1]):
        model = CascadeLanguageModel(small, large, 4.8)
        assert model.tokenizer.vocabulary_size == models[1].tokenizer.vocabulary_size
        check_language_model(model)
        assert 0 < model.large_texts < model.small_texts


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    facts = [Triple("hub", f"r{n % 3}", f"person number {n}") for n in range(9)]
    return GraphBuilder.of([*facts, *(Triple(f"person number {n}", "in", "town") for n in range(9))])


def test_decoders_find_the_same_whatever_was_asked_before(graph: IndexedGraph) -> None:
    walk = Walk.of(graph, ["hub"], MockTokenizer())
    for search in (BeamSearch(3), BestFirst(3), Greedy()):
        model = CascadeLanguageModel(MockLanguageModel(1), MockLanguageModel(2), 0.6)
        outcomes = [
            next(Engine(model, 1, lookahead).run(search, [Task(PROMPT, walk)])) for lookahead in (0, 9, 90, 0)
        ]
        assert not any(isinstance(outcome, KgqaError) for outcome in outcomes)
        assert all(outcome == outcomes[0] for outcome in outcomes)
        assert 0 < model.large_texts < model.small_texts


def test_with_no_threshold_it_is_one_of_the_models(graph: IndexedGraph) -> None:
    """But for places with one token to go on with, which are the small model's in any case."""
    walk = Walk.of(graph, ["hub"], MockTokenizer())
    never = CascadeLanguageModel(MockLanguageModel(1), MockLanguageModel(2), math.inf)
    assert decode(Greedy(), never, PROMPT, walk) == decode(Greedy(), SMALL, PROMPT, walk)
    assert never.large_calls == 0


@pytest.mark.parametrize("threshold", [-0.1, math.nan])
def test_an_impossible_threshold_is_refused(threshold: float) -> None:
    with pytest.raises(UsageError, match=f"threshold={threshold}"):
        CascadeLanguageModel(SMALL, LARGE, threshold)


def test_models_with_different_tokenizers_are_refused() -> None:
    other = MockLanguageModel(tokenizer=HuggingFaceTokenizer(FAMILIES["llama3"]()))
    with pytest.raises(UsageError, match="one tokenizer, got mock-bytes"):
        CascadeLanguageModel(SMALL, other)


def test_entropy_is_that_of_the_renormalised_choice() -> None:
    assert entropy(np.log([0.2, 0.2])) == pytest.approx(math.log(2))
    assert entropy(np.log([0.01, 0.03])) == pytest.approx(-0.25 * math.log(0.25) - 0.75 * math.log(0.75))
    assert entropy(np.array([-1.0, -np.inf])) == 0
    assert entropy(np.array([-np.inf, -np.inf])) == pytest.approx(math.log(2))
    assert entropy(np.array([-3.0])) == entropy(np.array([])) == 0
