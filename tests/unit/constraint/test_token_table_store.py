"""Tables kept with an index: found again, made again where they are not right."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kgqa.constraint import Walk
from kgqa.constraint.testing import language
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    Statement,
    Triple,
    open_index,
    save_index,
    verify_index,
)
from kgqa.graph.arrays.array_folder import STAGING, open_arrays, write_arrays
from kgqa.lm import MockTokenizer

FACTS: list[Statement] = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "in_language", "English"),
    Triple("Kismet", "won", "award 1"),
    Triple("award 1", "award", "Oscar"),
    Node("award 1", NodeKind.BLANK),
]


class CountingTokenizer(MockTokenizer):
    """Remembers every text that it had to encode."""

    def __init__(self, fingerprint: str = "0123456789abcdef0123") -> None:
        super().__init__()
        self.fingerprint = fingerprint
        self.asked: list[str] = []

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        self.asked += segments
        return super().encode_batch(segments)

    def words(self) -> set[str]:
        """The texts that are no separators."""
        return {text.strip() for text in self.asked} - {"->", "<-", ">", "1. <", "2. <"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_index(GraphBuilder.of(FACTS), tmp_path / "index")
    return tmp_path / "index"


def offered(graph: IndexedGraph, tokenizer: MockTokenizer) -> object:
    return [
        language(Walk.of(graph, ["Kismet"], tokenizer, grammar="path")),
        language(Walk.of(graph, ["Kismet"], tokenizer, grammar="relations")),
    ]


def tables(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.name.startswith(("tokens-", "steps-")))


def test_tables_are_kept_and_found_again_without_asking_the_tokenizer(folder: Path) -> None:
    first, second = CountingTokenizer(), CountingTokenizer()
    expected = offered(GraphBuilder.of(FACTS), MockTokenizer())
    assert offered(open_index(folder), first) == expected
    assert {"Oscar", "Kismet", "directed_by"} <= first.words()
    names = [text for text in first.asked if text.strip() in first.words()]
    assert len(names) == len(set(names))
    assert tables(folder) == ["steps-0123456789abcdef", "tokens-0123456789abcdef"]
    assert offered(open_index(folder), second) == expected
    assert not second.words()
    verify_index(folder)


def test_relation_paths_never_need_a_name(folder: Path) -> None:
    tokenizer = CountingTokenizer()
    language(Walk.of(open_index(folder), ["Kismet"], tokenizer, grammar="relations"))
    assert tokenizer.words() == {"directed_by", "in_language", "won", "award"}
    assert tables(folder) == ["steps-0123456789abcdef"]


def test_graphs_in_memory_leave_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    offered(GraphBuilder.of(FACTS), CountingTokenizer())
    assert not list(tmp_path.iterdir())


def test_every_tokenizer_has_tables_of_its_own(folder: Path) -> None:
    offered(open_index(folder), CountingTokenizer("a word"))
    other = CountingTokenizer("another")
    offered(open_index(folder), other)
    assert "Oscar" in other.words()
    assert len(tables(folder)) == 4


def test_tables_with_the_fingerprint_of_another_tokenizer_are_not_believed(folder: Path) -> None:
    offered(open_index(folder), CountingTokenizer("0123456789abcdef-one"))
    other = CountingTokenizer("0123456789abcdef-two")  # alike in what the folder is named for
    offered(open_index(folder), other)
    assert "Oscar" in other.words()


def test_a_new_index_reuses_the_tokens_of_names_that_are_still_there(folder: Path) -> None:
    offered(open_index(folder), CountingTokenizer())
    changed: list[Statement] = [
        *FACTS,
        Triple("Kismet", "directed_by", "Vincente Minnelli"),
        Name("Oscar", "The Oscar"),
    ]
    save_index(GraphBuilder.of(changed), folder)
    assert len(tables(folder)) == 2
    tokenizer = CountingTokenizer()
    assert offered(open_index(folder), tokenizer) == offered(GraphBuilder.of(changed), MockTokenizer())
    assert tokenizer.words() == {"Vincente Minnelli", "The Oscar"}
    again = CountingTokenizer()
    offered(open_index(folder), again)
    assert not again.words()


@pytest.mark.parametrize(
    "damage", ["truncate", "flip", "remove", "manifest", "version", "other", "empty", "file"]
)
def test_damaged_tables_are_made_again(folder: Path, damage: str) -> None:
    expected = offered(open_index(folder), CountingTokenizer())
    for name in tables(folder):
        ids, manifest = folder / name / "ids.npy", folder / name / "manifest.json"
        if damage == "truncate":
            ids.write_bytes(ids.read_bytes()[:-3])
        elif damage == "flip":
            content = bytearray(ids.read_bytes())
            content[-4] ^= 1
            ids.write_bytes(content)
        elif damage == "remove":
            ids.unlink()
        elif damage == "manifest":
            manifest.write_text("{", "utf-8")
        elif damage == "version":
            content_of = json.loads(manifest.read_text("utf-8"))
            content_of["facts"]["version"] += 1
            manifest.write_text(json.dumps(content_of), "utf-8")
        elif damage == "other":  # whole, but with other arrays than this version reads
            content_of = json.loads(manifest.read_text("utf-8"))
            del content_of["files"]["lengths"]
            manifest.write_text(json.dumps(content_of), "utf-8")
        elif damage == "empty":
            shutil.rmtree(folder / name)
            (folder / name).mkdir()
        else:
            shutil.rmtree(folder / name)
            (folder / name).write_text("no folder", "utf-8")
    tokenizer = CountingTokenizer()
    assert offered(open_index(folder), tokenizer) == expected
    assert {"Oscar", "directed_by"} <= tokenizer.words()
    again = CountingTokenizer()
    assert offered(open_index(folder), again) == expected
    assert not again.words()
    assert not list(folder.glob(f"{STAGING}*"))


def test_a_folder_that_cannot_be_written_costs_time_and_no_answers(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> str:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("kgqa.graph.arrays.array_folder.tempfile.mkdtemp", refuse)
    expected = offered(GraphBuilder.of(FACTS), MockTokenizer())
    assert offered(open_index(folder), CountingTokenizer()) == expected
    assert not tables(folder)


def test_a_full_disk_leaves_what_was_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert write_arrays(folder / "tokens-0000000000000000", {"a": 1}, {"x": np.arange(3)})

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("kgqa.graph.arrays.array_folder.write_array", full)
    assert not write_arrays(folder / "tokens-0000000000000000", {"a": 2}, {"x": np.arange(4)})
    found = open_arrays(folder / "tokens-0000000000000000")
    assert found is not None
    assert found[0] == {"a": 1}
    assert not list(folder.glob(f"{STAGING}*"))


def test_what_a_killed_build_left_is_cleared_away_later(folder: Path) -> None:
    abandoned = folder / f"{STAGING}x"
    abandoned.mkdir()
    recent = folder / f"{STAGING}y"
    recent.mkdir()
    os.utime(abandoned, (0, 0))
    offered(open_index(folder), CountingTokenizer())
    assert not abandoned.exists()
    assert recent.exists()
    save_index(GraphBuilder.of(FACTS), folder)  # and is no reason to refuse the folder
    (folder / "manifest.json").unlink()
    save_index(GraphBuilder.of(FACTS), folder)
    assert len(tables(folder)) == 2


def test_processes_that_build_at_once_leave_one_whole_table(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kgqa.graph import open_index\n"
        "from kgqa.lm import MockTokenizer\n"
        "from kgqa.constraint import Walk\n"
        "for _ in range(15):\n"
        "    t = MockTokenizer(); t.fingerprint = sys.argv[2] + str(_ % 2)\n"
        "    graph = open_index(Path(sys.argv[1]))\n"
        "    walk = Walk.of(graph, ['Kismet'], t)\n"
        "    state = walk.start\n"
        "    for token in b' Kismet -> won -> award -> Oscar': state = walk.advance(state, token)\n"
        "    assert walk.accepts(state)\n"
    )
    # Two fingerprints that share a folder: each replaces what the other wrote.
    command = [sys.executable, "-c", program, str(folder), "fedcba9876543210"]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(3)]
    for process in processes:
        _, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors.decode()
    assert tables(folder) == ["steps-fedcba9876543210", "tokens-fedcba9876543210"]
    assert all(open_arrays(folder / name) is not None for name in tables(folder))
    assert not list(folder.glob(f"{STAGING}*"))
