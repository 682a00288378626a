"""Asking until there is an answer, or until there will be none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn, TypeVar

from kgqa.chat.back_off import BackOff
from kgqa.chat.budget import Budget
from kgqa.chat.circuit_breaker import CircuitBreaker
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.failure import Failure
from kgqa.chat.rate_limit import RateLimit
from kgqa.errors import ChatEndpointError, SpentError

__all__ = ["Sender"]

Answer = TypeVar("Answer")


class Sender:
    """Spaces, bounds and repeats the requests to an endpoint; shared by all threads that ask it.

    A call ends within the endpoint's timeout from when its turn came, retries included; its turn
    comes by the limits that are set here, never by what the server does.
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
        """One of the requests at a time."""
        with self._slots:
            yield

    def send(self, once: Callable[[float], Answer | Failure], tokens: int, most: float) -> Answer:
        """What `once` gives for so many seconds, asked again while its failures may pass.

        `tokens` is the likely size of the request, `most` what it may cost; this stays reserved for
        the caller to settle when there is an answer. Raises `SpentError` and `ChatError`.
        """
        end = None
        attempt = 0
        while True:
            self._check_circuit()
            paused = self._pause(tokens)
            now = time.monotonic()
            end = now + self._endpoint.timeout if end is None else end + paused
            answer = self._once(once, end - now, most)
            if not isinstance(answer, Failure):
                self._reached = True
                self._breaker.succeeded()
                return answer
            self._reached = self._reached or answer.reached
            self._budget.check_time()
            wait = self._back_off.wait(attempt) if answer.wait is None else answer.wait
            # an address where nobody has ever answered is more likely wrong than about to work
            hopeless = not answer.passing or not self._reached or time.monotonic() + wait >= end
            if hopeless or attempt >= self._back_off.retries:
                self.give_up(answer)
            attempt += 1
            time.sleep(min(wait, max(0.0, self._budget.seconds_left)))

    def give_up(self, failure: Failure) -> NoReturn:
        """Raise a failure that is final."""
        if failure.everywhere or failure.passing:
            self._breaker.failed(failure.message)
        else:
            self._breaker.succeeded()  # it works, if not for this conversation
        raise failure.error()

    def _once(
        self, once: Callable[[float], Answer | Failure], seconds: float, most: float
    ) -> Answer | Failure:
        self._budget.reserve(most)
        cost = most  # what is interrupted may have to be paid for
        kept = False
        try:
            answer = once(max(0.0, min(seconds, self._budget.seconds_left)))
            kept = not isinstance(answer, Failure)
            if isinstance(answer, Failure) and not answer.charged:
                cost = 0.0
            return answer
        finally:
            if not kept:
                self._budget.settle(most, cost)

    def _check_circuit(self) -> None:
        refusal = self._breaker.refusal()
        if refusal is not None:
            raise ChatEndpointError(f"the LLM at {self._endpoint.base_url} {refusal}")

    def _pause(self, tokens: int) -> float:
        """Wait for the next request that the rate limits allow."""
        self._budget.check_time()
        pause = self._rate.wait(tokens)
        if pause > self._budget.seconds_left:
            raise SpentError(
                f"the rate limit of {self._endpoint.model} lets the next request through in {pause:.0f} "
                "seconds, after the time is over (--max-seconds)"
            )
        if pause > 0:
            time.sleep(pause)
        return pause
