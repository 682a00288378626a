"""kgqa add, remove and compact, as a user types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgqa.cli import main
from kgqa.graph import Triple, open_index, save_index


@pytest.fixture
def more(tmp_path: Path) -> Path:
    path = tmp_path / "more.tsv"
    path.write_text("Kismet\tin_language\tEnglish\nKismet\trelease_year\t1944\n", "utf-8")
    return path


def test_facts_are_added_asked_for_removed_and_compacted(
    index: Path, more: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["add", str(index), str(more)]) == 0
    assert capsys.readouterr().out == (
        f"{index}: 1 fact added, 1 already there; 1 change since the last build\n"
    )
    assert Triple("Kismet", "release_year", "1944") in open_index(index)
    assert main(["info", str(index), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["triples"], facts["relation_counts"]["release_year"]) == (6, 2)
    assert facts["changes_since_build"] == 1
    assert main(["ask", "which year was Kismet released?", "--graph", str(index), "--json"]) == 0
    assert "1944" in capsys.readouterr().out
    assert main(["remove", str(index), str(more), "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert (done["removed"], done["not_there"], done["changes"]) == (2, 0, 1)
    assert main(["compact", str(index)]) == 0
    assert capsys.readouterr().out.startswith(f"{index}: 4 triples in")
    graph = open_index(index)
    assert not graph.changed
    assert len(graph) == 4


def test_a_folder_without_an_index_takes_no_facts(
    tmp_path: Path, more: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in (["add", str(tmp_path / "none"), str(more)], ["compact", str(tmp_path / "none")]):
        assert main(command) == 1
        assert "no such folder" in capsys.readouterr().err


def test_a_bad_line_changes_nothing(index: Path, more: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more.write_text("Kismet\trelease_year\t1944\nKismet\n", "utf-8")
    assert main(["add", str(index), str(more)]) == 1
    assert "line 2" in capsys.readouterr().err
    assert not open_index(index).changed
    assert main(["add", str(index), str(more), "--skip-bad", "1"]) == 0
    assert "line 2" in capsys.readouterr().err


def test_a_built_index_is_that_of_a_build_in_memory(index: Path, tmp_path: Path) -> None:
    graph = open_index(index)
    save_index(graph, tmp_path / "copy")
    assert (tmp_path / "copy" / "manifest.json").read_bytes() == (index / "manifest.json").read_bytes()
