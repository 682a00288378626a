"""The protocol of an LLM, and the types of its conversations."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

__all__ = [
    "ChatModel",
    "Contrast",
    "ContrastsChat",
    "EstimatesChat",
    "HoldsSchema",
    "Message",
    "Reply",
    "StreamsChat",
    "Usage",
]


@dataclass(frozen=True)
class Message:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Usage:
    """Requests, tokens and cost of replies: `cost` in the currency of the prices, `None` without prices.

    A reply from the cache costs nothing and counts in `cached` instead of in `requests`. `estimated`
    counts the requests whose tokens are estimated, since the server did not report them.
    """

    requests: int = 0
    cached: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
    estimated: int = 0

    def __add__(self, other: Usage) -> Usage:
        costs = [usage.cost for usage in (self, other) if usage.cost is not None]
        return Usage(
            self.requests + other.requests,
            self.cached + other.cached,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            sum(costs) if costs else None,
            self.estimated + other.estimated,
        )


@dataclass(frozen=True)
class Reply:
    """The text of a reply and its usage. `finished` is false where a limit cut it off."""

    text: str
    usage: Usage
    finished: bool = True


class ChatModel(Protocol):
    """An LLM that replies to conversations; thread-safe."""

    @property
    def name(self) -> str:
        """The model's name, for records; never a key."""
        ...

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
    ) -> Reply:
        """The reply; a JSON `schema` asks for that form, which the model may not keep to.

        Raises `ModelError` when there is no reply, `BudgetError` when it would cost too much.
        """
        ...


@runtime_checkable
class StreamsChat(Protocol):
    """Optional for a `ChatModel`: replies that arrive while they are written."""

    def stream(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Generator[str, None, Reply]:
        """Yields the pieces of the reply, and returns the whole reply. Raises what `reply` raises."""
        ...


@dataclass(frozen=True)
class Contrast:
    """A reply that follows the context where it disagrees with what the model has learned.

    `conflict` measures the disagreement: the mean Jensen-Shannon divergence of the predictions of each
    token with and without the context, in nats, from 0 (the context changes nothing) to ln 2.
    """

    reply: Reply
    conflict: float


@runtime_checkable
class ContrastsChat(Protocol):
    """Optional for a `ChatModel` whose logits are known: contrastive decoding."""

    def contrast(
        self, messages: Sequence[Message], without: Sequence[Message], *, max_tokens: int = 512
    ) -> Contrast:
        """The reply to `messages`; `without` is the same conversation without the context."""
        ...


@runtime_checkable
class HoldsSchema(Protocol):
    """Optional for a `ChatModel`: whether replies are held to a JSON schema."""

    @property
    def holds_schema(self) -> bool:
        """Whether a schema is sent with a request, and has been neither refused nor ignored so far."""
        ...


@runtime_checkable
class EstimatesChat(Protocol):
    """Optional for a `ChatModel`: estimates of what a reply takes."""

    def estimate(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Usage:
        """The estimated usage of the longest reply."""
        ...
