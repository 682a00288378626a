"""The engine: what it costs, what it does when something fails, when it is stopped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest

from kgqa.constraint import Walk
from kgqa.decode import BeamSearch, Engine, Task
from kgqa.errors import BudgetError, KgqaError, ModelError, OutOfMemoryError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import Distributions, MockLanguageModel, Prompt, Request

GRAPH = GraphBuilder.of(Triple(f"topic {n}", "leads to", f"end {n} {m}") for n in range(12) for m in range(3))
SEARCH = BeamSearch(beams=2)


def tasks(model: MockLanguageModel, count: int = 12) -> Iterator[Task]:
    for n in range(count):
        walk = Walk.of(GRAPH, [f"topic {n}"], model.tokenizer, hops=1)
        yield Task(Prompt(f"where does topic {n} lead?", (f"topic {n}",)), walk)


class Failing(MockLanguageModel):
    """Fails for some questions, or for passes over more than `most` of them."""

    def __init__(self, fails: str = "", most: int = 99, error: type[Exception] = ModelError) -> None:
        super().__init__()
        self.fails = fails
        self.most = most
        self.error = error
        self.sizes: list[int] = []

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        self.sizes.append(len(requests))
        if len(requests) > self.most:
            raise OutOfMemoryError("too much")
        if self.fails and any(self.fails in request.prompt.question for request in requests):
            raise self.error("defect")
        return super().score(requests)


def ends(outcomes: Sequence[object]) -> list[str]:
    return [type(o).__name__ if isinstance(o, KgqaError) else o[0].chain.end[:5] for o in outcomes]  # type: ignore[index]


def test_outcomes_come_in_the_order_of_the_tasks_and_none_is_lost() -> None:
    model = MockLanguageModel()
    outcomes = list(Engine(model, questions=5).run(SEARCH, tasks(model)))
    assert [o[0].chain.start for o in outcomes if not isinstance(o, KgqaError)] == [
        f"topic {n}" for n in range(12)
    ]


def test_no_tasks_give_no_outcomes() -> None:
    assert list(Engine(MockLanguageModel()).run(SEARCH, [])) == []


def test_the_same_prompt_may_come_twice() -> None:
    model = MockLanguageModel()
    (task,) = tasks(model, 1)
    first, second = Engine(model).run(SEARCH, [task, task])
    assert first == second


def test_a_question_that_fails_takes_no_other_with_it() -> None:
    model = Failing("topic 3 ")
    outcomes = list(Engine(model, questions=4).run(SEARCH, tasks(model)))
    assert [isinstance(o, ModelError) for o in outcomes] == [n == 3 for n in range(12)]


def test_when_memory_runs_out_half_the_questions_are_asked_at_a_time() -> None:
    model = Failing(most=4)
    outcomes = list(Engine(model, questions=8).run(SEARCH, tasks(model)))
    assert not any(isinstance(o, KgqaError) for o in outcomes)
    assert {8, 4} <= set(model.sizes)


def test_when_half_is_too_much_too_the_error_says_so() -> None:
    model = Failing(most=0)
    outcomes = list(Engine(model, questions=2).run(SEARCH, tasks(model, 2)))
    assert ends(outcomes) == ["OutOfMemoryError"] * 2


def test_what_was_finished_is_not_lost_when_a_later_question_breaks_off() -> None:
    model = Failing("topic 9 ", error=KeyboardInterrupt)  # type: ignore[arg-type]
    outcomes: list[object] = []
    with pytest.raises(KeyboardInterrupt):
        outcomes.extend(Engine(model, questions=3).run(SEARCH, tasks(model)))
    assert 6 <= len(outcomes) <= 9


def test_the_next_question_starts_as_soon_as_one_is_done() -> None:
    model = Failing()
    list(Engine(model, questions=4, lookahead=0).run(SEARCH, tasks(model)))
    assert all(size == 4 for size in model.sizes[: len(model.sizes) // 2])


def test_time_that_runs_out_is_an_outcome() -> None:
    model = MockLanguageModel()
    outcomes = list(Engine(model).run(BeamSearch(seconds=1e-9), tasks(model, 3)))
    assert [type(o) for o in outcomes] == [BudgetError] * 3


def test_cost_counts_passes_and_texts() -> None:
    model = MockLanguageModel()
    engine = Engine(model, questions=6)
    list(engine.run(SEARCH, tasks(model, 6)))
    assert engine.cost.passes == model.calls
    assert engine.cost.texts == model.scored
    assert 0 < engine.cost.model_seconds <= engine.cost.seconds


def test_forced_runs_and_looking_ahead_save_passes() -> None:
    passes = []
    for lookahead in (0, 60):
        model = MockLanguageModel()
        list(Engine(model, questions=1, lookahead=lookahead).run(SEARCH, tasks(model)))
        passes.append(model.calls)
    assert passes[1] < passes[0]


def test_choices_go_with_every_text() -> None:
    class Looking(MockLanguageModel):
        def score(self, requests: Sequence[Request]) -> list[Distributions]:
            for request in requests:
                assert request.choices is not None
                assert len(request.choices) == len(request.texts)
            return super().score(requests)

    model = Looking()
    assert len(list(Engine(model).run(SEARCH, tasks(model, 2)))) == 2
