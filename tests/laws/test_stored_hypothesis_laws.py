"""What is kept of a hypothesis gives it back: tokens, numbers, state, ends and every chain."""

from __future__ import annotations

import json
from itertools import islice

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from property_examples import examples

from kgqa.constraint import GRAMMARS, GrammarName, Walk
from kgqa.decode import BeamSearch, Decoder, DiverseBeamSearch, Hypothesis, Sampler, decode
from kgqa.errors import ConstraintError, NoChainError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel, Prompt
from kgqa.pipeline.caches import restore, store

DECODERS = [BeamSearch(beams=4), DiverseBeamSearch(beams=4, groups=2), Sampler(samples=3)]


def found(
    named: NamedGraph, topics: list[str], grammar: GrammarName, decoder: Decoder, seed: int
) -> tuple[Walk, list[Hypothesis]]:
    model = MockLanguageModel(seed, sharpness=3.0)
    try:
        walk = Walk.of(named.graph, topics, model.tokenizer, grammar=grammar, hops=2)
    except NoChainError:
        assume(False)
    return walk, decode(decoder, model, Prompt("what?", ("a",)), walk)


@examples(80)
@given(
    named_graphs(),
    st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=2, unique=True),
    st.sampled_from(sorted(GRAMMARS)),
    st.sampled_from(DECODERS),
    st.integers(0, 99),
)
def test_a_hypothesis_comes_back_as_it_was(
    named: NamedGraph, topics: list[str], grammar: GrammarName, decoder: Decoder, seed: int
) -> None:
    _, hypotheses = found(named, topics, grammar, decoder, seed)
    again = Walk.of(named.graph, topics, MockLanguageModel().tokenizer, grammar=grammar, hops=2)
    for hypothesis in hypotheses:
        copy = restore(json.loads(json.dumps(store(hypothesis))), again)
        assert copy == hypothesis
        assert (copy.score, copy.log_weight, copy.exact) == (
            hypothesis.score,
            hypothesis.log_weight,
            hypothesis.exact,
        )
        assert dict(copy.ends) == dict(hypothesis.ends)
        assert list(islice(copy.chains(), 50)) == list(islice(hypothesis.chains(), 50))


@examples(40)
@given(named_graphs(), st.sampled_from(ENTITIES), st.integers(0, 99), st.data())
def test_other_tokens_are_refused_or_are_another_hypothesis(
    named: NamedGraph, topic: str, seed: int, data: st.DataObject
) -> None:
    walk, hypotheses = found(named, [topic], "path", DECODERS[0], seed)
    kept = store(hypotheses[0])
    tokens = list(hypotheses[0].tokens)
    at = data.draw(st.integers(0, len(tokens) - 1))
    other = [*tokens[:at], data.draw(st.integers(0, 300)), *tokens[at + 1 :]]
    try:
        assert restore([other, *kept[1:]], walk).tokens == tuple(other)
    except ConstraintError:
        assert other != tokens
    with pytest.raises(ConstraintError):
        restore([tokens[:-1] or [300], *kept[1:]], walk)


GOOD: list[object] = [[1], 0.0, 0.0, False, 0.0, False]


@pytest.mark.parametrize("value", [None, {}, [], GOOD[:-1], [["1"], *GOOD[1:]], [[1], "0", *GOOD[2:]]])
def test_what_was_not_stored_is_a_value_error(value: object) -> None:
    model = MockLanguageModel()
    walk = Walk.of(GraphBuilder.of([Triple("a", "r", "b")]), ["a"], model.tokenizer)
    with pytest.raises(ValueError, match="no hypothesis"):
        restore(value, walk)
