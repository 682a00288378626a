"""What a decoder finds does not depend on how the engine asks: looking ahead, batches, caches, trees."""

from __future__ import annotations

import functools
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from property_examples import examples
from tiny_models import tiny_model

from kgqa.constraint import GRAMMARS, GrammarName, Walk
from kgqa.decode import BeamSearch, Engine, Hypothesis, Task, decode
from kgqa.errors import KgqaError, NoChainError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import LanguageModel, MockLanguageModel, Prompt
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel

GRAMMAR = st.sampled_from(sorted(GRAMMARS))
SEARCH = BeamSearch(beams=3)


def tasks(named: NamedGraph, grammar: GrammarName, model: LanguageModel) -> list[Task]:
    found = []
    for topic in ENTITIES:
        try:
            walk = Walk.of(named.graph, [topic], model.tokenizer, grammar=grammar, hops=2)
        except NoChainError:
            continue
        found.append(Task(Prompt("what?", (topic,), grammar), walk))
    return found


def plain(outcomes: list[list[Hypothesis] | KgqaError]) -> list[list[tuple[tuple[int, ...], bool]]]:
    assert not any(isinstance(outcome, KgqaError) for outcome in outcomes)
    return [[(h.tokens, h.proven) for h in outcome] for outcome in outcomes if isinstance(outcome, list)]


def scores(outcomes: list[list[Hypothesis] | KgqaError]) -> list[float]:
    return [h.log_probability for outcome in outcomes if isinstance(outcome, list) for h in outcome]


@examples(60)
@given(named_graphs(), GRAMMAR, st.integers(0, 99), st.integers(1, 7), st.integers(0, 80))
def test_looking_ahead_and_batches_change_nothing(
    named: NamedGraph, grammar: GrammarName, seed: int, questions: int, lookahead: int
) -> None:
    model = MockLanguageModel(seed, sharpness=2.0)
    asked = tasks(named, grammar, model)
    truth = list(Engine(model, questions=1, lookahead=0).run(SEARCH, asked))
    found = list(Engine(model, questions=questions, lookahead=lookahead).run(SEARCH, asked))
    assert found == truth
    alone = [decode(SEARCH, model, task.prompt, task.constraint) for task in asked]
    assert alone == truth


@functools.cache
def raw(name: str) -> tuple[Any, Any]:
    return tiny_model(name)


def real_models(name: str) -> list[LanguageModel]:
    """The same weights read as trees, as plain rows, with few kept prompts, in small batches."""
    if name == "t5":
        return [Seq2SeqLanguageModel(*raw(name)), Seq2SeqLanguageModel(*raw(name), batch_size=2)]
    return [
        CausalLanguageModel(*raw(name)),
        CausalLanguageModel(*raw(name), tree=False),
        CausalLanguageModel(*raw(name), kept_prompts=1),
    ]


def random_graph(seed: int) -> IndexedGraph:
    draw = random.Random(seed)
    names = ["a", "ab", "a b", "A -> b", "</PATH>", "2012", "é", *ENTITIES]
    return GraphBuilder.of(
        Triple(draw.choice(names), draw.choice(["r", "r s", "in"]), draw.choice(names)) for _ in range(14)
    )


@pytest.mark.parametrize("name", ["llama", "qwen2", "t5"])
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 6))])
def test_real_models_find_the_same_however_they_are_asked(name: str, seed: int) -> None:
    graph = random_graph(seed)
    models = real_models(name)
    results: list[list[list[Hypothesis] | KgqaError]] = []
    for model in models:
        asked = []
        for topic in list(graph.entities)[:6]:
            for grammar in sorted(GRAMMARS):
                try:
                    walk = Walk.of(graph, [topic], model.tokenizer, grammar=grammar, hops=2)  # type: ignore[arg-type]
                except NoChainError:
                    continue
                asked.append(Task(Prompt("what?", (topic,), grammar), walk))  # type: ignore[arg-type]
        engines = Engine(model, 1, 0), Engine(model, 5, 40), Engine(model, 3, 0)
        results += [list(engine.run(SEARCH, asked)) for engine in engines]
    for other in results[1:]:
        assert plain(other) == plain(results[0])
        assert scores(other) == pytest.approx(scores(results[0]), abs=2e-3)
