"""What a conversation would cost, without having it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Protocol, runtime_checkable

from kgqa.chat.protocol import ChatModel, Message, Reply, Usage

__all__ = ["EstimatesChat", "Rehearsal"]

_REPLY = '{"answerable": false, "answers": [], "choices": [1]}'


@runtime_checkable
class EstimatesChat(Protocol):
    """A chat model that knows what a reply is likely to take."""

    def estimate(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Usage:
        """The usage of a reply that is as long as it may be."""
        ...


class Rehearsal:
    """Stands in for a chat model: asks nobody, and adds up in `usage` what its replies would take at most.

    It never answers and always takes the first choice. What a model cannot estimate counts nothing.
    """

    def __init__(self, model: ChatModel) -> None:
        self.model = model
        self.usage = Usage()
        self._lock = Lock()

    @property
    def name(self) -> str:
        """That of the model."""
        return self.model.name

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,  # noqa: ARG002  (its reply has the form of any schema here)
        max_tokens: int = 512,
    ) -> Reply:
        """A reply that says nothing."""
        if isinstance(self.model, EstimatesChat):
            likely = self.model.estimate(messages, max_tokens=max_tokens)
            with self._lock:
                self.usage += likely
        return Reply(_REPLY, Usage())
