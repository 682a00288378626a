"""Sending requests with retries, within limits of time, money and rate."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

from kgqa.chat.budget import Budget
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.failure import Failure
from kgqa.errors import ChatEndpointError, SpentError
from kgqa.web import BackOff, CircuitBreaker, RateLimit

__all__ = ["Sender"]

Result = TypeVar("Result")


class Sender:
    """Sends requests to an endpoint with rate limits, budget and retries; shared by all threads.

    A call ends within the endpoint's timeout after its turn, retries included. How long it waits for its
    turn depends on the limits that are set here, never on the server.
    """

    def __init__(self, endpoint: Endpoint, budget: Budget, back_off: BackOff) -> None:
        self._endpoint = endpoint
        self._budget = budget
        self._back_off = back_off
        self._slots = threading.BoundedSemaphore(endpoint.concurrency)
        self._rate = RateLimit(endpoint.requests_per_minute, endpoint.tokens_per_minute)
        self._breaker = CircuitBreaker()
        self._reached = False

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the `concurrency` places."""
        with self._slots:
            yield

    def send(self, once: Callable[[float], Result | Failure], tokens: int, most: float) -> Result:
        """What `once` gives for so many seconds, asked again while its failures may pass.

        `tokens` is the likely size of the request, `most` what it may cost; this stays reserved for
        the caller to settle when there is an result. Raises `SpentError` and `ChatError`.
        """
        end = None
        attempt = 0
        while True:
            self._check_circuit()
            paused = self._pause(tokens)
            now = time.monotonic()
            end = now + self._endpoint.timeout if end is None else end + paused
            result = self._once(once, end - now, most)
            if not isinstance(result, Failure):
                self._reached = True
                self._breaker.succeeded()
                return result
            self._reached = self._reached or result.reached
            self._budget.check_time()
            wait = self._back_off.wait(attempt) if result.wait is None else result.wait
            # an address that has never answered is more likely wrong than down for a moment
            hopeless = not result.passing or not self._reached or time.monotonic() + wait >= end
            if hopeless or attempt >= self._back_off.retries:
                self.give_up(result)
            attempt += 1
            time.sleep(min(wait, max(0.0, self._budget.seconds_left)))

    def give_up(self, failure: Failure) -> NoReturn:
        """Raise the error of a final failure."""
        if failure.everywhere or failure.passing:
            self._breaker.failed(failure.message)
        else:
            self._breaker.succeeded()  # the endpoint works, though not for this conversation
        raise failure.error()

    def _once(
        self, once: Callable[[float], Result | Failure], seconds: float, most: float
    ) -> Result | Failure:
        self._budget.reserve(most)
        cost = most  # an interrupted request may be charged
        kept = False
        try:
            result = once(max(0.0, min(seconds, self._budget.seconds_left)))
            kept = not isinstance(result, Failure)
            if isinstance(result, Failure) and not result.charged:
                cost = 0.0
            return result
        finally:
            if not kept:
                self._budget.settle(most, cost)

    def _check_circuit(self) -> None:
        refusal = self._breaker.refusal()
        if refusal is not None:
            raise ChatEndpointError(f"the LLM at {self._endpoint.base_url} {refusal}")

    def _pause(self, tokens: int) -> float:
        """Wait until the rate limits allow a request; returns the seconds waited."""
        self._budget.check_time()
        pause = self._rate.wait(tokens)
        if pause > self._budget.seconds_left:
            raise SpentError(
                f"the rate limit of {self._endpoint.model} lets the next request through in {pause:.0f} "
                "seconds, which is later than max_seconds allows"
            )
        if pause > 0:
            time.sleep(pause)
        return pause
