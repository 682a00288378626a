"""Chains with answers: the laws, brute force, and answers that change no chain."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from numpy.typing import NDArray
from property_examples import examples
from test_tokenizer_families import wrapped
from tiny_models import tiny_model
from tokenizer_families import SPLITTABLE

from kgqa.constraint import GRAMMARS, GrammarName, Walk
from kgqa.constraint.answered import Answered
from kgqa.constraint.explained import Explained
from kgqa.constraint.testing import Language, check_constraint, language
from kgqa.decode import BeamSearch, decode
from kgqa.errors import ConstraintError, NoChainError, TokenizerError, UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel, MockTokenizer, Prompt
from kgqa.lm.end_of_sequence import EndOfSequenceLanguageModel
from kgqa.lm.hf.causal import CausalLanguageModel

PROMPT = Prompt("what?", ("a",))
NAMES = ["a", "b", "ab", "b # Answer: b", "b # Answer", "c\nd"]


class FewBytes(MockTokenizer):
    """A tokenizer with so little plain text that all of it can be listed."""

    @property
    def ordinary_ids(self) -> NDArray[np.int32]:
        return np.array(sorted(b" #>"), dtype=np.int32)


TOKENIZER = FewBytes()


def walk(named: NamedGraph, topic: str, grammar: GrammarName, hops: int) -> Walk | None:
    try:
        return Walk.of(named.graph, [topic], TOKENIZER, grammar=grammar, hops=hops)
    except NoChainError:
        return None


@examples(120)
@given(
    named_graphs(names=NAMES, triples=4),
    st.sampled_from(sorted(GRAMMARS)),
    st.integers(1, 2),
    st.sampled_from(ENTITIES),
    st.sampled_from(["visited", "end"]),
    st.sampled_from([" # Answer:", "\n# Answer:\n", " #"]),
)
def test_held_answers_obey_all_laws_and_are_what_brute_force_finds(
    named: NamedGraph, grammar: GrammarName, hops: int, topic: str, among: Any, heading: str
) -> None:
    inner = walk(named, topic, grammar, hops)
    if inner is None:
        return
    expected: dict[tuple[int, ...], Counter[Any]] = defaultdict(Counter)
    answers: dict[tuple[int, ...], set[str]] = defaultdict(set)
    space = " " if heading.startswith(" ") else ""
    for text, chains in language(inner).items():
        ends = {chain.end for chain in chains}
        passed = {entity for c in chains for entity in (c.start, *(hop.entity for hop in c.hops))}
        tails = defaultdict(set)
        for entity in ends if among == "end" else passed:
            if entity in named.names:
                tails[(heading + space + named.names[entity]).encode()].add(entity)
        for tail, entities in tails.items():
            expected[(*text, *tail)] += chains
            answers[(*text, *tail)] |= entities
    answered = Answered(inner, named.graph, TOKENIZER, among=among, heading=heading)
    check_constraint(answered, named.graph, vocabulary=[0, 10, 32, 256], expected=dict(expected))
    for written, entities in answers.items():
        state = answered.start
        for token in written:
            state = answered.advance(state, token)
        assert answered.answer(state) == tuple(sorted(entities))
        stated = answered.answer_text(state)
        assert stated.from_graph
        assert stated.text in {named.names[entity] for entity in entities}


@examples(60)
@given(
    named_graphs(names=NAMES, triples=3),
    st.sampled_from(sorted(GRAMMARS)),
    st.integers(1, 2),
    st.sampled_from(ENTITIES),
    st.sampled_from([" # Answer:", " #"]),
)
def test_free_answers_obey_all_laws_and_are_what_brute_force_finds(
    named: NamedGraph, grammar: GrammarName, most: int, topic: str, heading: str
) -> None:
    inner = walk(named, topic, grammar, 2)
    if inner is None or len(language(inner)) > 25:
        return
    expected: Language = defaultdict(Counter)
    for text, chains in language(inner).items():
        for length in range(1, most + 1):
            for answer in itertools.product(b" #>", repeat=length):
                expected[(*text, *heading.encode(), *answer)] += chains
    answered = Answered(inner, named.graph, TOKENIZER, held=False, answer_tokens=most, heading=heading)
    check_constraint(answered, named.graph, vocabulary=[0, 10, 32, 256], expected=dict(expected))


GRAPH = GraphBuilder.of([Triple("a", "r", "b"), Triple("b", "s", "c"), Triple("x", "r", "y")])


@pytest.mark.parametrize("answer", ["y", " -> s -> c", "</PATH>", "a -> r -> b # Answer: y", "<|endoftext|>"])
def test_a_free_answer_changes_no_chain_and_is_not_from_the_graph(answer: str) -> None:
    liked = f" a -> r -> b # Answer:{answer}"
    model = MockLanguageModel(preferences={liked: 40.0})
    answered = Answered(Walk.of(GRAPH, ["a"], model.tokenizer), GRAPH, MockTokenizer(), held=False)
    best = decode(BeamSearch(beams=2), model, PROMPT, answered)[0]
    assert model.tokenizer.decode(best.tokens) == liked
    assert best.chain.triples == (Triple("a", "r", "b"),)
    assert answered.answer(best.state) is None
    assert answered.answer_text(best.state) == (answer.strip(), False)


def test_a_held_answer_is_an_entity_of_the_chain_whatever_the_model_likes() -> None:
    model = MockLanguageModel(preferences={" a -> r -> b -> s -> c # Answer: y": 40.0})
    inner = Walk.of(GRAPH, ["a"], model.tokenizer)
    for among, possible in (("visited", {"a", "b", "c"}), ("end", {"c"})):
        answered = Answered(inner, GRAPH, MockTokenizer(), among=among)  # type: ignore[arg-type]
        best = decode(BeamSearch(beams=2), model, PROMPT, answered)[0]
        assert best.chain.end == "c"
        (entity,) = answered.answer(best.state) or ()
        assert entity in possible
        assert answered.answer_text(best.state) == (entity, True)


def test_explained_chains_can_be_answered() -> None:
    liked = " 1. < a -> r -> b > This tells us 2. < x -> r -> y >\n # Answer: b"
    model = MockLanguageModel(preferences={liked: 40.0})
    chains = Walk.of(GRAPH, ["a"], model.tokenizer, grammar="chain")
    answered = Answered(Explained(chains, MockTokenizer()), GRAPH, MockTokenizer())
    best = decode(BeamSearch(beams=2), model, PROMPT, answered)[0]
    assert model.tokenizer.decode(best.tokens) == liked
    assert best.chain.triples == (Triple("a", "r", "b"),)
    assert answered.answer(best.state) == ("b",)


@pytest.mark.parametrize("held", [True, False])
def test_a_model_with_path_tokens_writes_what_the_checkpoints_of_gcr_write(held: bool) -> None:
    raw, tokenizer = tiny_model("llama")
    model = EndOfSequenceLanguageModel(CausalLanguageModel(raw, tokenizer))
    graph = GraphBuilder.of(
        [Triple("Kismet", "directed_by", "Joel Zwick"), Triple("Kismet", "in_language", "</PATH>")]
    )
    inner = Walk.of(graph, ["Kismet"], model.tokenizer, hops=1)
    answered = Answered(inner, graph, model.tokenizer, held=held, answer_tokens=2)  # type: ignore[arg-type]
    found = decode(BeamSearch(beams=4), model, PROMPT, answered)
    assert {h.chain.end for h in found} == {"Joel Zwick", "</PATH>"} if held else found
    assert model.tokenizer.end_id == tokenizer.eos_token_id
    close = tokenizer.convert_tokens_to_ids("</PATH>")
    opening = tokenizer.convert_tokens_to_ids("<PATH>")
    prompt = CausalLanguageModel(raw, tokenizer).renderer.encode(PROMPT)
    assert prompt[-1] == opening
    for hypothesis in found:
        assert all(triple in graph for triple in hypothesis.chain.triples)
        assert hypothesis.tokens.count(close) == 1
        text = tokenizer.decode(hypothesis.tokens)
        if held and hypothesis.chain.end == "Joel Zwick":
            answer = answered.answer_text(hypothesis.state).text
            assert text == f"Kismet -> directed_by -> Joel Zwick</PATH>\n# Answer:\n{answer}"
            whole = tokenizer(f"<PATH>{text}", add_special_tokens=False)["input_ids"]
            assert whole == [opening, *hypothesis.tokens]
        row = torch.tensor([[*prompt, *hypothesis.tokens, tokenizer.eos_token_id]])
        with torch.no_grad():
            logits = raw(row).logits[0].log_softmax(-1)
        steps = range(len(prompt), row.shape[1])
        truth = sum(float(logits[at - 1, row[0, at]]) for at in steps)
        assert math.isclose(truth, hypothesis.log_probability, abs_tol=1e-2)


@pytest.mark.parametrize("family", sorted(SPLITTABLE))
def test_a_held_answer_has_the_ids_of_the_whole_text_in_every_tokenizer(family: str) -> None:
    tokenizer = wrapped(family)
    graph = GraphBuilder.of(
        Triple("Kismet", "in_language", name) for name in ("R.E.M.", "Joel Zwick", "2012", "A: B!", "</s>")
    )
    try:
        answered = Answered(Walk.of(graph, ["Kismet"], tokenizer, hops=1), graph, tokenizer)
        texts = language(answered)
    except TokenizerError:
        return
    assert len(texts) == 10
    for tokens, chains in texts.items():
        end = next(iter(chains)).end
        wholes = [
            tokenizer.encode_text(f" Kismet -> in_language -> {end} # Answer: {answer}")
            for answer in ("Kismet", end)
        ]
        assert tokens in wholes


def test_a_text_without_its_answer_is_no_text() -> None:
    answered = Answered(Walk.of(GRAPH, ["a"], MockTokenizer(), hops=1), GRAPH, MockTokenizer())
    state = answered.start
    for token in b" a -> r -> b # Answer:":
        state = answered.advance(state, token)
        assert not answered.accepts(state)
    with pytest.raises(ConstraintError, match="no answer yet"):
        answered.answer(state)
    assert answered.allowed(state).tolist() == [32]


@pytest.mark.parametrize("settings", [{"answer_tokens": 0}, {"among": "start"}])
def test_settings_that_make_no_sense_are_errors(settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=next(iter(settings))):
        Answered(Walk.of(GRAPH, ["a"], MockTokenizer()), GRAPH, MockTokenizer(), **settings)
