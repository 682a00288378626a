"""Who can be talked to."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, runtime_checkable

__all__ = ["ChatModel", "Contrast", "ContrastsChat", "Message", "Reply", "StreamsChat", "Usage"]


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class Usage:
    """What replies took: `cost` in the currency of the prices, `None` where there are none.

    A reply from a cache took nothing, and counts as `cached` instead of as a request. `estimated`
    is how many of the requests did not say their tokens, which then are estimated.
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
    """What was said, and what it took. `finished` is false where a limit cut it off."""

    text: str
    usage: Usage
    finished: bool = True


class ChatModel(Protocol):
    """Replies to conversations; safe to be asked from several threads at once."""

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
        """The reply; with a JSON `schema` asked for in that form, which may not be honoured.

        Raises `ModelError` when no reply can be had, `BudgetError` when it would cost too much.
        """
        ...


@runtime_checkable
class StreamsChat(Protocol):
    """What a `ChatModel` may have besides: replies that are shown while they are written."""

    def stream(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Generator[str, None, Reply]:
        """The reply in pieces, and whole as what the generator returns. Raises what `reply` raises."""
        ...


@dataclass(frozen=True)
class Contrast:
    """A reply that leans on its context where the context and what the model knows disagree.

    `conflict` says how much they do: the mean Jensen-Shannon divergence of the two predictions of
    each token, in nats, from 0 (the context changes nothing) to ln 2.
    """

    reply: Reply
    conflict: float


@runtime_checkable
class ContrastsChat(Protocol):
    """What a `ChatModel` whose logits can be seen may have besides: contrastive decoding."""

    def contrast(
        self, messages: Sequence[Message], without: Sequence[Message], *, max_tokens: int = 512
    ) -> Contrast:
        """The reply to `messages`; `without` are the same without the context."""
        ...
