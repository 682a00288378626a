"""Best-first search against brute force: exact within its budget, honest beyond it."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import RELATIONS, NamedGraph, named_graphs
from property_examples import examples
from ranked_language import (
    GRAMMAR,
    PROMPT,
    SEED,
    SHARPNESS,
    TOPIC,
    Ranking,
    Text,
    as_ranking,
    assert_honest,
    brute_force,
    random_graph,
    walk,
)

from kgqa.constraint import Constraint, GrammarName, Walk
from kgqa.decode import BestFirst, Engine, Prefix, RelationPrior, Task, decode
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel

pytestmark = pytest.mark.slow  # minutes


def check_best_first(
    named: NamedGraph, grammar: GrammarName, topic: str, sharpness: float, seed: int, count: int, batch: int
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    constraint = walk(named, topic, grammar, model)
    if constraint is None:
        return
    found = decode(BestFirst(hypotheses=count, batch=batch), model, PROMPT, constraint)
    assert as_ranking(found) == brute_force(model, constraint)[:count]
    assert all(h.proven for h in found)


CASE = (named_graphs(), GRAMMAR, TOPIC, SHARPNESS, SEED, st.integers(1, 8), st.integers(1, 20))


@examples(200)
@given(*CASE)
def test_best_first_finds_exactly_the_best(
    named: NamedGraph, grammar: GrammarName, topic: str, sharpness: float, seed: int, count: int, batch: int
) -> None:
    check_best_first(named, grammar, topic, sharpness, seed, count, batch)


@pytest.mark.slow
@examples(4000)
@given(*CASE)
def test_best_first_finds_exactly_the_best_thousands_of_times(
    named: NamedGraph, grammar: GrammarName, topic: str, sharpness: float, seed: int, count: int, batch: int
) -> None:
    check_best_first(named, grammar, topic, sharpness, seed, count, batch)


@examples(40)
@given(named_graphs(), GRAMMAR, TOPIC, SHARPNESS, SEED)
def test_asked_for_more_than_there_is_best_first_finds_all_of_it(
    named: NamedGraph, grammar: GrammarName, topic: str, sharpness: float, seed: int
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    constraint = walk(named, topic, grammar, model)
    if constraint is None:
        return
    truth = brute_force(model, constraint)
    found = decode(BestFirst(hypotheses=len(truth) + 3), model, PROMPT, constraint)
    assert as_ranking(found) == truth
    assert all(h.proven for h in found)


@examples(100)
@given(
    named_graphs(), GRAMMAR, TOPIC, SHARPNESS, SEED, st.integers(1, 5), st.integers(1, 8), st.integers(1, 60)
)
def test_out_of_budget_best_first_returns_something_and_does_not_claim_too_much(
    named: NamedGraph,
    grammar: GrammarName,
    topic: str,
    sharpness: float,
    seed: int,
    count: int,
    batch: int,
    budget: int,
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    constraint = walk(named, topic, grammar, model)
    if constraint is None:
        return
    search = BestFirst(hypotheses=count, batch=batch, max_prefixes=budget)
    found = decode(search, model, PROMPT, constraint)
    assert len(found) <= count
    assert_honest(found, brute_force(model, constraint))


def test_out_of_budget_some_are_proven_and_some_are_not() -> None:
    """The law above would hold, too, if nothing were ever proven."""
    proven: Counter[bool] = Counter()
    for seed in range(30):
        model = MockLanguageModel(seed, preferences={" a -> r -> b": 9.0}, sharpness=1.0)
        graph = GraphBuilder.of(Triple("a", relation, end) for relation in "rst" for end in "bcdef")
        constraint = Walk.of(graph, ["a"], model.tokenizer, hops=1)
        found = decode(BestFirst(hypotheses=3, batch=1, max_prefixes=14), model, PROMPT, constraint)
        proven.update(h.proven for h in found)
    assert proven[True] > 10
    assert proven[False] > 10


class Oracle:
    """The most that a prefix can gain, from the whole truth, `slack` nats too high and `share` of that."""

    def __init__(self, truth: Ranking, share: float, slack: float = 1e-9) -> None:
        self.share = share
        self.slack = slack
        self.rated = 0
        self._best: dict[Text, float] = {}
        for text, score in reversed(truth):
            self._best.update((text[:end], score) for end in range(len(text) + 1))

    def __call__(self, prefix: Prefix, constraint: Constraint) -> float:
        self.rated += 1
        return self.share * min(0.0, self._best[prefix.tokens] - prefix.log_probability + self.slack)


@examples(100)
@given(*CASE, st.sampled_from([0.0, 0.3, 0.9, 1.0]))
def test_an_admissible_heuristic_changes_nothing(
    named: NamedGraph,
    grammar: GrammarName,
    topic: str,
    sharpness: float,
    seed: int,
    count: int,
    batch: int,
    share: float,
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    constraint = walk(named, topic, grammar, model)
    if constraint is None:
        return
    truth = brute_force(model, constraint)
    heuristic = Oracle(truth, share)
    found = decode(BestFirst(count, batch, heuristic=heuristic), model, PROMPT, constraint)
    assert heuristic.rated
    assert as_ranking(found) == truth[:count]
    assert all(h.proven for h in found)


def test_a_good_heuristic_looks_at_less() -> None:
    plain, guided = 0, 0
    for seed in range(10):
        model = MockLanguageModel(seed)
        graph = random_graph(seed)
        constraint = Walk.of(graph, list(graph.entities)[:1], model.tokenizer)
        truth = brute_force(model, constraint)
        for heuristic in (None, Oracle(truth, 1.0)):
            model.scored = 0
            (found,) = Engine(model, lookahead=0).run(
                BestFirst(1, 1, heuristic=heuristic), [Task(PROMPT, constraint)]
            )
            assert isinstance(found, list)
            assert as_ranking(found) == truth[:1]
            plain, guided = (plain, guided + model.scored) if heuristic else (plain + model.scored, guided)
    assert guided < plain / 2


@examples(100)
@given(*CASE, st.lists(st.floats(-1, 1), min_size=3, max_size=3), st.sampled_from([0.0, 1.0, 30.0]))
def test_a_relation_prior_claims_nothing_that_is_not_so(
    named: NamedGraph,
    grammar: GrammarName,
    topic: str,
    sharpness: float,
    seed: int,
    count: int,
    batch: int,
    near: list[float],
    weight: float,
) -> None:
    model = MockLanguageModel(seed, sharpness=sharpness)
    constraint = walk(named, topic, grammar, model)
    if constraint is None:
        return
    truth = brute_force(model, constraint)
    prior = RelationPrior(dict(zip(RELATIONS, near, strict=True)), weight)
    found = decode(BestFirst(count, batch, heuristic=prior), model, PROMPT, constraint)
    assert len(found) == min(count, len(truth))
    assert_honest(found, truth)
    if weight == 0:
        assert as_ranking(found) == truth[:count]
        assert all(h.proven for h in found)
