from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.errors import UsageError
from kgqa.web import BackOff, CircuitBreaker, RateLimit, retry_after


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 120)), max_size=40),
    st.one_of(st.none(), st.integers(1, 5)),
    st.one_of(st.none(), st.integers(1, 200)),
)
def test_no_minute_has_more_than_its_limits(
    arrivals: list[tuple[int, int]], requests: int | None, tokens: int | None
) -> None:
    now = [0.0]
    limit = RateLimit(requests, tokens, clock=lambda: now[0])
    sent: list[tuple[float, int]] = []
    for pause, size in arrivals:
        now[0] += pause
        wait = limit.wait(size)
        assert wait >= 0
        sent.append((now[0] + wait, size))
    assert sent == sorted(sent, key=lambda request: request[0])
    for at, _ in sent:
        window = [size for moment, size in sent if at <= moment < at + 60]
        assert requests is None or len(window) <= requests
        assert tokens is None or sum(window) <= tokens or sum(1 for size in window if size) == 1


@given(st.lists(st.floats(0, 40), min_size=1, max_size=30), st.integers(1, 5))
def test_nobody_waits_longer_than_needed(pauses: list[float], requests: int) -> None:
    now = [0.0]
    limit = RateLimit(requests, clock=lambda: now[0])
    sent: list[float] = []
    for pause in pauses:
        now[0] += pause
        at = now[0] + limit.wait(1)
        earliest = max(now[0], sent[-requests] + 60 if len(sent) >= requests else 0, sent[-1] if sent else 0)
        assert at == pytest.approx(earliest)
        sent.append(at)


def test_a_limit_of_nothing_is_refused() -> None:
    with pytest.raises(UsageError, match="_per_minute must be 1 or more"):
        RateLimit(0)
    with pytest.raises(UsageError, match="_per_minute must be 1 or more"):
        RateLimit(tokens=-1)


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_waits_double_up_to_the_most_with_jitter(attempt: int, chance: float) -> None:
    back_off = BackOff(first=0.5, longest=20.0, jitter=lambda: chance)
    full = min(20.0, 0.5 * 2.0 ** min(attempt, 20))
    assert full / 2 <= back_off.wait(attempt) <= full


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("2", 2.0), ("0.5", 0.5), ("-3", 0.0), ("nan", None), ("inf", None), ("soon", None), ("", None)],
)
def test_retry_after_is_a_number_of_seconds(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}) == seconds
    assert retry_after({}) is None


def test_retry_after_may_be_a_date() -> None:
    assert retry_after({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}) == 0.0
    wait = retry_after({"retry-after": "Thu, 01 Jan 2099 00:00:00 GMT"})
    assert wait is not None
    assert wait > 10**9


def test_a_breaker_lets_one_through_after_its_pause_and_closes_when_that_succeeds() -> None:
    now = [0.0]
    breaker = CircuitBreaker(failures=2, pause=10, clock=lambda: now[0])
    breaker.failed("a")
    assert breaker.refusal() is None
    breaker.succeeded()
    breaker.failed("a")
    assert breaker.refusal() is None
    breaker.failed("no power")
    assert "failed 2 times in a row and is tried again in 10 seconds; the last failure: no power" in str(
        breaker.refusal()
    )
    now[0] = 10.0
    assert breaker.refusal() is None
    assert breaker.refusal() is not None
    breaker.failed("still none")
    assert "still none" in str(breaker.refusal())
    now[0] = 20.0
    assert breaker.refusal() is None
    breaker.succeeded()
    assert breaker.refusal() is None
    assert breaker.refusal() is None
