"""Best-first search: its settings, its budgets, its heuristics, its cost."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hub_question import PROMPT, Impossible

from kgqa.constraint import Constraint, Walk
from kgqa.decode import BestFirst, Branches, Engine, Hypothesis, Prefix, RelationPrior, Task, decode
from kgqa.decode.search.search_frontier import SearchFrontier
from kgqa.errors import UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import Distributions, MockLanguageModel, Request

GRAPH = GraphBuilder.of(Triple("hub", "knows", f"{n} person") for n in range(400))
FILMS = GraphBuilder.of(
    Triple("film", relation, f"{relation} {n}")
    for relation in ("directed by", "in language", "released in")
    for n in range(4)
)


def hub(model: MockLanguageModel) -> Walk:
    return Walk.of(GRAPH, ["hub"], model.tokenizer, hops=1)


class Counting(BestFirst):
    """Counts the prefixes of the passes that have been asked for."""

    asked: list[int]

    def search(self, constraint: Constraint) -> Any:
        self.__dict__["asked"] = []
        search = super().search(constraint)
        wanted: Sequence[Prefix] = next(search)
        while True:
            self.asked.append(len(wanted))
            told: Sequence[Branches] = yield wanted
            try:
                wanted = search.send(told)
            except StopIteration as stop:
                return stop.value


@pytest.mark.parametrize("budget", [1, 7, 12, 40])
def test_no_more_prefixes_are_looked_at_than_allowed(budget: int) -> None:
    model = MockLanguageModel()
    search = Counting(hypotheses=1, batch=5, max_prefixes=budget)
    decode(search, model, PROMPT, hub(model))
    longest = len(" hub -> knows -> 399 person")
    assert sum(search.asked) <= budget + longest  # to complete one text
    assert max(search.asked) <= 5


def test_one_prefix_is_enough_for_something() -> None:
    model = MockLanguageModel()
    found = decode(BestFirst(hypotheses=4, max_prefixes=1), model, PROMPT, hub(model))
    assert 1 <= len(found) <= 4
    assert not any(h.proven for h in found)


def test_out_of_budget_poor_texts_do_not_keep_out_what_was_under_way() -> None:
    """Short texts are found first, at the side; the likely one was only begun."""
    facts = [Triple("hub", relation, "town") for relation in "abcdefgh"]
    graph = GraphBuilder.of([*facts, Triple("town", "lies in", "the country")])
    likely = " -> a -> lies in"
    model = MockLanguageModel(preferences={likely: 40.0}, sharpness=0.1)
    constraint = Walk.of(graph, ["hub"], model.tokenizer, grammar="relations", hops=2)
    search = BestFirst(hypotheses=3, batch=16, max_prefixes=20)
    best, *others = decode(search, model, PROMPT, constraint)
    assert model.tokenizer.decode(best.tokens) == likely
    assert len(others) == 2


class Slow(MockLanguageModel):
    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        time.sleep(0.01)
        return super().score(requests)


def test_out_of_time_it_returns_what_it_has() -> None:
    model = Slow(sharpness=0.1)
    found = decode(BestFirst(hypotheses=50, batch=1, seconds=1e-9), model, PROMPT, hub(model))
    assert found
    assert not all(h.proven for h in found)


def test_impossible_texts_do_not_send_it_through_the_whole_language() -> None:
    model = Impossible()
    search = Counting(hypotheses=3)
    found = decode(search, model, PROMPT, hub(model))
    assert [h.log_probability for h in found] == [-math.inf] * 3
    assert all(h.proven for h in found)  # nothing is better
    assert sum(search.asked) < 400


def test_a_hub_costs_what_is_looked_at() -> None:
    model = MockLanguageModel(preferences={" hub -> knows -> 77 person": 30.0})
    engine = Engine(model, lookahead=0)
    (found,) = engine.run(BestFirst(hypotheses=1, batch=1), [Task(PROMPT, hub(model))])
    assert isinstance(found, list)
    assert found[0].chain.end == "77 person"
    assert engine.cost.passes <= 4


def test_children_come_best_first_and_one_at_a_time() -> None:
    model = MockLanguageModel()
    constraint = hub(model)
    prefix = Prefix((), constraint.start)
    for token in b" hub -> knows -> ":
        prefix = prefix.grown(token, -0.5, constraint)
    tokens = constraint.allowed(prefix.state)
    gains = -np.abs(np.random.default_rng(0).normal(size=len(tokens)))
    frontier = SearchFrontier(constraint)
    frontier.push_children(prefix, Branches(tokens, gains, None))
    assert frontier.bound == prefix.log_probability + gains.max()
    popped = [child.log_probability for child in frontier.pop(100)]
    assert popped == sorted((prefix.log_probability + gains).tolist(), reverse=True)
    assert frontier.bound == -math.inf
    assert frontier.pop(1) == []


@pytest.mark.parametrize("gain", [0.1, math.nan])
def test_a_heuristic_that_promises_a_gain_is_refused(gain: float) -> None:
    model = MockLanguageModel()
    with pytest.raises(UsageError, match=f"heuristic must give at most 0, not {gain}"):
        decode(BestFirst(heuristic=lambda prefix, constraint: gain), model, PROMPT, hub(model))


def films(search: BestFirst) -> list[Hypothesis]:
    model = MockLanguageModel()
    return decode(search, model, PROMPT, Walk.of(FILMS, ["film"], model.tokenizer, hops=1))


def test_a_relation_prior_leads_to_the_relations_that_it_likes() -> None:
    for liked in ("directed by", "in language", "released in"):
        found = films(BestFirst(3, 1, heuristic=RelationPrior({liked: 1.0}, 1000.0)))
        assert {h.chain.hops[0].relation for h in found} == {liked}
        assert found == sorted(found, key=lambda h: -h.log_probability)


def test_a_prior_without_weight_leaves_the_search_exact() -> None:
    assert films(BestFirst(3, heuristic=RelationPrior({"in language": 1.0}, 0))) == films(BestFirst(3))


def test_a_prior_is_read_off_the_meaning_of_relations() -> None:
    texts = {relation: relation for relation in ("directed by", "in language", "released in")}
    prior = RelationPrior.of("who was the director of film?", texts, 10.0)
    assert max(prior.similarity, key=lambda relation: prior.similarity[relation]) == "directed by"


@pytest.mark.parametrize("weight", [-1.0, math.nan, math.inf])
def test_an_impossible_weight_is_refused(weight: float) -> None:
    with pytest.raises(UsageError, match=f"weight must be a finite number from 0, not {weight}"):
        RelationPrior({}, weight)


def test_a_similarity_that_is_no_number_is_refused() -> None:
    with pytest.raises(UsageError, match=r"similarity\['r'\] must be a finite number, not nan"):
        RelationPrior({"r": math.nan})
