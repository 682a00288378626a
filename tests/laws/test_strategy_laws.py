"""What all search strategies keep: the engine changes nothing, nothing is claimed that is not so."""

from __future__ import annotations

import functools
import random
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from property_examples import examples
from ranked_language import GRAMMAR, PROMPT, SEED, SHARPNESS, TOPIC, assert_honest, brute_force, walk
from tiny_models import tiny_model

from kgqa.constraint import GRAMMARS, GrammarName, Walk
from kgqa.decode import (
    AdaptiveGreedy,
    BeamSearch,
    BestFirst,
    Decoder,
    DiverseBeamSearch,
    Engine,
    Greedy,
    RelationPrior,
    Task,
    decode,
)
from kgqa.errors import KgqaError, NoChainError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import LanguageModel, MockLanguageModel, Prompt
from kgqa.lm.cascade import CascadeLanguageModel
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel

pytestmark = pytest.mark.slow  # minutes

ALL: list[Decoder] = [
    BeamSearch(beams=3),
    BeamSearch(beams=4, length_penalty=1.0),
    BeamSearch(beams=3, masked=True),
    BestFirst(hypotheses=3),
    BestFirst(hypotheses=3, batch=2, max_prefixes=9),
    BestFirst(hypotheses=3, heuristic=RelationPrior({"r": 0.9, "s": 0.1}, 5.0)),
    DiverseBeamSearch(),
    DiverseBeamSearch(beams=6, groups=3, penalty=4.0, penalise="relations"),
    DiverseBeamSearch(beams=4, groups=2, penalise="tokens"),
    Greedy(),
    AdaptiveGreedy(threshold=0.1),
]


def every(prompts: str, named: NamedGraph, grammar: GrammarName, model: LanguageModel) -> list[Task]:
    walks = ((topic, walk(named, topic, grammar, model)) for topic in ENTITIES)
    return [Task(Prompt(prompts, (topic,), grammar), found) for topic, found in walks if found is not None]


@pytest.mark.parametrize("search", ALL, ids=repr)
@examples(10)
@given(named_graphs(), GRAMMAR, SHARPNESS, SEED, st.integers(1, 7), st.integers(0, 80))
def test_the_engine_changes_nothing(
    search: Decoder,
    named: NamedGraph,
    grammar: GrammarName,
    sharpness: float,
    seed: int,
    questions: int,
    lookahead: int,
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    asked = every("what?", named, grammar, model)
    truth = list(Engine(model, questions=1, lookahead=0).run(search, asked))
    assert list(Engine(model, questions=questions, lookahead=lookahead).run(search, asked)) == truth


@pytest.mark.parametrize("search", [s for s in ALL if s not in ALL[1:3]], ids=repr)
@examples(10)
@given(named_graphs(), GRAMMAR, TOPIC, SHARPNESS, SEED)
def test_no_strategy_claims_what_is_not_so(
    search: Decoder, named: NamedGraph, grammar: GrammarName, topic: str, sharpness: float, seed: int
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    constraint = walk(named, topic, grammar, model)
    if constraint is None:
        return
    assert_honest(decode(search, model, PROMPT, constraint), brute_force(model, constraint))


@pytest.mark.parametrize("name", [type(search).__name__ for search in ALL[3:]])
def test_every_strategy_can_prove_something(name: str) -> None:
    """With a model that is sure of one text."""
    model = MockLanguageModel(preferences={" a -> r -> b": 60.0})
    graph = GraphBuilder.of(Triple("a", relation, end) for relation in "rs" for end in "bc")
    constraint = Walk.of(graph, ["a"], model.tokenizer, hops=1)
    (search, *_) = [search for search in ALL if type(search).__name__ == name]
    best = decode(search, model, PROMPT, constraint)[0]
    assert best.proven
    assert best.chain.end == "b"


# Transformers


@functools.cache
def transformer(name: str, **options: Any) -> LanguageModel:
    kind = Seq2SeqLanguageModel if name == "t5" else CausalLanguageModel
    return kind(*tiny_model(name), **options)


def hostile_graph(seed: int) -> IndexedGraph:
    draw = random.Random(seed)
    names = ["a", "ab", "a b", "A -> b", "</PATH>", "2012", "é", "ab c"]
    return GraphBuilder.of(
        Triple(draw.choice(names), draw.choice(["r", "r s", "in"]), draw.choice(names)) for _ in range(6)
    )


def check_transformer(name: str, seed: int, grammar: GrammarName) -> int:
    model, graph = transformer(name), hostile_graph(seed)
    try:
        topic = next(iter(graph.entities))
        constraint = Walk.of(graph, [topic], model.tokenizer, grammar=grammar, hops=2)
    except NoChainError:
        return 0
    truth = brute_force(model, constraint)
    for count in (1, 5):
        found = decode(BestFirst(count), model, PROMPT, constraint)
        assert all(h.proven for h in found)
        assert len(found) == min(count, len(truth))
        for h, (_, score) in zip(found, truth, strict=False):
            assert h.log_probability == pytest.approx(score, abs=2e-3)
            assert dict(truth)[h.tokens] == pytest.approx(score, abs=2e-3)  # near-equals may change places
    return 1


@pytest.mark.parametrize("name", ["llama", "t5"])
@pytest.mark.parametrize("grammar", sorted(GRAMMARS))
def test_best_first_is_exact_with_transformers(name: str, grammar: GrammarName) -> None:
    assert sum(check_transformer(name, seed, grammar) for seed in range(2))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["llama", "t5"])
@pytest.mark.parametrize("grammar", sorted(GRAMMARS))
def test_best_first_is_exact_with_transformers_many_times(name: str, grammar: GrammarName) -> None:
    assert sum(check_transformer(name, seed, grammar) for seed in range(2, 42)) > 30


@pytest.mark.parametrize("search", ALL, ids=repr)
@pytest.mark.parametrize("name", ["llama", "t5", "switching"])
def test_transformers_are_searched_alike_whatever_the_engine(search: Decoder, name: str) -> None:
    model = transformer("llama")
    if name == "switching":
        model = CascadeLanguageModel(model, reseeded(), 1.0)
    elif name == "t5":
        model = transformer("t5")
    asked = []
    for seed in range(2):
        graph = hostile_graph(seed)
        for topic in list(graph.entities)[:2]:
            for grammar in cast(list[GrammarName], sorted(GRAMMARS)):
                try:
                    found = Walk.of(graph, [topic], model.tokenizer, grammar=grammar, hops=2)
                except NoChainError:
                    continue
                asked.append(Task(Prompt(f"what {seed}?", (topic,), grammar), found))
    outcomes = [
        list(Engine(model, questions, lookahead).run(search, asked))
        for questions, lookahead in ((1, 0), (5, 40))
    ]
    for one, other in zip(*outcomes, strict=True):
        assert not isinstance(one, KgqaError)
        assert not isinstance(other, KgqaError)
        assert [(h.tokens, h.proven) for h in one] == [(h.tokens, h.proven) for h in other]
        assert [h.log_probability for h in one] == pytest.approx([h.log_probability for h in other], abs=2e-3)


@functools.cache
def reseeded() -> LanguageModel:
    """A llama with the same tokenizer and other weights."""
    import torch

    model, tokenizer = tiny_model("llama")
    torch.manual_seed(99)
    with torch.no_grad():
        for weight in model.parameters():
            if weight.dim() > 1:
                weight.normal_(0, 0.4)
    return CausalLanguageModel(model, tokenizer)
