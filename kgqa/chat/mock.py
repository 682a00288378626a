"""An LLM for tests, whose replies are given beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Any

from kgqa.chat.protocol import Message, Reply, Usage
from kgqa.errors import KgqaError, ModelError

__all__ = ["MockChatModel"]

Script = Iterable[str | Reply | KgqaError] | Callable[[Sequence[Message]], str | Reply | KgqaError]


class MockChatModel:
    """Replies from a script: one item for each request, or a function of the messages.

    An item is a text, a `Reply` that is returned unchanged, or an error that is raised. Words are counted
    as tokens, each at `price`. `asked` holds the messages of every request, in order. Raises `ModelError`
    when the script has no items left.

    >>> model = MockChatModel(["Nairobi"], price=0.5)
    >>> reply = model.reply([Message("user", "What is the capital of Kenya?")])
    >>> reply.text, reply.usage.prompt_tokens, reply.usage.cost
    ('Nairobi', 6, 3.5)
    """

    def __init__(self, script: Script, *, name: str = "mock", price: float | None = None) -> None:
        self.name = name
        self.price = price
        self.asked: list[tuple[Message, ...]] = []
        self._say = script if callable(script) else None
        self._script = iter(()) if callable(script) else iter(script)
        self._lock = Lock()

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,  # noqa: ARG002  (the script decides)
        max_tokens: int = 512,
    ) -> Reply:
        """The next item of the script; a text of more than `max_tokens` words is cut off."""
        with self._lock:
            self.asked.append(tuple(messages))
            said = (
                None
                if self._say
                else next(self._script, ModelError("the script of the mock has no items left"))
            )
        if said is None:
            assert self._say is not None
            said = self._say(messages)
        if isinstance(said, KgqaError):
            raise said
        return said if isinstance(said, Reply) else self._reply(said, messages, max_tokens)

    def _reply(self, text: str, messages: Sequence[Message], max_tokens: int) -> Reply:
        read = sum(len(message.content.split()) for message in messages)
        words = text.split()
        finished = len(words) <= max_tokens
        text = text if finished else " ".join(words[:max_tokens])
        written = min(len(words), max_tokens)
        cost = None if self.price is None else self.price * (read + written)
        return Reply(text, Usage(1, 0, read, written, cost), finished)
