"""LLMs at OpenAI-compatible endpoints: hosted ones, vLLM, llama.cpp, Ollama, `transformers serve`."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kgqa.chat.budget import Budget
from kgqa.chat.completion import Completion, joined
from kgqa.chat.dialect import fits, unfenced
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.event_stream import read_stream
from kgqa.chat.exchange import ChatRequest, Exchange, likely_tokens, most_tokens, text_tokens
from kgqa.chat.failure import Failure
from kgqa.chat.protocol import Message, Reply, Usage
from kgqa.chat.sender import Sender
from kgqa.errors import ChatError, ModelError, UsageError
from kgqa.web import BackOff

if TYPE_CHECKING:
    from kgqa.chat.wire import Wire

__all__ = ["OpenAIChat"]


class OpenAIChat:
    """An LLM at an OpenAI-compatible endpoint; thread-safe.

    Requests are retried with back-off where that may help (429, 5xx, broken connections). A reply takes no
    longer than the endpoint's timeout, and an endpoint that fails again and again is left alone for a
    while. Features of the protocol that the endpoint refuses are not used again; a JSON schema that it
    refuses or ignores is written into the conversation. Raises `ModelError` where the `openai` package is
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
        self.endpoint = endpoint
        self.temperature = temperature
        self.seed = seed
        self._budget = budget or Budget()
        if self._budget.max_cost is not None and endpoint.prices is None:
            raise UsageError(
                f"max_cost needs the prices of {endpoint.model}; give prompt_price and completion_price in "
                "the configuration file"
            )
        self._exchange = Exchange(endpoint, _wire(endpoint), temperature, seed)
        self._sender = Sender(endpoint, self._budget, back_off or BackOff(endpoint.retries))

    def __repr__(self) -> str:
        return f"OpenAIChat({self.endpoint.model!r} at {self.endpoint.base_url})"

    @property
    def name(self) -> str:
        """The model's name."""
        return self.endpoint.model

    @property
    def identity(self) -> Mapping[str, object]:
        """Everything but the conversation that its replies depend on; no secrets."""
        return {
            "base_url": self.endpoint.base_url,
            "model": self.endpoint.model,
            "temperature": self.temperature,
            "seed": self.seed,
        }

    @property
    def holds_schema(self) -> bool:
        """Whether a schema is sent with a request, and has been neither refused nor ignored so far."""
        return not self._exchange.instructs

    def estimate(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Usage:
        """The estimated usage of the longest reply."""
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
            reply = self._reply(ChatRequest(messages, schema, max_tokens))
            honoured = schema is None or not reply.finished or fits(reply.text, schema)
            if honoured or self._exchange.instructs:
                return reply
            self._exchange.instruct()  # the schema was ignored
            again = self._reply(ChatRequest(messages, schema, max_tokens))
        return replace(again, usage=reply.usage + again.usage)

    def stream(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Generator[str, None, Reply]:
        """The reply in pieces; see `StreamsChat.stream`."""
        request = ChatRequest(messages, None, max_tokens, stream=True)
        most = self._highest_cost(request)
        with self._sender.turn():
            pieces = self._sender.send(
                lambda seconds: self._exchange.open(request, seconds), request.tokens, most
            )
            whole, cost = Completion(), most
            try:
                for piece in read_stream(pieces, self.endpoint):
                    if isinstance(piece, Failure):
                        self._budget.check_time()
                        self._sender.give_up(piece)
                    if piece.text:
                        yield piece.text
                    whole = joined(whole, piece)
                cost = self._usage(whole, request).cost or 0.0
            finally:
                self._budget.settle(most, cost)
        return self._as_reply(whole, request)

    def _reply(self, request: ChatRequest) -> Reply:
        most = self._highest_cost(request)
        completion = self._sender.send(
            lambda seconds: self._exchange.post(request, seconds), request.tokens, most
        )
        self._budget.settle(most, self._usage(completion, request).cost or 0.0)
        return self._as_reply(completion, request)

    def _as_reply(self, completion: Completion, request: ChatRequest) -> Reply:
        """The completion as a reply. Raises `ChatError` for a refusal."""
        if completion.refusal or (completion.stopped == "content_filter" and not completion.text):
            said = f": {completion.refusal}" if completion.refusal else " (content filter)"
            raise ChatError(f"{self.name} refuses to answer{said}")
        text = completion.text
        if (
            request.schema is not None
            and not fits(text, request.schema)
            and fits(unfenced(text), request.schema)
        ):
            text = unfenced(text)
        finished = completion.stopped not in ("length", "content_filter")
        return Reply(text, self._usage(completion, request), finished)

    def _usage(self, completion: Completion, request: ChatRequest) -> Usage:
        read, written = completion.prompt_tokens, completion.completion_tokens
        estimated = read is None or written is None
        read = request.prompt_tokens if read is None else read
        written = text_tokens(completion.text) if written is None else written
        return Usage(request.sent, 0, read, written, self._cost(read, written), int(estimated))

    def _cost(self, read: int, written: int) -> float | None:
        return None if self.endpoint.prices is None else self.endpoint.prices.cost(read, written)

    def _highest_cost(self, request: ChatRequest) -> float:
        """The highest cost of a request."""
        return self._cost(most_tokens(request.messages, request.schema), request.max_tokens) or 0.0


def _wire(endpoint: Endpoint) -> Wire:
    try:
        from kgqa.chat.wire import Wire
    except ImportError as error:
        raise ModelError(
            f"LLMs at endpoints need the openai package ({error.name}); pip install 'kgqa[llm]'"
        ) from error
    return Wire(endpoint)
