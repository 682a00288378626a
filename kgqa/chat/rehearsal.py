"""What a conversation would cost, without having it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any, Protocol, runtime_checkable

from kgqa.chat.protocol import ChatModel, Contrast, Message, Reply, Usage

__all__ = ["EstimatesChat", "Rehearsal"]

_REPLY = '{"answerable": false, "answers": [], "choices": [1, 2, 3]}'


@runtime_checkable
class EstimatesChat(Protocol):
    """A chat model that knows what a reply is likely to take."""

    def estimate(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Usage:
        """The usage of a reply that is as long as it may be."""
        ...


class Rehearsal:
    """Stands in for a chat model: asks nobody, and adds up in `usage` what long replies of it would take.

    It never answers and takes the first three choices. What a model cannot estimate counts nothing.
    """

    def __init__(self, model: ChatModel) -> None:
        self.model = model
        self.usage = Usage()
        self._lock = Lock()

    @property
    def name(self) -> str:
        """That of the model."""
        return self.model.name

    @property
    def identity(self) -> Mapping[str, object]:
        """That of the model, where it has one."""
        found: Mapping[str, object] = getattr(self.model, "identity", {"model": self.name})
        return found

    def contrast(
        self, messages: Sequence[Message], without: Sequence[Message], *, max_tokens: int = 512
    ) -> Contrast:
        """A reply that says nothing; the pass `without` is not counted."""
        del without
        return Contrast(self.reply(messages, max_tokens=max_tokens), 0.0)

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
