"""Beam search against brute force: enumerate the language, score every text, sort."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from property_examples import examples

from kgqa.constraint import GRAMMARS, Constraint, GrammarName, KGTrie, Walk
from kgqa.constraint.testing import language
from kgqa.decode import BeamSearch, Hypothesis, decode
from kgqa.errors import NoChainError
from kgqa.lm import MockLanguageModel, Prompt
from kgqa.lm.testing import log_probability

PROMPT = Prompt("what?", ("a",))
GRAMMAR = st.sampled_from(sorted(GRAMMARS))
Ranking = list[tuple[tuple[int, ...], float]]


def brute_force(model: MockLanguageModel, constraint: Constraint) -> Ranking:
    """Every text of the language with its log-probability, best first."""
    found = [(tokens, log_probability(model, PROMPT, tokens)) for tokens in language(constraint)]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))


def assert_same_ranking(hypotheses: list[Hypothesis], expected: Ranking) -> None:
    assert len(hypotheses) == len(expected)
    for hypothesis, (_, score) in zip(hypotheses, expected, strict=True):
        assert math.isclose(hypothesis.log_probability, score, abs_tol=1e-3)
    assert {h.tokens for h in hypotheses} == {tokens for tokens, _ in expected}


def walk(
    named: NamedGraph, topic: str, grammar: GrammarName, hops: int, model: MockLanguageModel
) -> Walk | None:
    try:
        return Walk.of(named.graph, [topic], model.tokenizer, grammar=grammar, hops=hops)
    except NoChainError:
        return None


@examples(60)
@given(named_graphs(), GRAMMAR, st.integers(1, 2), st.sampled_from(ENTITIES), st.integers(0, 99))
def test_with_enough_beams_the_whole_language_comes_out_in_order(
    named: NamedGraph, grammar: GrammarName, hops: int, topic: str, seed: int
) -> None:
    model = MockLanguageModel(seed, sharpness=2.0)
    constraint = walk(named, topic, grammar, hops, model)
    if constraint is None:
        return
    expected = brute_force(model, constraint)
    found = decode(BeamSearch(beams=len(expected) + 1), model, PROMPT, constraint)
    assert_same_ranking(found, expected)


@examples(60)
@given(named_graphs(), GRAMMAR, st.sampled_from(ENTITIES), st.integers(1, 4), st.integers(0, 99))
def test_few_beams_find_distinct_texts_with_their_true_scores_in_order(
    named: NamedGraph, grammar: GrammarName, topic: str, beams: int, seed: int
) -> None:
    model = MockLanguageModel(seed, sharpness=3.0)
    constraint = walk(named, topic, grammar, 2, model)
    if constraint is None:
        return
    truth = dict(brute_force(model, constraint))
    found = decode(BeamSearch(beams=beams), model, PROMPT, constraint)
    assert 1 <= len(found) <= beams
    assert len({h.tokens for h in found}) == len(found)
    assert [h.log_probability for h in found] == sorted((h.log_probability for h in found), reverse=True)
    for hypothesis in found:
        assert math.isclose(hypothesis.log_probability, truth[hypothesis.tokens], abs_tol=1e-3)
        assert hypothesis.chain in set(hypothesis.chains())
        assert all(triple in named.graph for triple in hypothesis.chain.triples)


@examples(40)
@given(named_graphs(), GRAMMAR, st.sampled_from(ENTITIES), st.integers(1, 3), st.integers(0, 99))
def test_walk_and_listed_trie_decode_to_the_same_hypotheses(
    named: NamedGraph, grammar: GrammarName, topic: str, beams: int, seed: int
) -> None:
    model = MockLanguageModel(seed)
    constraint = walk(named, topic, grammar, 2, model)
    if constraint is None:
        return
    trie = KGTrie.of(named.graph, [topic], model.tokenizer, grammar=grammar, hops=2)
    search = BeamSearch(beams=beams)
    walked, listed = (decode(search, model, PROMPT, c) for c in (constraint, trie))
    assert [(h.tokens, h.log_probability) for h in walked] == [(h.tokens, h.log_probability) for h in listed]
    assert [sorted(h.chains()) for h in walked] == [sorted(h.chains()) for h in listed]


@pytest.mark.parametrize("beams", [1, 3])
def test_what_the_model_prefers_is_found_first(beams: int) -> None:
    from kgqa.graph import GraphBuilder, Triple

    graph = GraphBuilder.of(Triple("a", f"r{n}", f"b{n}{m}") for n in range(5) for m in range(5))
    model = MockLanguageModel(preferences={" a -> r3 -> b31": 30.0})
    constraint = Walk.of(graph, ["a"], model.tokenizer, hops=1)
    best = decode(BeamSearch(beams=beams), model, PROMPT, constraint)[0]
    assert best.chain.end == "b31"
