"""What an LLM says, while it says it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from kgqa.chat import ChatModel, Message, Reply, StreamsChat

__all__ = ["Overheard", "Stream"]

Stream = Annotated[
    bool | None,
    typer.Option(
        "--stream/--no-stream",
        help="Show on stderr what the LLM says while it says it, before it is checked "
        "[default: on a terminal].",
    ),
]


class Overheard:
    """A chat model whose replies are heard on stderr; what of them is true is for others to say.

    It is asked for no JSON schema, which not every endpoint streams in; the conversation says the form.
    """

    def __init__(self, model: ChatModel) -> None:
        self.model = model

    @property
    def name(self) -> str:
        """That of the model."""
        return self.model.name

    def reply(
        self,
        messages: Sequence[Message],
        *,
        schema: Mapping[str, Any] | None = None,
        max_tokens: int = 512,
    ) -> Reply:
        """The reply; see `ChatModel.reply`."""
        if not isinstance(self.model, StreamsChat):
            return self.model.reply(messages, schema=schema, max_tokens=max_tokens)
        pieces = self.model.stream(messages, max_tokens=max_tokens)
        try:
            while True:
                _say(next(pieces))
        except StopIteration as end:
            reply: Reply = end.value
            return reply
        finally:
            _say("\n")


def _say(piece: str) -> None:
    """To stderr, without what a terminal would obey."""
    sys.stderr.write("".join(c if c.isprintable() or c == "\n" else " " for c in piece))
    sys.stderr.flush()
