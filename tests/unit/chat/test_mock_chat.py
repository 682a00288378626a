"""The chat model that says what it was told to say."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from kgqa.chat import Message, MockChatModel, Reply, Usage
from kgqa.errors import BudgetError, ModelError

HELLO = [Message("user", "how are you")]


def test_a_script_is_said_item_by_item_and_then_it_is_over() -> None:
    own = Reply("as it is", Usage(cached=1))
    model = MockChatModel(["fine", own, BudgetError("too dear")])
    assert model.reply(HELLO) == Reply("fine", Usage(1, 0, 3, 1, None))
    assert model.reply(HELLO) == own
    with pytest.raises(BudgetError):
        model.reply(HELLO)
    with pytest.raises(ModelError, match="no items left"):
        model.reply(HELLO)
    assert model.asked == [tuple(HELLO)] * 4


def test_long_texts_are_cut() -> None:
    reply = MockChatModel(["one two three"], price=1.0).reply(HELLO, max_tokens=2)
    assert reply == Reply("one two", Usage(1, 0, 3, 2, 5.0), finished=False)


def test_threads_share_a_script() -> None:
    model = MockChatModel(map(str, range(100)))
    with ThreadPoolExecutor(8) as threads:
        said = threads.map(lambda _: model.reply(HELLO).text, range(100))
    assert sorted(map(int, said)) == list(range(100))
