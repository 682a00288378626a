"""What a chat client asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kgqa.server.chat.openai_error import OpenAiError
from kgqa.server.shapes import MOST_CHARACTERS

__all__ = ["ChatRequest"]

_TASK = "### Task:"


class Part(BaseModel):
    """A part of a message."""

    model_config = ConfigDict(extra="allow")

    type: str
    text: str | None = None


class Message(BaseModel):
    """A turn of the conversation."""

    model_config = ConfigDict(extra="allow")

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None


class StreamOptions(BaseModel):
    """Whether the last piece tells the usage."""

    model_config = ConfigDict(extra="allow")

    include_usage: bool | None = None


class ChatRequest(BaseModel):
    """A conversation whose last user message is the question; `model` is the name of a graph.

    Parameters of language models (`temperature`, `max_tokens`, `tools`, ...) are accepted and change nothing.
    """

    model_config = ConfigDict(extra="allow")

    model: Annotated[str, Field(max_length=1000)]
    messages: Annotated[list[Message], Field(min_length=1, max_length=1000)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = None
    tool_choice: str | dict[str, Any] | None = None
    response_format: dict[str, Any] | None = None

    @property
    def tells_usage(self) -> bool:
        """Whether a stream ends with the usage."""
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    def questions(self) -> list[str]:
        """The questions of the user, in their order; the last is to be answered.

        Raises `OpenAiError` for a request that asks for more than a graph can give.
        """
        if self.n not in (None, 1):
            raise _refused("n", f"n must be 1, not {self.n}: there is one answer", "unsupported_value")
        if self.tool_choice not in (None, "auto", "none"):
            raise _refused(
                "tool_choice", "tool_choice must be auto or none: no tool is called", "unsupported_value"
            )
        if self.response_format is not None and self.response_format.get("type") != "text":
            said = "response_format must be text; the answer as JSON is in the field kgqa"
            raise _refused("response_format", said, "unsupported_value")
        if self.messages[-1].role == "assistant":
            raise _refused("messages", "the last message must be the user's")
        own = [message for message in self.messages if message.role == "user"]
        if own:
            _check_parts(own[-1])
        asked = [_text(message) for message in own]
        if not asked or not asked[-1]:
            raise _refused("messages", "there is no message of the user with a text")
        if asked[-1].startswith(_TASK):
            raise _refused("messages", "a graph answers questions; it writes no titles, tags or follow-ups")
        if len(asked[-1]) > MOST_CHARACTERS:
            said = f"a question has at most {MOST_CHARACTERS} characters, not {len(asked[-1])}"
            raise _refused("messages", said, "string_above_max_length")
        return [text for text in asked if 0 < len(text) <= MOST_CHARACTERS]


def _check_parts(message: Message) -> None:
    """Refuse a question with more than text; one before it may have had an image, and was refused then."""
    for part in message.content if isinstance(message.content, list) else ():
        if part.type != "text":
            raise _refused("messages", f"a message may have text only, not {part.type!r:.40}")


def _text(message: Message) -> str:
    """The text of a message; half a surrogate pair, as of an emoji that was cut, becomes `?`."""
    content = message.content or ""
    if isinstance(content, list):
        content = "\n".join(part.text or "" for part in content if part.type == "text")
    return content.encode("utf-8", "replace").decode().strip()


def _refused(param: str, message: str, code: str = "invalid_value") -> OpenAiError:
    return OpenAiError(400, message, param, code)
