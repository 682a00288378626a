"""Requests in the form that an endpoint understands."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from kgqa.chat.completion import Completion, Unreadable, read_completion, read_models
from kgqa.chat.dialect import Dialect
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.failure import Failure, diagnose, unknown_model, unreadable
from kgqa.chat.protocol import Message
from kgqa.errors import UsageError
from kgqa.web import Response

if TYPE_CHECKING:
    from kgqa.chat.wire import Wire

__all__ = ["ChatRequest", "Exchange", "likely_tokens", "most_tokens", "text_tokens"]

_LISTING_SECONDS = 5.0
_BYTES_PER_TOKEN = 4
_FRAME = 4
_MOST_FRAME = 32
"""Tokens of a chat template around each message: the usual number, and an upper bound."""

Result = TypeVar("Result")


@dataclass
class ChatRequest:
    """A conversation that needs a reply; `sent` counts the HTTP requests that were made for it.

    Raises `UsageError` for a conversation without messages and for a reply without room.
    """

    messages: Sequence[Message]
    schema: Mapping[str, Any] | None
    max_tokens: int
    stream: bool = False
    sent: int = 0

    def __post_init__(self) -> None:
        self.messages = tuple(self.messages)
        if not self.messages or self.max_tokens < 1:
            raise UsageError(
                "a conversation needs a message, and max_tokens must be 1 or more; got "
                f"{len(self.messages)} messages and max_tokens={self.max_tokens}"
            )

    @property
    def prompt_tokens(self) -> int:
        """The estimated size of the prompt."""
        return likely_tokens(self.messages, self.schema)

    @property
    def tokens(self) -> int:
        """The estimated size of the prompt and of the longest reply."""
        return self.prompt_tokens + self.max_tokens


class Exchange:
    """Sends requests with all features of the protocol that the endpoint is known to support.

    A request that is refused for one of its features is sent again without it; when that succeeds, the
    feature is left out from then on. Failures are returned; whoever knows that one is final raises it.
    """

    def __init__(self, endpoint: Endpoint, wire: Wire, temperature: float, seed: int | None) -> None:
        self._endpoint = endpoint
        self._wire = wire
        self._temperature = temperature
        self._seed = seed
        self._dialect = Dialect()

    @property
    def instructs(self) -> bool:
        """Whether JSON schemas are written into the conversation."""
        return self._dialect.instructs

    def instruct(self) -> None:
        """Write JSON schemas into the conversation from now on."""
        self._dialect = replace(self._dialect, instructs=True)

    def post(self, request: ChatRequest, seconds: float) -> Completion | Failure:
        """The whole reply."""

        def once(body: dict[str, Any], left: float) -> Completion | Failure:
            response = self._wire.post(body, left)
            failure = diagnose(response, self._endpoint)
            if failure is not None:
                return failure
            found = read_completion(response.body)
            return unreadable(found, self._endpoint) if isinstance(found, Unreadable) else found

        return self._negotiated(request, seconds, once)

    def open(self, request: ChatRequest, seconds: float) -> Iterator[bytes | Response] | Failure:
        """The pieces of a reply, returned when the first has arrived."""

        def once(body: dict[str, Any], left: float) -> Iterator[bytes | Response] | Failure:
            pieces = self._wire.stream(body, left)
            first = next(pieces)
            if not isinstance(first, Response):
                return chain([first], pieces)
            failure = diagnose(first, self._endpoint)
            return failure or unreadable(Unreadable("sent an empty response"), self._endpoint)

        return self._negotiated(request, seconds, once)

    def _negotiated(
        self, request: ChatRequest, seconds: float, once: Callable[[dict[str, Any], float], Result | Failure]
    ) -> Result | Failure:
        end, known = time.monotonic() + seconds, self._dialect
        dialect = known
        while True:
            request.sent += 1
            body = self._body(dialect, request)
            answer = once(body, end - time.monotonic())
            if not isinstance(answer, Failure):
                if dialect is not known:
                    self._dialect = dialect
                return answer
            narrower = None
            if answer.complaint is not None:
                narrower = dialect.narrower(answer.complaint, request.schema is not None, request.stream)
            if narrower is None:
                return self._explained(answer, end)
            dialect = narrower

    def _body(self, dialect: Dialect, request: ChatRequest) -> dict[str, Any]:
        return dialect.body(
            self._endpoint.model,
            request.messages,
            request.schema,
            request.max_tokens,
            self._temperature,
            self._seed,
            request.stream,
        )

    def _explained(self, failure: Failure, end: float) -> Failure:
        """The failure; where the model is unknown, with the names of the models that there are."""
        if not failure.unknown:
            return failure
        response = self._wire.models(max(0.0, min(_LISTING_SECONDS, end - time.monotonic())))
        known = read_models(response.body) if diagnose(response, self._endpoint) is None else []
        return unknown_model(failure, known, self._endpoint)


def text_tokens(text: str) -> int:
    """The estimated number of tokens of a text: one for four bytes, as in English prose."""
    return math.ceil(_size(text) / _BYTES_PER_TOKEN)


def likely_tokens(messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> int:
    """The estimated number of tokens of a conversation."""
    framed = sum(text_tokens(message.content) + _FRAME for message in messages)
    return framed + text_tokens(_dumped(schema))


def most_tokens(messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> int:
    """An upper bound of the tokens of a conversation: no tokenizer has more tokens than bytes."""
    framed = sum(_size(message.content) + _MOST_FRAME for message in messages)
    return framed + 2 * _size(_dumped(schema)) + _MOST_FRAME


def _dumped(schema: Mapping[str, Any] | None) -> str:
    return json.dumps(schema) if schema else ""


def _size(text: str) -> int:
    return len(text.encode("utf-8", errors="surrogatepass"))
