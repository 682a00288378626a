"""Runs of tokens without an alternative."""

from __future__ import annotations

from kgqa.constraint import Walk
from kgqa.constraint.engines.matcher import forced
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockTokenizer

TOKENIZER = MockTokenizer()


def run(*triples: Triple, after: str = "", hops: int = 1) -> str:
    walk = Walk.of(GraphBuilder.of(triples), ["a"], TOKENIZER, hops=hops, inverse=False)
    state = walk.start
    for token in after.encode():
        state = walk.advance(state, token)
    tokens, behind = forced(walk, state)
    for token in tokens:
        state = walk.advance(state, token)
    assert state == behind
    return TOKENIZER.decode(tokens)


def test_a_graph_of_one_fact_is_forced_to_its_end() -> None:
    assert run(Triple("a", "r", "b")) == " a -> r -> b"


def test_the_run_stops_where_two_tokens_may_follow() -> None:
    assert run(Triple("a", "rx", "b"), Triple("a", "ry", "b")) == " a -> r"


def test_the_run_stops_where_the_text_may_end_though_one_token_only_may_follow() -> None:
    facts = Triple("a", "r", "b"), Triple("b", "r", "c")
    assert run(*facts, hops=2) == " a -> r -> b"
    assert run(*facts, hops=2, after=" a -> r -> b") == ""
    assert run(*facts, hops=2, after=" a -> r -> b ") == "-> r -> c"


def test_a_name_that_begins_like_another_stops_the_run() -> None:
    assert run(Triple("a", "r", "b"), Triple("a", "r", "bc")) == " a -> r -> b"
