"""Beam search: its settings, its errors, its cost."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hub_question import PROMPT, Impossible

from kgqa.constraint import Walk
from kgqa.decode import BeamSearch, decode
from kgqa.errors import BudgetError, ModelError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import Distributions, MockLanguageModel, Request


class Altered(MockLanguageModel):
    """A model whose distributions are tampered with."""

    def __init__(self, value: float | None = None, size: int | None = None) -> None:
        super().__init__()
        self.value = value
        self.size = size

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        follows = super().score(requests)
        for one in follows:
            if self.value is not None:
                one.log_probabilities[:] = self.value
        return [Distributions(one.log_probabilities[:, : self.size]) for one in follows]


@pytest.mark.parametrize("penalty", [float("nan"), float("inf"), 300.0, -11.0])
def test_a_length_penalty_beyond_all_use_is_refused(penalty: float) -> None:
    with pytest.raises(UsageError, match="length_penalty must be a number from -10 to 10, not"):
        BeamSearch(length_penalty=penalty)


def test_running_out_of_time_is_an_error_that_says_so(graph: IndexedGraph) -> None:
    model = MockLanguageModel()
    with pytest.raises(BudgetError, match="1e-09 seconds"):
        decode(BeamSearch(seconds=1e-9), model, PROMPT, Walk.of(graph, ["hub"], model.tokenizer))


def test_scores_that_are_no_numbers_are_an_error(graph: IndexedGraph) -> None:
    model = Altered(np.nan)
    with pytest.raises(ModelError, match="NaN"):
        decode(BeamSearch(), model, PROMPT, Walk.of(graph, ["hub"], model.tokenizer))


def test_a_model_that_scores_too_few_tokens_is_an_error(graph: IndexedGraph) -> None:
    model = Altered(size=40)
    with pytest.raises(ModelError, match="scores 40 tokens"):
        decode(BeamSearch(), model, PROMPT, Walk.of(graph, ["hub"], model.tokenizer))


def test_impossible_texts_are_still_found_when_there_is_nothing_else(graph: IndexedGraph) -> None:
    model = Impossible()
    found = decode(BeamSearch(beams=3), model, PROMPT, Walk.of(graph, ["hub"], model.tokenizer))
    assert len(found) == 3
    assert {h.log_probability for h in found} == {-np.inf}


def test_forced_runs_cost_no_pass_of_their_own() -> None:
    model = MockLanguageModel()
    graph = GraphBuilder.of([Triple("start", "leads to", "the one and only end")])
    found = decode(BeamSearch(), model, PROMPT, Walk.of(graph, ["start"], model.tokenizer, hops=1))
    assert len(found[0].tokens) == len(" start -> leads to -> the one and only end")
    assert model.calls == 1
