"""The responses of a chat completions endpoint, and parsing them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = [
    "Completion",
    "Unreadable",
    "joined",
    "read_completion",
    "read_error",
    "read_events",
    "read_models",
    "read_piece",
]

_MOST_TOKENS = 10**8
"""Higher token counts of a server are ignored as wrong."""


@dataclass(frozen=True)
class Completion:
    """A reply, or a piece of one in a stream; token counts are `None` where the server gave none.

    `stopped` is the server's reason for the end of the reply, "" without one; `refusal` is the text of a
    refusal.
    """

    text: str = ""
    stopped: str = ""
    refusal: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Unreadable:
    """A body without a reply; `passing` where a retry may help."""

    reason: str
    passing: bool = True


def read_completion(body: bytes) -> Completion | Unreadable:
    """The reply of a whole response."""
    value = _json(body)
    if not isinstance(value, dict):
        start = body.lstrip()[:100].lower()
        if start.startswith((b"<!doctype", b"<html", b"<?xml")):
            return Unreadable("answered with a web page", passing=False)
        return Unreadable("answered with something that is not valid JSON")
    if value.get("error"):
        return Unreadable(f"reported: {read_error(body)}")
    return _read(value, "message")


def read_piece(data: str) -> Completion | Unreadable:
    """The piece of a reply in one event of a stream."""
    value = _json(data.encode("utf-8", errors="replace"))
    if not isinstance(value, dict):
        return Unreadable("streamed something that is not valid JSON")
    if value.get("error"):
        return Unreadable(f"reported: {read_error(data.encode('utf-8', errors='replace'))}")
    if value.get("choices") == [] or "choices" not in value:
        return Completion("", "", "", *_counts(value))
    return _read(value, "delta")


def joined(so_far: Completion, piece: Completion) -> Completion:
    """A reply with one more piece at its end."""
    return Completion(
        so_far.text + piece.text,
        piece.stopped or so_far.stopped,
        so_far.refusal + piece.refusal,
        so_far.prompt_tokens if piece.prompt_tokens is None else piece.prompt_tokens,
        so_far.completion_tokens if piece.completion_tokens is None else piece.completion_tokens,
    )


def read_models(body: bytes) -> list[str]:
    """The names in a list of models; empty where the body is no such list."""
    value = _json(body)
    rows = value.get("data") if isinstance(value, dict) else None
    names = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return [_line(name, 100) for name in names if isinstance(name, str)]


def read_events(chunks: Iterable[bytes]) -> Iterator[str]:
    """The data of server-sent events; text after the last line break is not an event."""
    waiting = bytearray()
    for chunk in chunks:
        waiting += chunk
        if b"\n" not in chunk:
            continue
        *lines, rest = bytes(waiting).split(b"\n")
        waiting = bytearray(rest)
        for line in lines:
            field, colon, data = line.decode("utf-8", errors="replace").strip().partition(":")
            if field == "data" and colon:
                yield data.strip()


def read_error(body: bytes) -> str:
    """The message of an error response, on one line; OpenAI, vLLM and others differ in where it is."""
    value = _json(body)
    if isinstance(value, dict):
        error = value.get("error", value)
        if isinstance(error, dict):
            found = [str(error[name]) for name in ("message", "detail", "code", "param") if error.get(name)]
            if found:
                return _line(": ".join(found[:1]) + (f" ({', '.join(found[1:])})" if found[1:] else ""))
        return _line(str(error))
    text = body.decode("utf-8", errors="replace").strip()
    return "a web page" if text[:1] == "<" else _line(text)


def _read(value: Mapping[str, Any], part: str) -> Completion | Unreadable:
    choices = value.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    if not isinstance(choice, dict) or not isinstance(choice.get(part), dict):
        return Unreadable("answered without any reply (no choices)")
    message = choice[part]
    stopped = choice.get("finish_reason")
    text, refusal = _text(message.get("content")), message.get("refusal")
    if text is None and part == "message" and not refusal and stopped not in ("length", "content_filter"):
        return Unreadable("answered with a reply that has no text", passing=False)
    return Completion(
        text or "",
        stopped if isinstance(stopped, str) else "",
        _line(refusal) if isinstance(refusal, str) else "",
        *_counts(value),
    )


def _text(content: object) -> str | None:
    """The text of a content, which is a string or, with some servers, a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str))
    return content if isinstance(content, str) else None


def _counts(value: Mapping[str, Any]) -> tuple[int | None, int | None]:
    usage = value.get("usage")
    if not isinstance(usage, dict):
        return None, None
    return _count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens"))


def _count(value: object) -> int | None:
    believed = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS
    return value if believed else None  # type: ignore[return-value]


def _json(body: bytes) -> object:
    try:
        return json.loads(body.decode("utf-8", errors="replace"))
    except (ValueError, RecursionError):
        return None


def _line(text: str, most: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
