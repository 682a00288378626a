"""What is asked of an endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kgqa.chat.protocol import Message
from kgqa.chat.token_estimate import likely_tokens
from kgqa.errors import UsageError

__all__ = ["Asked"]


@dataclass
class Asked:
    """A conversation that is to be replied to; `sent` counts the requests that were made for it.

    Raises `UsageError` where there is nothing to reply to, or no room for a reply.
    """

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
    def prompt_tokens(self) -> int:
        """The likely size of what is read."""
        return likely_tokens(self.messages, self.schema)

    @property
    def tokens(self) -> int:
        """The likely size with a reply as long as it may be."""
        return self.prompt_tokens + self.max_tokens
