"""The caches of replies and of endpoints' answers have a bound, and forget what was used longest ago."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from kgqa import cache_file
from kgqa.chat.reply_cache import ReplyCache
from kgqa.graph.endpoint import EndpointCache

COUNT, BYTES = 60, 8000
_Pair = tuple[Callable[[int], bool], Callable[[int], None]]


def replies(file: Path) -> _Pair:
    cache = ReplyCache(file)
    return (
        lambda at: cache.get(str(at)) is not None,
        lambda at: cache.put(str(at), "é" * (BYTES // 2), True),
    )


def answers(file: Path) -> _Pair:
    cache, noise = EndpointCache(file), random.Random(5)
    return (
        lambda at: cache.get([str(at)]) is not None,
        lambda at: cache.put([str(at)], noise.randbytes(BYTES)),
    )


@pytest.mark.parametrize("opened", [replies, answers])
def test_a_file_forgets_what_was_used_longest_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, opened: Callable[[Path], _Pair]
) -> None:
    monkeypatch.setattr(cache_file, "MOST_BYTES", 200_000)
    knows, put = opened(tmp_path / "cache.sqlite")
    for at in range(COUNT):
        assert at == 0 or knows(0)  # it is used all the time
        put(at)
    found = [at for at in range(COUNT) if knows(at)]
    assert found[0] == 0
    assert found[1:] == list(range(found[1], COUNT))
    assert 12 < len(found) < 28
    assert (tmp_path / "cache.sqlite").stat().st_size < 250_000


def test_a_file_of_before_there_was_a_bound_is_read_and_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "replies.sqlite"
    with closing(sqlite3.connect(file)) as old, old:
        old.execute(
            "CREATE TABLE replies (key TEXT PRIMARY KEY, text TEXT NOT NULL, finished INTEGER NOT NULL)"
            " WITHOUT ROWID"
        )
        rows = [(f"old {n}", "x" * BYTES) for n in range(COUNT)]
        old.executemany("INSERT INTO replies VALUES (?, ?, 1)", rows)
    cache = ReplyCache(file)
    assert cache.get("old 7") == ("x" * BYTES, True)
    monkeypatch.setattr(cache_file, "MOST_BYTES", 200_000)
    cache.put("new", "text", True)
    assert cache.get("new") is not None
    assert cache.get("old 7") is not None
    assert 10 < sum(cache.get(f"old {n}") is not None for n in range(COUNT)) < 28
