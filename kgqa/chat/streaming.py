"""Replies that are shown while the LLM writes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kgqa.chat.protocol import ChatModel, Message, Reply, StreamsChat

__all__ = ["StreamingChat"]


class StreamingChat:
    """An LLM that passes each piece of a reply to `on_text` as it arrives, and a line break at its end.

    The pieces are unchecked: what is false is only found in the whole reply. A JSON schema is not passed
    on, since not every endpoint streams replies in a schema; the conversation has to describe the form.
    A model without `stream` replies as usual.
    """

    def __init__(self, model: ChatModel, on_text: Callable[[str], None]) -> None:
        self.model = model
        self._on_text = on_text

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
    ) -> Reply:
        """The whole reply; see `ChatModel.reply`."""
        if not isinstance(self.model, StreamsChat):
            return self.model.reply(messages, schema=schema, max_tokens=max_tokens)
        pieces = self.model.stream(messages, max_tokens=max_tokens)
        try:
            while True:
                self._on_text(next(pieces))
        except StopIteration as end:
            reply: Reply = end.value
            return reply
        finally:
            self._on_text("\n")
