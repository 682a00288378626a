"""Looking ahead: its settings, and what it is for."""

from __future__ import annotations

import pytest
from hub_question import PROMPT

from kgqa.constraint import Walk
from kgqa.decode import AdaptiveGreedy, Greedy, decode
from kgqa.errors import BudgetError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel

GRAPH = GraphBuilder.of([Triple("hub", "made", "x"), Triple("hub", "sold", "y"), Triple("hub", "lost", "z")])
TRAP = {
    " hub -> m": 21.0,  # the first letter of "made" looks best ...
    " hub -> sold -> y": 20.0,  # ... but only "sold" goes on well
}


def test_it_sees_through_a_beginning_that_goes_on_badly() -> None:
    model = MockLanguageModel(preferences=TRAP, sharpness=0)
    constraint = Walk.of(GRAPH, ["hub"], model.tokenizer, hops=1)
    (hasty,) = decode(Greedy(), model, PROMPT, constraint)
    (found,) = decode(AdaptiveGreedy(threshold=0.3), model, PROMPT, constraint)
    assert (hasty.chain.end, found.chain.end) == ("x", "y")
    assert found.log_probability > hasty.log_probability
    (sure,) = decode(AdaptiveGreedy(threshold=2.0), model, PROMPT, constraint)
    assert sure == hasty


def test_running_out_of_time_is_an_error_that_says_so() -> None:
    model = MockLanguageModel()
    with pytest.raises(BudgetError, match="1e-09 seconds"):
        decode(AdaptiveGreedy(seconds=1e-9), model, PROMPT, Walk.of(GRAPH, ["hub"], model.tokenizer))
