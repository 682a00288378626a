"""Calls of an endpoint, and what comes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from misbehaving_server import (
    Behaviour,
    serving,
)

from kgqa.chat import Endpoint, Message, OpenAIChat, Reply, Secret
from kgqa.errors import ChatError
from kgqa.web import BackOff

ASKED = [Message("system", "Be brief."), Message("user", "What is the capital of Austria?")]
KEY = "sk-very-secret-0123456789"
QUICK = BackOff(retries=2, first=0.01, longest=0.02)
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"answers": {"type": "array", "items": {"type": "string"}}},
    "required": ["answers"],
}
OK_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"


def chat(url: str, *, back_off: BackOff = QUICK, **options: Any) -> OpenAIChat:
    return OpenAIChat(Endpoint(url, "m", Secret(KEY), **{"timeout": 5.0} | options), back_off=back_off)


def error_of(call: Callable[[], object]) -> ChatError:
    with pytest.raises(ChatError) as caught:
        call()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 700
    return caught.value


def failing(*behaviours: Behaviour, **options: Any) -> tuple[ChatError, int]:
    """The error of a call, and how many requests it took."""
    with serving(*behaviours) as server:
        model = chat(server.url, **options)
        error = error_of(lambda: model.reply(ASKED))
        assert server.url in str(error) or "too long" in str(error) or "refuses" in str(error)
        return error, len(server.requests)


def streamed(model: OpenAIChat) -> tuple[list[str], Reply]:
    """The pieces of a stream, and the reply at its end."""
    pieces, stream_of = [], model.stream(ASKED)
    while True:
        try:
            pieces.append(next(stream_of))
        except StopIteration as end:
            return pieces, end.value
