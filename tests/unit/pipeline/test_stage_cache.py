"""The cache of a stage: what was put is there, what is damaged is not, and nobody gets in another's way."""

from __future__ import annotations

import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.errors import CacheError
from kgqa.pipeline.stage_cache import StageCache, digest

TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
VALUES = st.dictionaries(TEXT, st.integers() | st.floats(allow_nan=False) | TEXT, max_size=3)


@given(st.lists(st.tuples(st.integers(0, 5), VALUES), max_size=12), st.integers(0, 200))
def test_after_any_cut_what_is_left_is_whole_and_new_things_can_be_put(
    tmp_path_factory: pytest.TempPathFactory, puts: list[tuple[int, dict[str, object]]], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache = StageCache(folder, "stage", {})
    expected: list[tuple[str, dict[str, object]]] = []
    for number, value in puts:
        cache.put(digest(number), value)
        expected.append((digest(number), value))
    content = cache.path.read_bytes()
    cache.path.write_bytes(content[: max(0, len(content) - cut)])
    whole = cache.path.read_bytes().count(b"\n")
    again = StageCache(folder, "stage", {})
    model = dict(expected[:whole])
    for number in range(6):
        assert again.get(digest(number)) == model.get(digest(number))
    again.put(digest("new"), {"x": 1})
    assert StageCache(folder, "stage", {}).get(digest("new")) == {"x": 1}


def test_other_settings_are_another_cache(tmp_path: Path) -> None:
    StageCache(tmp_path, "stage", {"beams": 3}).put(digest(1), {"x": 1})
    assert len(StageCache(tmp_path, "stage", {"beams": 4})) == 0
    assert len(StageCache(tmp_path, "other", {"beams": 3})) == 0
    assert digest(1) in StageCache(tmp_path, "stage", {"beams": 3})


@pytest.mark.parametrize("damage", [b"{", b"[]", b"null", b"\xff", b"{} {}"])
def test_a_damaged_line_counts_as_none(tmp_path: Path, damage: bytes) -> None:
    cache = StageCache(tmp_path, "stage", {})
    cache.put(digest(1), {"x": 1})
    with cache.path.open("ab") as stream:
        stream.write(digest(2).encode() + b"\t" + damage + b"\nno line of ours\n")
    again = StageCache(tmp_path, "stage", {})
    assert again.get(digest(2)) is None
    assert again.get(digest(1)) == {"x": 1}


def put_many(folder: Path, first: int) -> None:
    cache = StageCache(folder, "stage", {})
    for number in range(first, first + 200):
        cache.put(digest(number), {"number": number, "long": "x" * 500})


def test_two_processes_may_put_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=put_many, args=(tmp_path, first)) for first in (0, 200)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    cache = StageCache(tmp_path, "stage", {})
    assert [cache.get(digest(n))["number"] for n in range(400)] == list(range(400))  # type: ignore[index]


def test_a_full_disk_and_a_folder_that_cannot_be_are_errors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="--cache"):
        StageCache(tmp_path / "file", "stage", {})
    cache = StageCache(tmp_path, "stage", {})
    monkeypatch.setattr(os, "write", lambda _file, line: len(line) // 2)
    with pytest.raises(CacheError, match="No space left"):
        cache.put(digest(1), {"x": 1})
    assert digest(1) not in cache
