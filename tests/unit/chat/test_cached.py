from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.cache_folder import cache_folder
from kgqa.chat import CachedChat, Message, Reply, Usage
from kgqa.chat.reply_cache import ReplyCache, reply_key
from kgqa.errors import ChatError

ASKED = [Message("user", "What is the capital of Austria?")]


class Counting:
    """Replies with the number of times that it was asked."""

    name = "counting"

    def __init__(self, identity: Mapping[str, object] | None = None, *, fails: bool = False) -> None:
        self.identity = identity or {"model": "counting"}
        self.asked = 0
        self.fails = fails

    def reply(
        self, messages: Sequence[Message], *, schema: Mapping[str, Any] | None = None, max_tokens: int = 512
    ) -> Reply:
        self.asked += 1
        if self.fails:
            raise ChatError("no")
        return Reply(f"reply {self.asked}", Usage(requests=1, prompt_tokens=5), self.asked % 2 == 1)


class Streaming(Counting):
    def stream(self, messages: Sequence[Message], *, max_tokens: int = 512) -> Generator[str, None, Reply]:
        reply = self.reply(messages, max_tokens=max_tokens)
        yield from reply.text.split(" ")
        return reply


@pytest.fixture
def cache(tmp_path: Path) -> ReplyCache:
    return ReplyCache(tmp_path / "deep" / "replies.sqlite")


def test_what_was_asked_before_takes_no_request(cache: ReplyCache) -> None:
    model = Counting()
    for ask in (CachedChat(model, cache), CachedChat(model, ReplyCache(cache.file))):
        reply = ask.reply(ASKED)
    assert model.asked == 1
    assert reply == Reply("reply 1", Usage(cached=1), True)


def test_everything_that_matters_is_part_of_the_key(cache: ReplyCache) -> None:
    asked: list[tuple[dict[str, object], list[Message], dict[str, Any] | None, int]] = [
        ({"base_url": url, "model": model, "temperature": heat, "seed": seed}, messages, schema, tokens)
        for url in ("http://a/v1", "http://b/v1")
        for model in ("m", "n")
        for heat in (0.0, 1.0)
        for seed in (0, None)
        for messages in (
            ASKED,
            [Message("system", ASKED[0].content)],
            [*ASKED, *ASKED],
            [Message("user", "")],
        )
        for schema in (None, {}, {"type": "object"})
        for tokens in (1, 2)
    ]
    assert len({reply_key(*parts) for parts in asked}) == len(asked)
    assert {reply_key(*parts) for parts in asked} == {reply_key(*parts) for parts in asked}


def test_errors_are_not_kept(cache: ReplyCache) -> None:
    model = Counting(fails=True)
    with pytest.raises(ChatError):
        CachedChat(model, cache).reply(ASKED)
    model.fails = False
    assert CachedChat(model, cache).reply(ASKED).text == "reply 2"


def test_streams_are_kept_when_they_are_whole(cache: ReplyCache) -> None:
    model = Streaming()
    ask = CachedChat(model, cache)
    half = ask.stream(ASKED)
    assert next(half) == "reply"
    half.close()
    assert list(ask.stream(ASKED)) == ["reply", "2"]
    assert list(ask.stream(ASKED)) == ["reply 2"]
    assert ask.reply(ASKED) == Reply("reply 2", Usage(cached=1), False)
    assert list(CachedChat(Counting(), cache).stream([Message("user", "other")])) == ["reply 1"]


@given(st.text(), st.booleans())
def test_any_text_comes_back_as_it_was(text: str, finished: bool) -> None:
    cache = ReplyCache(Path(os.environ["PYTEST_CACHE_FILE"]))
    key = reply_key({}, [Message("user", text)], None, int(finished) + 1)
    cache.put(key, text, finished)
    assert cache.get(key) == (text, finished)


@pytest.fixture(autouse=True)
def _cache_file(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_CACHE_FILE", str(tmp_path_factory.mktemp("cache") / "replies.sqlite"))


def test_half_surrogates_are_not_kept_and_do_no_harm(cache: ReplyCache) -> None:
    cache.put("key", "\ud800", True)
    assert cache.get("key") is None


@pytest.mark.parametrize("damage", ["garbage", "middle", "short", "empty"])
def test_a_damaged_file_is_moved_aside_with_one_warning(
    cache: ReplyCache, damage: str, caplog: pytest.LogCaptureFixture
) -> None:
    for number in range(200):
        cache.put(f"key {number}", "x" * 500, True)
    content = cache.file.read_bytes()
    cache.file.write_bytes(
        {
            "garbage": b"no database " * 1000,
            "middle": content[:4096] + b"\xff" * (len(content) - 4096),
            "short": content[: len(content) // 2],
            "empty": b"",
        }[damage]
    )
    again = ReplyCache(cache.file)
    for number in range(200):
        again.get(f"key {number}")
        again.put(f"key {number}", "new", True)
    assert ReplyCache(cache.file).get("key 7") == ("new", True)
    expected = 0 if damage == "empty" else 1
    assert len(caplog.records) == expected
    assert cache.file.with_name("replies.sqlite.damaged").exists() == bool(expected)


def test_a_foreign_or_unwritable_place_is_gone_without_with_one_warning(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    foreign = tmp_path / "foreign.sqlite"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE replies (something)")
    connection.close()
    (tmp_path / "file").write_text("")
    for place in (foreign, tmp_path / "file" / "replies.sqlite", tmp_path):
        caplog.clear()
        cache = ReplyCache(place)
        for _ in range(3):
            cache.put("key", "text", True)
            assert cache.get("key") is None
        assert ["continuing without it" in record.getMessage() for record in caplog.records] == [True]
        assert caplog.records[0].levelno == logging.WARNING


def test_a_row_of_another_kind_is_no_reply(cache: ReplyCache) -> None:
    cache.put("key", "text", True)
    connection = sqlite3.connect(cache.file)
    connection.execute("UPDATE replies SET text = x'ff'")
    connection.commit()
    connection.close()
    assert cache.get("key") is None


def write_many(file: Path, start: int, count: int) -> None:
    cache = ReplyCache(file)
    for number in range(start, start + count):
        cache.put(f"key {number}", f"text {number}", True)


def test_threads_and_processes_write_at_the_same_time(cache: ReplyCache) -> None:
    context = multiprocessing.get_context("spawn")
    workers: list[Any] = [context.Process(target=write_many, args=(cache.file, at, 30)) for at in (0, 20)]
    workers += [threading.Thread(target=write_many, args=(cache.file, at, 30)) for at in (40, 60)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [cache.get(f"key {number}") for number in range(90)] == [(f"text {n}", True) for n in range(90)]


def test_a_kill_while_writing_loses_nothing_that_was_written(
    cache: ReplyCache, caplog: pytest.LogCaptureFixture
) -> None:
    cache.put("before", "text", True)
    worker = multiprocessing.get_context("spawn").Process(target=write_many, args=(cache.file, 0, 10**6))
    worker.start()
    deadline = time.monotonic() + 20
    while cache.get("key 5") is None and time.monotonic() < deadline:
        time.sleep(0.01)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    assert cache.get("before") == ("text", True)
    assert cache.get("key 5") == ("text 5", True)
    cache.put("after", "text", True)
    assert cache.get("after") == ("text", True)
    assert not caplog.records


def test_the_place_is_that_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KGQA_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"
    monkeypatch.delenv("KGQA_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "kgqa"
    assert ReplyCache().file == tmp_path / "kgqa" / "replies.sqlite"
    for unusable in ("", "relative/folder"):
        monkeypatch.setenv("XDG_CACHE_HOME", unusable)
        assert cache_folder() == Path.home() / ".cache" / "kgqa"
