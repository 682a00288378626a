"""Replies that are handed on piece by piece."""

from __future__ import annotations

from collections.abc import Generator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.chat import Message, MockChatModel, Reply, StreamingChat, Usage
from kgqa.chat.testing import check_chat_model
from kgqa.errors import ChatError

QUESTION = [Message("user", "What is the capital of Kenya?")]


class Pieces(MockChatModel):
    def __init__(self, *pieces: str, fails: bool = False) -> None:
        super().__init__(lambda _: "".join(pieces))
        self.pieces = pieces
        self.fails = fails

    def stream(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Generator[str, None, Reply]:
        yield from self.pieces
        if self.fails:
            raise ChatError("cut off")
        return Reply("".join(self.pieces), Usage(1))


@given(st.lists(st.text(max_size=5), max_size=5))
def test_what_is_handed_on_is_the_reply_and_a_line_break(pieces: list[str]) -> None:
    heard: list[str] = []
    reply = StreamingChat(Pieces(*pieces), heard.append).reply(QUESTION, schema={"type": "object"})
    assert "".join(heard) == reply.text + "\n"
    assert len(heard) == len(pieces) + 1


def test_a_stream_that_breaks_off_ends_its_line_and_raises() -> None:
    heard: list[str] = []
    with pytest.raises(ChatError, match="cut off"):
        StreamingChat(Pieces("Nai", fails=True), heard.append).reply(QUESTION)
    assert heard == ["Nai", "\n"]


def test_a_model_that_cannot_stream_replies_as_usual() -> None:
    heard: list[str] = []
    chat = StreamingChat(MockChatModel(lambda _: "Nairobi"), heard.append)
    check_chat_model(chat)
    assert chat.reply(QUESTION).text == "Nairobi"
    assert heard == []
