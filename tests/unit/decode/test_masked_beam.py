"""Beam search over log-probabilities that are renormalised over the allowed tokens."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hub_question import PROMPT, Impossible
from numpy.typing import NDArray
from ranked_language import Text, accepted

from kgqa.constraint import Constraint, Walk
from kgqa.decode import BeamSearch, decode
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import Distributions, LanguageModel, MockLanguageModel, Request, ScoresChoices, renormalised

GRAPH = GraphBuilder.of(
    [Triple("hub", relation, f"{relation} {end}") for relation in ("in", "into", "of") for end in "abcd"]
)


class Choosy(MockLanguageModel):
    """Scores choices only, and remembers which."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed, sharpness=2.0)
        self.asked: list[tuple[Text, list[int]]] = []

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        raise AssertionError("all tokens were asked for")

    def score_choices(
        self, requests: Sequence[Request], choices: Sequence[Sequence[NDArray[np.int32]]]
    ) -> list[list[NDArray[np.float64]]]:
        for request, some in zip(requests, choices, strict=True):
            self.asked += zip(request.texts, [tokens.tolist() for tokens in some], strict=True)
        answers = zip(super().score(requests), choices, strict=True)
        return [renormalised(follows.of_each(some)) for follows, some in answers]


def truth(model: LanguageModel, constraint: Constraint) -> dict[Text, float]:
    """Every text with its renormalised log-probability, by brute force."""
    found = {}
    for text, _ in accepted(constraint):
        state, total = constraint.start, 0.0
        for at, token in enumerate([*text, model.tokenizer.end_id]):
            (follows,) = model.score([Request(PROMPT, [text[:at]])])
            ways = constraint.allowed(state).tolist() + [model.tokenizer.end_id] * constraint.accepts(state)
            masses = {way: math.exp(float(follows[0][way])) for way in ways}
            total += math.log(masses[token] / sum(masses.values()))
            state = constraint.advance(state, token) if at < len(text) else state
        found[text] = total
    return found


def walk(graph: IndexedGraph = GRAPH) -> Constraint:
    return Walk.of(graph, ["hub"], MockLanguageModel().tokenizer, hops=1)


@pytest.mark.parametrize("seed", range(4))
def test_all_probabilities_are_renormalised(seed: int) -> None:
    model, constraint = MockLanguageModel(seed, sharpness=2.0), walk()
    expected = truth(model, constraint)
    assert sum(map(math.exp, expected.values())) == pytest.approx(1)
    found = decode(BeamSearch(beams=30, masked=True), model, PROMPT, constraint)
    assert {h.tokens: h.log_probability for h in found} == pytest.approx(expected)
    assert [h.score for h in found] == [h.log_probability for h in found]


def test_raw_probabilities_are_not() -> None:
    model, constraint = MockLanguageModel(1, sharpness=2.0), walk()
    found = decode(BeamSearch(beams=30), model, PROMPT, constraint)
    assert sum(math.exp(h.log_probability) for h in found) < 0.5


@pytest.mark.parametrize("seed", range(4))
def test_a_model_that_scores_choices_is_asked_for_nothing_else(seed: int) -> None:
    model, constraint = Choosy(seed), walk()
    assert isinstance(model, ScoresChoices)
    assert not isinstance(MockLanguageModel(), ScoresChoices)
    search = BeamSearch(beams=30, masked=True)
    found = decode(search, model, PROMPT, constraint)
    assert found == decode(search, MockLanguageModel(seed, sharpness=2.0), PROMPT, constraint)
    for text, tokens in model.asked:
        state = constraint.start
        for token in text:
            state = constraint.advance(state, token)
        ends = [model.tokenizer.end_id] * constraint.accepts(state)
        assert tokens == constraint.allowed(state).tolist() + ends


def test_impossible_texts_stay_so_and_are_found() -> None:
    found = decode(BeamSearch(beams=3, masked=True, margin=1.0), Impossible(), PROMPT, walk())
    assert len(found) == 3
    assert {h.log_probability for h in found} == {-math.inf}


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("margin", [0.0, 1.0, 3.0])
def test_what_is_far_behind_is_given_up(seed: int, margin: float) -> None:
    """A prefix is, too: its probability is that of all texts that begin with it."""
    model, constraint = MockLanguageModel(seed, sharpness=2.0), walk()
    expected = truth(model, constraint)
    found = decode(BeamSearch(beams=30, masked=True, margin=margin), model, PROMPT, constraint)
    kept = set()
    for text in expected:
        masses = [
            {one: _mass(one, expected) for one in {other[:end] for other in expected}}
            for end in range(len(text) + 1)
        ]
        ahead = all(
            math.log(mass[text[:end]]) >= math.log(max(mass.values())) - margin - 1e-9
            for end, mass in enumerate(masses)
        )
        if ahead:
            kept.add(text)
    best = max(expected[text] for text in kept)
    kept = {text for text in kept if expected[text] >= best - margin}
    assert {h.tokens for h in found} == kept
    assert 0 < len(kept) < len(expected)


def _mass(prefix: Text, texts: dict[Text, float]) -> float:
    return sum(math.exp(score) for text, score in texts.items() if text[: len(prefix)] == prefix)
