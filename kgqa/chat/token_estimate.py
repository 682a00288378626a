"""How many tokens a conversation has, guessed without its model's tokenizer."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from kgqa.chat.protocol import Message

__all__ = ["likely_tokens", "most_tokens", "text_tokens"]

_BYTES_A_TOKEN = 4
_FRAME = 4
_MOST_FRAME = 32
"""Tokens of a chat template around each message: what is usual, and what no template exceeds."""


def text_tokens(text: str) -> int:
    """The likely number of tokens of a text: one for four bytes, which holds for English prose."""
    return math.ceil(_size(text) / _BYTES_A_TOKEN)


def likely_tokens(messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> int:
    """The likely number of tokens of a conversation."""
    framed = sum(text_tokens(message.content) + _FRAME for message in messages)
    return framed + text_tokens(_dumped(schema))


def most_tokens(messages: Sequence[Message], schema: Mapping[str, Any] | None = None) -> int:
    """A number of tokens that no tokenizer exceeds: none has more tokens than bytes."""
    framed = sum(_size(message.content) + _MOST_FRAME for message in messages)
    return framed + 2 * _size(_dumped(schema)) + _MOST_FRAME


def _dumped(schema: Mapping[str, Any] | None) -> str:
    return json.dumps(schema) if schema else ""


def _size(text: str) -> int:
    return len(text.encode("utf-8", errors="surrogatepass"))
