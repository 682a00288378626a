"""Greedy search, and looking ahead, which is greedy where the model is sure, each by the book."""

from __future__ import annotations

import math
from collections.abc import Hashable

import numpy as np
import pytest
from hypothesis import given
from named_graphs import NamedGraph, named_graphs
from property_examples import examples
from ranked_language import (
    GRAMMAR,
    PROMPT,
    SEED,
    SHARPNESS,
    TOPIC,
    Text,
    accepted,
    assert_honest,
    brute_force,
    random_graph,
    walk,
)

from kgqa.constraint import GRAMMARS, Constraint, GrammarName, Walk
from kgqa.decode import AdaptiveGreedy, Greedy, decode
from kgqa.lm import LanguageModel, MockLanguageModel, Request

pytestmark = pytest.mark.slow  # minutes


def greedily(model: LanguageModel, constraint: Constraint) -> Text:
    """The greedy text, one forward pass a token."""
    text: Text = ()
    state = constraint.start
    while True:
        (follows,) = model.score([Request(PROMPT, [text])])
        allowed = constraint.allowed(state).tolist()
        scores = {token: float(follows[0][token]) for token in allowed}
        end = float(follows[0][model.tokenizer.end_id]) if constraint.accepts(state) else -math.inf
        if constraint.accepts(state) and (not scores or end >= max(scores.values())):
            return text
        token = max(scores, key=lambda token: (scores[token], -token))
        text, state = (*text, token), constraint.advance(state, token)


@examples(40)
@given(named_graphs(), GRAMMAR, TOPIC, SHARPNESS, SEED)
def test_greedy_takes_the_best_token_each_time(
    named: NamedGraph, grammar: GrammarName, topic: str, sharpness: float, seed: int
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    constraint = walk(named, topic, grammar, model)
    if constraint is None:
        return
    expected = greedily(model, constraint)
    truth = brute_force(model, constraint)
    never = AdaptiveGreedy(threshold=math.inf)
    for search in (Greedy(), never, AdaptiveGreedy(threshold=0, branches=1)):
        found = decode(search, model, PROMPT, constraint)
        assert [h.tokens for h in found] == [expected]
        assert_honest(found, truth)


def looking_ahead(model: LanguageModel, constraint: Constraint, search: AdaptiveGreedy) -> Text:
    """The same text by the book: what is settled is read off all texts that begin so."""
    texts = {text: next(constraint.chains(state)) for text, state in accepted(constraint)}

    def ways(text: Text, state: object) -> list[tuple[float, int]]:
        (follows,) = model.score([Request(PROMPT, [text])])
        found = [(float(follows[0][token]), token) for token in constraint.allowed(state).tolist()]
        if constraint.accepts(state):
            found.append((float(follows[0][model.tokenizer.end_id]), -1))
        return sorted(found, key=lambda way: (-way[0], way[1]))

    def settled(text: Text) -> Hashable:
        below = [chain for other, chain in texts.items() if other[: len(text)] == text]
        steps = [[(hop.relation, hop.inverse) for hop in chain.hops] for chain in below]
        shared = 0
        while all(len(s) > shared for s in steps) and len({s[shared] for s in steps}) == 1:
            shared += 1
        firsts = [
            other
            for other in texts
            if other[: len(text)] == text
            and not any(other[:end] in texts for end in range(len(text), len(other)))
        ]
        return shared, firsts[0] if len(firsts) == 1 else None

    text: Text = ()
    state = constraint.start
    while True:
        here = ways(text, state)
        shares = np.exp(np.array([gain for gain, _ in here], dtype=np.float64))
        shares /= shares.sum()
        entropy = -float((shares * np.log(shares)).sum())
        best: tuple[float, int] | None = None
        for gain, token in here[: search.branches if entropy > search.threshold else 1]:
            gains, ahead = [gain], text
            place = state
            for _ in range(search.depth):
                if token < 0:
                    break
                ahead, place = (*ahead, token), constraint.advance(place, token)
                onward = ways(ahead, place)
                if len(onward) > 1 and settled(ahead) != settled(text):
                    break
                gain, token = onward[0]
                gains.append(gain)
            mean = sum(gains) / len(gains)
            start = -1 if not ahead[len(text) :] else ahead[len(text)]
            if best is None or mean > best[0] + 1e-9:
                best = mean, start
        assert best is not None
        if best[1] < 0:
            return text
        text, state = (*text, best[1]), constraint.advance(state, best[1])


@pytest.mark.parametrize("grammar", sorted(GRAMMARS))
@pytest.mark.parametrize(
    "search", [AdaptiveGreedy(0.2), AdaptiveGreedy(0.0, 2, 30), AdaptiveGreedy(0.5, 9, 1)]
)
def test_looking_ahead_follows_its_rule(grammar: GrammarName, search: AdaptiveGreedy) -> None:
    otherwise = 0
    for seed in range(5):
        model = MockLanguageModel(seed, sharpness=1.5)
        graph = random_graph(seed)
        constraint = Walk.of(graph, list(graph.entities)[:1], model.tokenizer, grammar=grammar, hops=1)
        expected = looking_ahead(model, constraint, search)
        found = decode(search, model, PROMPT, constraint)
        assert [h.tokens for h in found] == [expected]
        otherwise += expected != greedily(model, constraint)
    assert otherwise, "never another text than the greedy one"
