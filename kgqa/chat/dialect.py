"""The features of the chat completions protocol that an endpoint supports."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kgqa.chat.protocol import Message

__all__ = ["Dialect", "fits", "unfenced"]

_FENCE = re.compile(r"```[a-z]*\n(.*)\n```", re.DOTALL)
_INSTRUCTION = "Reply with one JSON object and nothing else. It must fit this JSON schema:\n"


@dataclass(frozen=True)
class Dialect:
    """The features that requests use; a narrower dialect leaves out what the endpoint refused.

    `schema`: a JSON schema is sent in `response_format`, with the limits of its arrays (`maxItems`) where
    `array_limits` is true. `instructs`: it is written into the conversation.
    Reasoning models take `max_completion_tokens` instead of `max_tokens`, and no `temperature`.
    """

    schema: bool = True
    array_limits: bool = True
    instructs: bool = False
    limit: str = "max_tokens"
    temperature: bool = True
    seed: bool = True
    usage_in_stream: bool = True

    def narrower(self, complaint: str, schema: bool, stream: bool) -> Dialect | None:
        """The dialect to try after a request was refused with this message; `None` when none is left.

        `schema` and `stream` say whether the request had a schema and whether it asked for a stream.
        """
        text = complaint.lower()
        if self.limit == "max_tokens" and "max_completion_tokens" in text:
            return replace(self, limit="max_completion_tokens")
        if self.temperature and "temperature" in text:
            return replace(self, temperature=False)
        if self.seed and "seed" in text:
            return replace(self, seed=False)
        if stream and self.usage_in_stream and "stream_options" in text:
            return replace(self, usage_in_stream=False)
        if schema and self.schema and self.array_limits and "maxitems" in text:
            return replace(self, array_limits=False)
        if schema and self.schema:
            return replace(self, schema=False, instructs=True)
        return None

    def body(
        self,
        model: str,
        messages: Sequence[Message],
        schema: Mapping[str, Any] | None,
        max_tokens: int,
        temperature: float,
        seed: int | None,
        stream: bool,
    ) -> dict[str, Any]:
        """The body of a request in the chat completions protocol."""
        if schema is not None and self.instructs:
            messages = _instructed(messages, schema)
        body: dict[str, Any] = {
            "model": model,
            "messages": [{"role": turn.role, "content": _sendable(turn.content)} for turn in messages],
            self.limit: max_tokens,
        }
        if self.temperature:
            body["temperature"] = temperature
        if self.seed and seed is not None:
            body["seed"] = seed
        if schema is not None and self.schema:
            sent = dict(schema) if self.array_limits else _without_limits(schema)
            form = {"name": "reply", "schema": sent, "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": form}
        if stream:
            body["stream"] = True
            if self.usage_in_stream:
                body["stream_options"] = {"include_usage": True}
        return body


def fits(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether a reply is JSON of the type of a schema, with the properties that it requires.

    >>> fits('{"answers": []}', {"type": "object", "required": ["answers"]}), fits("Sure!", {})
    (True, False)
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return False
    if schema.get("type") == "object":
        return isinstance(value, dict) and set(schema.get("required", ())) <= value.keys()
    return True


def unfenced(text: str) -> str:
    """A reply without the Markdown code fence around it; other texts are returned unchanged.

    >>> unfenced("```json\\n[1]\\n```")
    '[1]'
    """
    fenced = _FENCE.fullmatch(text.strip())
    return fenced[1].strip() if fenced else text


def _without_limits(schema: Any) -> Any:
    """The schema without the limits of arrays, which not every endpoint takes."""
    if isinstance(schema, Mapping):
        return {key: _without_limits(value) for key, value in schema.items() if key != "maxItems"}
    return [_without_limits(value) for value in schema] if isinstance(schema, list) else schema


def _instructed(messages: Sequence[Message], schema: Mapping[str, Any]) -> list[Message]:
    """The conversation with the schema appended to its last message."""
    words = _INSTRUCTION + json.dumps(schema)
    *before, last = messages
    return [*before, replace(last, content=f"{last.content}\n\n{words}")]


def _sendable(text: str) -> str:
    """The text with question marks for lone surrogates, which UTF-8 cannot encode."""
    return text.encode("utf-8", errors="replace").decode("utf-8")
