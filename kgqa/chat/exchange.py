"""Speaking with an endpoint as it understands it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from kgqa.chat.asked import Asked
from kgqa.chat.completion import Completion, Unreadable, read_completion, read_models
from kgqa.chat.dialect import Dialect
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.failure import Failure, diagnose, unknown_model, unreadable
from kgqa.chat.response import Response

if TYPE_CHECKING:
    from kgqa.chat.wire import Wire

__all__ = ["Exchange"]

_LISTING_SECONDS = 5.0

Answer = TypeVar("Answer")


class Exchange:
    """Asks an endpoint in the widest dialect that it is known to understand.

    A request that is refused for what it asks is sent again without that, and what then succeeds is
    remembered. Failures are values here; they are raised where it is known that they are final.
    """

    def __init__(self, endpoint: Endpoint, wire: Wire, temperature: float, seed: int | None) -> None:
        self._endpoint = endpoint
        self._wire = wire
        self._temperature = temperature
        self._seed = seed
        self._dialect = Dialect()

    @property
    def instructs(self) -> bool:
        """Whether schemas are put into words."""
        return self._dialect.instructs

    def instruct(self) -> None:
        """Put schemas into words from now on."""
        self._dialect = replace(self._dialect, instructs=True)

    def post(self, asked: Asked, seconds: float) -> Completion | Failure:
        """A whole reply."""

        def once(body: dict[str, Any], left: float) -> Completion | Failure:
            response = self._wire.post(body, left)
            failure = diagnose(response, self._endpoint)
            if failure is not None:
                return failure
            found = read_completion(response.body)
            return unreadable(found, self._endpoint) if isinstance(found, Unreadable) else found

        return self._understood(asked, seconds, once)

    def open(self, asked: Asked, seconds: float) -> Iterator[bytes | Response] | Failure:
        """The pieces of a reply, when the first is there."""

        def once(body: dict[str, Any], left: float) -> Iterator[bytes | Response] | Failure:
            pieces = self._wire.stream(body, left)
            first = next(pieces)
            if not isinstance(first, Response):
                return chain([first], pieces)
            failure = diagnose(first, self._endpoint)
            return failure or unreadable(Unreadable("answered with nothing at all"), self._endpoint)

        return self._understood(asked, seconds, once)

    def _understood(
        self, asked: Asked, seconds: float, once: Callable[[dict[str, Any], float], Answer | Failure]
    ) -> Answer | Failure:
        end, known = time.monotonic() + seconds, self._dialect
        dialect = known
        while True:
            asked.sent += 1
            body = self._body(dialect, asked)
            answer = once(body, end - time.monotonic())
            if not isinstance(answer, Failure):
                if dialect is not known:
                    self._dialect = dialect
                return answer
            narrower = None
            if answer.complaint is not None:
                narrower = dialect.narrower(answer.complaint, asked.schema is not None, asked.stream)
            if narrower is None:
                return self._explained(answer, end)
            dialect = narrower

    def _body(self, dialect: Dialect, asked: Asked) -> dict[str, Any]:
        return dialect.body(
            self._endpoint.model,
            asked.messages,
            asked.schema,
            asked.max_tokens,
            self._temperature,
            self._seed,
            asked.stream,
        )

    def _explained(self, failure: Failure, end: float) -> Failure:
        """A failure for an unknown model says which there are."""
        if not failure.unknown:
            return failure
        response = self._wire.models(max(0.0, min(_LISTING_SECONDS, end - time.monotonic())))
        known = read_models(response.body) if diagnose(response, self._endpoint) is None else []
        return unknown_model(failure, known, self._endpoint)
