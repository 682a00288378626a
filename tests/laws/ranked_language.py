"""Languages by brute force: every text enumerated, scored and sorted, and nothing else believed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph

from kgqa.constraint import GRAMMARS, Constraint, GrammarName, Walk
from kgqa.constraint.testing import language
from kgqa.decode import Hypothesis
from kgqa.errors import NoChainError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import LanguageModel, Prompt, Request

__all__ = [
    "GRAMMAR",
    "PROMPT",
    "SEED",
    "SHARPNESS",
    "TOPIC",
    "Ranking",
    "Text",
    "accepted",
    "as_ranking",
    "assert_honest",
    "brute_force",
    "random_graph",
    "walk",
]

Text = tuple[int, ...]
Ranking = list[tuple[Text, float]]

PROMPT = Prompt("what?", ("a",))
GRAMMAR = st.sampled_from(sorted(GRAMMARS))
TOPIC = st.sampled_from(ENTITIES)
SEED = st.integers(0, 999)
SHARPNESS = st.sampled_from([0.0, 0.5, 2.0, 8.0])
"""With 0 all tokens are equally likely, so that ties are everywhere."""


def walk(
    named: NamedGraph, topic: str, grammar: GrammarName, model: LanguageModel, hops: int = 2
) -> Walk | None:
    try:
        return Walk.of(named.graph, [topic], model.tokenizer, grammar=grammar, hops=hops)
    except NoChainError:
        return None


def brute_force(model: LanguageModel, constraint: Constraint, prompt: Prompt = PROMPT) -> Ranking:
    """Every text of the language with its log-probability, best first; nothing of `kgqa.decode` is used."""
    texts = language(constraint)
    states: dict[Text, Any] = {(): constraint.start}
    for text in texts:
        for end, token in enumerate(text):
            if text[: end + 1] not in states:
                states[text[: end + 1]] = constraint.advance(states[text[:end]], token)
    places = {text: at for at, text in enumerate(states)}
    choices = [constraint.allowed(state) for state in states.values()]
    (follows,) = model.score([Request(prompt, list(states), choices)])
    ranking = []
    for text in texts:
        tokens = [*text, model.tokenizer.end_id]
        gains = [follows.of(places[text[:at]], np.array([token])) for at, token in enumerate(tokens)]
        ranking.append((text, float(sum(gain[0] for gain in gains))))
    return sorted(ranking, key=lambda pair: (-pair[1], pair[0]))


def as_ranking(found: Sequence[Hypothesis]) -> Ranking:
    return [(h.tokens, h.log_probability) for h in found]


def assert_honest(found: Sequence[Hypothesis], truth: Ranking) -> None:
    """True scores, in order, each text once, and what is called proven is the best of what is left."""
    scores = dict(truth)
    assert found, "a search found nothing"
    assert len({h.tokens for h in found}) == len(found)
    assert list(found) == sorted(found, key=lambda h: (-h.log_probability, h.tokens))
    for at, hypothesis in enumerate(found):
        assert hypothesis.log_probability == scores[hypothesis.tokens]
        if hypothesis.proven:
            before = {h.tokens for h in found[:at]}
            assert all(score <= hypothesis.log_probability for text, score in truth if text not in before)


def accepted(constraint: Constraint) -> Iterator[tuple[Text, Any]]:
    for text in language(constraint):
        state = constraint.start
        for token in text:
            state = constraint.advance(state, token)
        yield text, state


def random_graph(seed: int, triples: int = 14) -> IndexedGraph:
    """Names that share beginnings, none the beginning of another."""
    draw = random.Random(seed)
    ends = [f"{kind} {number}." for kind in ("film", "man") for number in range(4)]
    facts = {
        Triple(draw.choice(ends), draw.choice(["film.by", "film.in", "cast"]), draw.choice(ends))
        for _ in range(triples)
    }
    return GraphBuilder.of(sorted(facts))
