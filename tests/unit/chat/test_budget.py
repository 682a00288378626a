from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from misbehaving_server import answer, close, hang, http, serving

from kgqa.chat import Budget, Endpoint, Message, OpenAIChat, Prices
from kgqa.chat.exchange import likely_tokens, most_tokens
from kgqa.errors import BudgetError, ChatError, UsageError
from kgqa.web import BackOff

ASKED = [Message("user", "What is the capital of Austria?")]
PRICES = Prices(prompt=1000.0, completion=10_000.0)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 1)), max_size=30), st.floats(0.1, 10))
def test_a_budget_is_never_passed_and_refuses_only_what_may_pass_it(
    requests: list[tuple[float, float]], limit: float
) -> None:
    budget = Budget(limit)
    for most, share in requests:
        spent = budget.spent
        try:
            budget.reserve(most)
        except BudgetError:
            assert spent + most > limit
        else:
            budget.settle(most, most * share)
        assert budget.spent <= limit


def test_requests_under_way_are_counted_at_their_most() -> None:
    budget = Budget(1.0)
    budget.reserve(0.6)
    with pytest.raises(BudgetError, match=r"may exceed max_cost=1: 0 spent, 0\.6 reserved"):
        budget.reserve(0.6)
    budget.settle(0.6, 0.1)
    budget.reserve(0.6)


def test_threads_together_never_pass_a_budget() -> None:
    budget = Budget(10.0)
    refused = []

    def spend() -> None:
        for _ in range(500):
            try:
                budget.reserve(0.01)
            except BudgetError:
                refused.append(1)
            else:
                budget.settle(0.01, 0.01)

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 9.98 <= budget.spent <= 10.0 + 1e-9
    assert 999 <= len(refused) <= 1002


def test_time_runs_from_when_the_budget_is_made() -> None:
    now = [100.0]
    budget = Budget(max_seconds=5, clock=lambda: now[0])
    assert budget.seconds_left == 5
    now[0] = 104.9
    budget.check_time()
    now[0] = 105.0
    with pytest.raises(BudgetError, match="is over \\(max_seconds=5\\)"):
        budget.reserve(0.0)


@pytest.mark.parametrize(
    "limits", [(0.0, None), (-1.0, None), (None, 0.0), (float("nan"), None), (float("inf"), None)]
)
def test_a_limit_that_is_none_is_refused(limits: tuple[float | None, float | None]) -> None:
    with pytest.raises(UsageError, match="must be above zero"):
        Budget(*limits)


def chat(
    url: str, budget: Budget | None, *, prices: Prices | None = PRICES, timeout: float = 5.0
) -> OpenAIChat:
    return OpenAIChat(
        Endpoint(url, "m", prices=prices, timeout=timeout), budget=budget, back_off=BackOff(1, 0.01, 0.01)
    )


def test_a_run_stops_before_its_budget_is_passed() -> None:
    with serving(answer()) as server:  # 10 tokens read and 2 written: 0.03 each
        budget = Budget(1.0)
        model = chat(server.url, budget)
        costs: list[float | None] = []
        with pytest.raises(BudgetError, match="max_cost"):
            costs.extend(model.reply(ASKED, max_tokens=20).usage.cost for _ in range(100))
    most = PRICES.cost(most_tokens(ASKED), 20)
    assert costs == [pytest.approx(0.03)] * len(server.requests)
    assert budget.spent == pytest.approx(0.03 * len(costs))
    assert 1.0 - most - 0.03 <= budget.spent <= 1.0


def test_what_may_have_been_billed_is_booked_and_what_was_not_is_not() -> None:
    most = PRICES.cost(most_tokens(ASKED), 20)
    for behaviour, booked in (
        (http(401, ""), 0),
        (http(429, ""), 0),
        (close, 2),
        (hang, 1),
        (http(200, "{"), 2),
    ):
        with serving(behaviour) as server:
            budget = Budget(100.0)
            with pytest.raises(ChatError):
                chat(server.url, budget, timeout=0.5).reply(ASKED, max_tokens=20)
            assert budget.spent == pytest.approx(booked * most)


def test_the_time_of_a_run_ends_a_request_under_way() -> None:
    with serving(hang) as server, pytest.raises(BudgetError, match="max_seconds"):
        chat(server.url, Budget(max_seconds=0.2), timeout=30).reply(ASKED)


def test_a_cost_limit_without_prices_is_refused() -> None:
    with pytest.raises(UsageError, match="needs the prices of m"):
        chat("http://localhost/v1", Budget(1.0), prices=None)


def test_an_estimate_is_what_a_long_reply_would_cost() -> None:
    model = chat("http://localhost/v1", None)
    usage = model.estimate(ASKED, max_tokens=100)
    assert (usage.prompt_tokens, usage.completion_tokens, usage.estimated) == (12, 100, 1)
    assert usage.cost == pytest.approx(PRICES.cost(12, 100))
    assert chat("http://localhost/v1", None, prices=None).estimate(ASKED).cost is None


@given(st.lists(st.text(max_size=300), min_size=1, max_size=4))
def test_the_most_tokens_are_never_less_than_the_likely_ones(texts: list[str]) -> None:
    messages = [Message("user", text) for text in texts]
    assert likely_tokens(messages) <= most_tokens(messages)
    assert sum(len(text.encode()) for text in texts) <= most_tokens(messages)
