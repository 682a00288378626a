"""Models behind OpenAI-compatible endpoints: hosted ones, vLLM, llama.cpp, Ollama, `transformers serve`."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

from kgqa.chat.back_off import BackOff
from kgqa.chat.budget import Budget
from kgqa.chat.completion import Completion, Unreadable, joined, read_completion, read_models
from kgqa.chat.dialect import Dialect, fits, unfenced
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.failure import Failure, diagnose, unknown_model, unreadable
from kgqa.chat.protocol import Message, Reply, Usage
from kgqa.chat.response import Response
from kgqa.chat.sender import Sender
from kgqa.chat.streamed import read_stream
from kgqa.chat.token_estimate import likely_tokens, most_tokens, text_tokens
from kgqa.errors import ChatError, ModelError, UsageError

if TYPE_CHECKING:
    from kgqa.chat.wire import Wire

__all__ = ["OpenAIChat"]

_LISTING_SECONDS = 5.0


class OpenAIChat:
    """A model behind an OpenAI-compatible endpoint; safe to be asked from several threads.

    Requests are repeated with back-off where that may help (429, 5xx, broken connections); a reply
    takes no longer than the endpoint's timeout, and an endpoint that fails again and again is not
    asked for a while. What an endpoint does not understand is left out from then on: a JSON schema
    that it refuses or ignores is put into words. Raises `ModelError` where the `openai` package is
    missing and `UsageError` where `budget` limits the cost of a model without prices.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        temperature: float = 0.0,
        seed: int | None = 0,
        budget: Budget | None = None,
        back_off: BackOff | None = None,
    ) -> None:
        budget = budget or Budget()
        if budget.max_cost is not None and endpoint.prices is None:
            raise UsageError(
                f"--max-cost needs the prices of {endpoint.model}; give prompt_price and completion_price in "
                "the config file"
            )
        self.endpoint = endpoint
        self.temperature = temperature
        self.seed = seed
        self._budget = budget
        self._wire = _wire(endpoint)
        self._sender = Sender(endpoint, budget, back_off or BackOff(endpoint.retries))
        self._dialect = Dialect()

    def __repr__(self) -> str:
        return f"OpenAIChat({self.endpoint.model!r} at {self.endpoint.base_url})"

    @property
    def name(self) -> str:
        """The model's name."""
        return self.endpoint.model

    @property
    def identity(self) -> Mapping[str, object]:
        """What its replies depend on beside the conversation; no secrets."""
        return {
            "base_url": self.endpoint.base_url,
            "model": self.endpoint.model,
            "temperature": self.temperature,
            "seed": self.seed,
        }

    def estimate(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Usage:
        """What a reply is likely to take if it is as long as it may be."""
        prompt = likely_tokens(messages)
        return Usage(1, 0, prompt, max_tokens, self._cost(prompt, max_tokens), estimated=1)

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
    ) -> Reply:
        """The reply; see `ChatModel.reply`."""
        with self._sender.turn():
            reply = self._reply(_Asked(messages, schema, max_tokens))
            honoured = schema is None or not reply.finished or fits(reply.text, schema)
            if honoured or self._dialect.instructs:
                return reply
            self._dialect = replace(self._dialect, instructs=True)  # the schema was ignored
            again = self._reply(_Asked(messages, schema, max_tokens))
        return replace(again, usage=reply.usage + again.usage)

    def stream(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Generator[str, None, Reply]:
        """The reply in pieces; see `StreamsChat.stream`."""
        asked = _Asked(messages, None, max_tokens, stream=True)
        most = self._most(asked)
        with self._sender.turn():
            pieces = self._sender.send(lambda seconds: self._open(asked, seconds), asked.tokens, most)
            whole, cost = Completion(), most
            try:
                for piece in read_stream(pieces, self.endpoint):
                    if isinstance(piece, Failure):
                        self._budget.check_time()
                        self._sender.give_up(piece)
                    if piece.text:
                        yield piece.text
                    whole = joined(whole, piece)
                reply = self._as_reply(whole, asked)
                cost = reply.usage.cost or 0.0
            finally:
                self._budget.settle(most, cost)
        return reply

    def _reply(self, asked: _Asked) -> Reply:
        most = self._most(asked)
        completion = self._sender.send(lambda seconds: self._post(asked, seconds), asked.tokens, most)
        usage = self._usage(completion, asked)
        self._budget.settle(most, usage.cost or 0.0)
        return self._as_reply(completion, asked)

    def _post(self, asked: _Asked, seconds: float) -> Completion | Failure:
        """A whole reply; requests that are refused for what they ask are sent again without it."""
        end, dialect = time.monotonic() + seconds, self._dialect
        while True:
            response = self._wire.post(self._body(dialect, asked), end - time.monotonic())
            failure = diagnose(response, self.endpoint)
            if failure is None:
                self._dialect = dialect
                found = read_completion(response.body)
                return unreadable(found, self.endpoint) if isinstance(found, Unreadable) else found
            narrower = _narrower(dialect, failure, asked)
            if narrower is None:
                return self._explained(failure, end)
            dialect = narrower

    def _open(self, asked: _Asked, seconds: float) -> Iterator[bytes | Response] | Failure:
        """The pieces of a reply, when the first is there."""
        end, dialect = time.monotonic() + seconds, self._dialect
        while True:
            pieces = self._wire.stream(self._body(dialect, asked), end - time.monotonic())
            first = next(pieces)
            if not isinstance(first, Response):
                self._dialect = dialect
                return chain([first], pieces)
            failure = diagnose(first, self.endpoint)
            if failure is None:
                return unreadable(Unreadable("answered with nothing at all"), self.endpoint)
            narrower = _narrower(dialect, failure, asked)
            if narrower is None:
                return self._explained(failure, end)
            dialect = narrower

    def _body(self, dialect: Dialect, asked: _Asked) -> dict[str, Any]:
        asked.sent += 1
        return dialect.body(
            self.endpoint.model,
            asked.messages,
            asked.schema,
            asked.max_tokens,
            self.temperature,
            self.seed,
            asked.stream,
        )

    def _explained(self, failure: Failure, end: float) -> Failure:
        """A failure for an unknown model says which there are."""
        if not failure.unknown:
            return failure
        response = self._wire.models(max(0.0, min(_LISTING_SECONDS, end - time.monotonic())))
        known = read_models(response.body) if diagnose(response, self.endpoint) is None else []
        return unknown_model(failure, known, self.endpoint)

    def _as_reply(self, completion: Completion, asked: _Asked) -> Reply:
        """Raises `ChatError` for a refusal."""
        if completion.refusal or (completion.stopped == "content_filter" and not completion.text):
            said = f": {completion.refusal}" if completion.refusal else " (content filter)"
            raise ChatError(f"{self.name} refuses to answer{said}")
        text = completion.text
        if asked.schema is not None and not fits(text, asked.schema) and fits(unfenced(text), asked.schema):
            text = unfenced(text)
        finished = completion.stopped not in ("length", "content_filter")
        return Reply(text, self._usage(completion, asked), finished)

    def _usage(self, completion: Completion, asked: _Asked) -> Usage:
        read, written = completion.prompt_tokens, completion.completion_tokens
        estimated = read is None or written is None
        read = asked.tokens - asked.max_tokens if read is None else read
        written = text_tokens(completion.text) if written is None else written
        return Usage(asked.sent, 0, read, written, self._cost(read, written), int(estimated))

    def _cost(self, read: int, written: int) -> float | None:
        return None if self.endpoint.prices is None else self.endpoint.prices.cost(read, written)

    def _most(self, asked: _Asked) -> float:
        """What a request costs at most."""
        return self._cost(most_tokens(asked.messages, asked.schema), asked.max_tokens) or 0.0


@dataclass
class _Asked:
    """A conversation that is to be replied to; `sent` counts its requests."""

    messages: Sequence[Message]
    schema: Mapping[str, Any] | None
    max_tokens: int
    stream: bool = False
    sent: int = 0

    def __post_init__(self) -> None:
        self.messages = tuple(self.messages)
        if not self.messages or self.max_tokens < 1:
            raise UsageError("a conversation needs a message, and its reply room for at least one token")

    @property
    def tokens(self) -> int:
        """Its likely size with its reply."""
        return likely_tokens(self.messages, self.schema) + self.max_tokens


def _narrower(dialect: Dialect, failure: Failure, asked: _Asked) -> Dialect | None:
    """What to say instead where a request was refused for what it asked; `None` for other failures."""
    if failure.complaint is None:
        return None
    return dialect.narrower(failure.complaint, asked.schema is not None, asked.stream)


def _wire(endpoint: Endpoint) -> Wire:
    try:
        from kgqa.chat.wire import Wire
    except ImportError as error:
        raise ModelError(
            f"asking an LLM over the network needs the openai package ({error.name}); pip install 'kgqa[llm]'"
        ) from error
    return Wire(endpoint)
