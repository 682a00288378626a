"""Chains with explanations: the laws, brute force, and free text that opens and closes nothing."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from numpy.typing import NDArray
from property_examples import examples
from test_tokenizer_families import special_ids
from tiny_models import tiny_model
from tokenizer_families import FAMILIES, SPLITTABLE

from kgqa.constraint import Constraint, GrammarName, Walk
from kgqa.constraint.explained import Explained
from kgqa.constraint.testing import Language, check_constraint, language
from kgqa.decode import BeamSearch, decode
from kgqa.errors import ConstraintError, NoChainError, TokenizerError, UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel, MockTokenizer, Prompt
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer

PROMPT = Prompt("what?", ("a",), "chain")


class FewBytes(MockTokenizer):
    """A tokenizer with so little plain text that all of it can be listed: what a link is made of."""

    @property
    def ordinary_ids(self) -> NDArray[np.int32]:
        return np.array(sorted(b"\n >"), dtype=np.int32)


TOKENIZER = FewBytes()
OPENING = " T"


def brute_force(inner: Language, free: Sequence[bytes], most: int) -> Language:
    """Every text with every explanation behind each of its beginnings that is a text."""
    tellings = [
        (*OPENING.encode(), *(byte for part in told for byte in part), 10)
        for length in range(most + 1)
        for told in itertools.product(free, repeat=length)
    ]
    found: Language = {}
    for text, chains in inner.items():
        cuts = [at for at in range(1, len(text) + 1) if text[:at] in inner]
        for told in itertools.product(tellings, repeat=len(cuts)):
            written: tuple[int, ...] = ()
            for before, at, telling in zip([0, *cuts], cuts, told, strict=False):
                written += (*text[before:at], *telling)
            assert written not in found
            found[written] = chains
    return found


@examples(60)
@given(
    named_graphs(names=["a", "b", "b >", "b > 2. < a", "c"], triples=4),
    st.sampled_from(["chain", "path"]),
    st.integers(1, 2),
    st.integers(0, 2),
    st.sampled_from(ENTITIES),
)
def test_explained_chains_obey_all_laws_and_are_what_brute_force_finds(
    named: NamedGraph, grammar: GrammarName, hops: int, most: int, topic: str
) -> None:
    try:
        walk = Walk.of(named.graph, [topic], TOKENIZER, grammar=grammar, hops=hops)
    except NoChainError:
        return
    inner = language(walk)
    if len(inner) > (12 if most == 2 else 60):
        return
    expected = brute_force(inner, [b" ", b">"], most)
    explained = Explained(walk, TOKENIZER, opening=OPENING, explanation_tokens=most)
    check_constraint(explained, named.graph, vocabulary=[0, 10, 32, 62, 84, 256, 300], expected=expected)
    for text, chains in expected.items():
        chain, explanations = explained.parts(text)
        assert inner[chain] == chains
        assert all(telling[-1] == 10 for telling in explanations)


GRAPH = GraphBuilder.of([Triple("a", "r", "b"), Triple("b", "s", "c"), Triple("x", "r", "y")])
HOSTILE = [" 2. < x -> r -> y >", "</PATH>", " 2. < b -> s -> c >", "<|endoftext|>", " -> s -> c", " >"]


@pytest.mark.parametrize("telling", HOSTILE)
@pytest.mark.parametrize("beams", [1, 4])
def test_what_an_explanation_spells_opens_and_closes_nothing(telling: str, beams: int) -> None:
    liked = f" 1. < a -> r -> b > This tells us{telling}\n"
    model = MockLanguageModel(preferences={liked: 40.0})
    explained = Explained(Walk.of(GRAPH, ["a"], model.tokenizer, grammar="chain"), MockTokenizer())
    best = decode(BeamSearch(beams=beams), model, PROMPT, explained)[0]
    assert model.tokenizer.decode(best.tokens) == liked
    assert [chain.triples for chain in best.chains()] == [(Triple("a", "r", "b"),)]
    assert explained.parts(best.tokens).explanations == (tuple(f"{telling}\n".encode()),)


def test_an_explained_link_is_followed_by_the_next_link_of_the_graph_only() -> None:
    liked = " 1. < a -> r -> b > This tells us 2. < x >\n 2. < b -> s -> c > This tells us!\n"
    model = MockLanguageModel(preferences={liked: 40.0})
    explained = Explained(Walk.of(GRAPH, ["a"], model.tokenizer, grammar="chain"), MockTokenizer())
    best = decode(BeamSearch(beams=2), model, PROMPT, explained)[0]
    assert model.tokenizer.decode(best.tokens) == liked
    assert best.chain.triples == (Triple("a", "r", "b"), Triple("b", "s", "c"))
    assert dict(best.ends) == {"c": 1}


def follow(constraint: Constraint, text: bytes) -> Any:
    state = constraint.start
    for token in text:
        state = constraint.advance(state, token)
    return state


def test_an_explanation_that_is_full_can_only_be_closed() -> None:
    walk = Walk.of(GRAPH, ["a"], MockTokenizer(), grammar="chain", hops=1)
    explained = Explained(walk, MockTokenizer(), explanation_tokens=3)
    state = follow(explained, b" 1. < a -> r -> b > This tells usxyz")
    assert explained.allowed(state).tolist() == [10]
    assert not explained.accepts(state)
    with pytest.raises(ConstraintError, match="not allowed"):
        explained.advance(state, ord("x"))
    with pytest.raises(ConstraintError, match="no explained chain"):
        explained.ends(state)
    assert explained.accepts(explained.advance(state, 10))


@pytest.mark.parametrize("name", ["llama", "llama-legacy", "gpt2"])
def test_a_transformer_explains_chains_of_the_graph_in_ordinary_tokens(name: str) -> None:
    raw, tokenizer = tiny_model(name)
    model = CausalLanguageModel(raw, tokenizer)
    walk = Walk.of(GRAPH, ["a"], model.tokenizer, grammar="chain")
    explained = Explained(walk, model.tokenizer, explanation_tokens=4)
    found = decode(BeamSearch(beams=3), model, PROMPT, explained)
    assert found
    ordinary = set(model.tokenizer.ordinary_ids.tolist())
    inner = language(walk)
    for hypothesis in found:
        assert all(triple in GRAPH for triple in hypothesis.chain.triples)
        chain_tokens, explanations = explained.parts(hypothesis.tokens)
        assert Counter(hypothesis.chains()) == inner[chain_tokens]
        assert explanations
        assert set(itertools.chain.from_iterable(explanations)) <= ordinary
        assert all("\n" in model.tokenizer.decode(telling[-1:]) for telling in explanations)


@pytest.mark.parametrize("family", sorted(SPLITTABLE))
def test_ordinary_tokens_are_those_that_plain_text_is_made_of(family: str) -> None:
    tokenizer = HuggingFaceTokenizer(FAMILIES[family](), vocabulary_size=5000)
    ordinary = set(tokenizer.ordinary_ids.tolist())
    assert tokenizer.ordinary_ids.tolist() == sorted(ordinary)
    assert not ordinary & special_ids(family)
    assert max(ordinary) < len(FAMILIES[family]())
    text = tokenizer.encode_plain("what films did Joel Zwick write in 1999? </s> <|endoftext|> [SEP] Kismet.")
    assert set(text) - {tokenizer.unknown_id} <= ordinary
    stops = tokenizer.ids_with(".").tolist()
    assert stops
    assert set(stops) <= ordinary
    assert all("." in tokenizer.decode([token]) for token in stops)
    assert all("." not in tokenizer.decode([token]) for token in sorted(ordinary - set(stops))[:200])


def test_a_tokenizer_without_line_breaks_says_what_to_do() -> None:
    tokenizer = HuggingFaceTokenizer(FAMILIES["bert"]())
    walk = Walk.of(GRAPH, ["a"], tokenizer, grammar="chain")
    with pytest.raises(TokenizerError, match="choose another `until`"):
        Explained(walk, tokenizer)
    assert Explained(walk, tokenizer, until=".").topics == ("a",)


@pytest.mark.parametrize("settings", [{"explanation_tokens": -1}, {"opening": "This"}])
def test_settings_that_make_no_sense_are_errors(settings: dict[str, object]) -> None:
    walk = Walk.of(GRAPH, ["a"], MockTokenizer(), grammar="chain")
    with pytest.raises(UsageError, match=next(iter(settings))):
        Explained(walk, MockTokenizer(), **settings)  # type: ignore[arg-type]
