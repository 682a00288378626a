"""Greedy search: its settings, its cost, its choices."""

from __future__ import annotations

import pytest
from hub_question import PROMPT

from kgqa.constraint import Walk
from kgqa.decode import Engine, Greedy, Task, decode
from kgqa.errors import BudgetError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel

GRAPH = GraphBuilder.of(Triple("hub", "knows", f"{n} person") for n in range(30))


def test_it_takes_what_looks_best_now() -> None:
    model = MockLanguageModel(preferences={" hub -> knows -> 7 person": 20.0})
    (found,) = decode(Greedy(), model, PROMPT, Walk.of(GRAPH, ["hub"], model.tokenizer))
    assert found.chain.end == "7 person"


def test_of_equals_it_takes_the_lowest_token_and_ending_first() -> None:
    model = MockLanguageModel(sharpness=0)
    (found,) = decode(Greedy(), model, PROMPT, Walk.of(GRAPH, ["hub"], model.tokenizer, hops=2))
    assert model.tokenizer.decode(found.tokens) == " hub -> knows -> 0 person"


def test_what_is_forced_costs_no_pass() -> None:
    model = MockLanguageModel()
    engine = Engine(model, lookahead=0)
    (_,) = engine.run(Greedy(), [Task(PROMPT, Walk.of(GRAPH, ["hub"], model.tokenizer, hops=1))])
    assert engine.cost.passes <= 3  # which digit, perhaps a second one, the rest


def test_running_out_of_time_is_an_error_that_says_so() -> None:
    model = MockLanguageModel()
    with pytest.raises(BudgetError, match="1e-09 seconds"):
        decode(Greedy(seconds=1e-9), model, PROMPT, Walk.of(GRAPH, ["hub"], model.tokenizer))
