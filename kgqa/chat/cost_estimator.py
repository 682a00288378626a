"""Estimating what conversations would cost, without sending them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Any

from kgqa.chat.protocol import ChatModel, Contrast, EstimatesChat, Message, Reply, Usage

__all__ = ["CostEstimator"]

_REPLY = '{"answerable": false, "answers": [], "choices": [1, 2, 3]}'


class CostEstimator:
    """Stands in for a chat model: sends nothing and adds up in `usage` what the longest replies would take.

    Its replies give no answer and take the first three choices. A model that has no `estimate` counts as
    nothing.
    """

    def __init__(self, model: ChatModel) -> None:
        self.model = model
        self.usage = Usage()
        self._lock = Lock()

    @property
    def name(self) -> str:
        """The model's name."""
        return self.model.name

    @property
    def identity(self) -> Mapping[str, object]:
        """The model's identity, or its name where it has none."""
        found: Mapping[str, object] = getattr(self.model, "identity", {"model": self.name})
        return found

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,  # noqa: ARG002  (the reply fits every schema of kgqa)
        max_tokens: int = 512,
    ) -> Reply:
        """A reply without an answer."""
        if isinstance(self.model, EstimatesChat):
            estimate = self.model.estimate(messages, max_tokens=max_tokens)
            with self._lock:
                self.usage += estimate
        return Reply(_REPLY, Usage())

    def contrast(
        self, messages: Sequence[Message], without: Sequence[Message], *, max_tokens: int = 512
    ) -> Contrast:
        """A reply without an answer; the second conversation, `without`, is not counted."""
        del without
        return Contrast(self.reply(messages, max_tokens=max_tokens), 0.0)
