"""Opening a graph: by name, from an index, from a file through the cache folder."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from kgqa import GraphBuilder, Triple, open_graph, save_index
from kgqa.errors import DataError, KgqaError
from kgqa.graph import IndexedGraph, is_index_folder, open_index, verify_index
from kgqa.graph.readers import detect_format, read, read_rog

FACTS = "Kismet\tdirected_by\tWilliam Dieterle\n"
GRAPH = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KGQA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    (tmp_path / "facts.tsv").write_text(FACTS, "utf-8")
    return tmp_path / "facts.tsv"


def indexes(cache: Path) -> list[Path]:
    return sorted((cache / "graphs").glob("*"))


def test_a_file_is_read_once_and_its_index_is_kept_in_the_cache_folder(
    facts: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_graph(facts)
    assert list(first) == list(GRAPH)
    (folder,) = indexes(cache)
    assert first.folder == folder
    monkeypatch.setattr("kgqa.graph.graph_source.read", None)  # reading again would fail
    assert open_graph(str(facts)).checksum == first.checksum
    assert [path.name for path in facts.parent.iterdir()].count("index") == 0


def test_a_file_that_changed_is_read_again(facts: Path, cache: Path) -> None:
    open_graph(facts)
    facts.write_text(FACTS + "Salome\tdirected_by\tWilliam Dieterle\n", "utf-8")
    assert len(open_graph(facts)) == 2
    status = facts.stat()
    facts.write_text(FACTS + "Sabine\tdirected_by\tWilliam Dieterle\n", "utf-8")
    os.utime(facts, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert open_graph(facts).find("Sabine")
    assert len(indexes(cache)) == 1


def test_files_of_one_name_in_two_folders_are_kept_apart(facts: Path, tmp_path: Path, cache: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / facts.name).write_text("a\tr\tb\n", "utf-8")
    assert list(open_graph(facts)) == list(GRAPH)
    assert list(open_graph(tmp_path / "other" / facts.name)) == [Triple("a", "r", "b")]
    assert len(indexes(cache)) == 2


def test_an_index_in_the_cache_that_is_damaged_is_made_again(facts: Path, cache: Path) -> None:
    open_graph(facts)
    (folder,) = indexes(cache)
    next(folder.glob("data-*/kinds.npy")).write_bytes(b"")
    assert list(open_graph(facts)) == list(GRAPH)
    verify_index(folder)


def test_a_cache_folder_that_cannot_be_written_costs_time_only(facts: Path, cache: Path) -> None:
    cache.write_text("a file is in the way", "utf-8")
    assert list(open_graph(facts)) == list(GRAPH)


def test_another_cache_folder_can_be_named_or_none(facts: Path, tmp_path: Path, cache: Path) -> None:
    assert open_graph(facts, cache=str(tmp_path / "mine")).folder in set((tmp_path / "mine").iterdir())
    assert open_graph(facts, use_cache=False).folder is None
    assert not cache.exists()


def test_an_index_folder_is_opened_as_it_is(tmp_path: Path, cache: Path) -> None:
    save_index(GRAPH, tmp_path / "index")
    assert open_graph(tmp_path / "index").folder == tmp_path / "index"
    assert not cache.exists()


def test_the_atlas_is_the_default_unless_something_here_has_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert open_graph().checksum == open_graph("atlas").checksum
    assert [path.name.split("-")[0] for path in indexes(cache)] == ["atlas"]
    save_index(GRAPH, "atlas")
    assert open_graph("atlas").checksum == GRAPH.checksum


def test_a_graph_without_triples_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.tsv").write_text("", "utf-8")
    with pytest.raises(DataError, match="the graph is empty"):
        open_graph(tmp_path / "empty.tsv")


def test_every_function_takes_paths_as_text(facts: Path, tmp_path: Path) -> None:
    folder = str(tmp_path / "index")
    save_index(GRAPH, folder)
    assert open_index(folder).checksum == GRAPH.checksum
    assert is_index_folder(folder)
    verify_index(folder)
    assert detect_format(str(facts)) == "tsv"
    assert list(read(str(facts))) == list(GRAPH)
    (tmp_path / "questions.jsonl").write_text("", "utf-8")
    assert list(read_rog(str(tmp_path / "questions.jsonl"))) == []


HOSTILE = [
    "",
    "nul\0",
    "x" * 5000,
    "x" * 5000 + ".zip",
    "no/such/place",
    "facts.tsv/under",
    "/proc/self/mem",
    ".",
]


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: f"{path!r:.20}")
@pytest.mark.parametrize("form", [str, Path])
def test_no_path_ends_in_another_error_than_those_of_kgqa(
    path: str, form: type[str] | type[Path], facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").write_text("", "utf-8")
    given = form(path)
    for call in (open_graph, open_index, verify_index, detect_format):
        with pytest.raises(KgqaError):
            call(given)
    with pytest.raises(KgqaError):
        list(read(given, "tsv"))
    with pytest.raises(KgqaError):
        list(read_rog(given))
    assert not is_index_folder(given)
    if path != "no/such/place":
        with pytest.raises(KgqaError):
            save_index(GRAPH, given)


def test_the_python_example_of_the_guide_runs(
    facts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[3] / "docs" / "how-to" / "own-graph.md").read_text("utf-8")
    sources, example = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    exec(sources, names)
    assert names["said_by"] == ("press",)
    assert isinstance(names["press"], IndexedGraph)
    assert list(names["press"]) == [Triple("Kismet", "year", "1944")]
    exec(example, names)
    assert list(open_index("films")) == list(GRAPH)
    assert repr(names["again"]) == repr(names["films"]) == "<IndexedGraph: 1 triple, 2 entities, 1 relation>"
