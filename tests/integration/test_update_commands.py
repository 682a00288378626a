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


def test_an_index_follows_a_folder_of_patches(
    index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = tmp_path / "feed"
    feed.mkdir()
    (feed / "1.rdfp").write_text("TX .\nA <urn:a> <urn:is> <urn:b> .\nD <urn:a> <urn:is> <urn:c> .\nTC .\n")
    (feed / "notes.txt").write_text("about the feed")
    (feed / "2.rdfp.tmp").write_text("A <urn:a")
    command = ["follow", str(index), str(feed)]
    assert main([*command, "--once"]) == 0
    shown = capsys.readouterr()
    assert shown.out == "1.rdfp: 1 fact added, 0 removed, 1 as they were\n"
    assert shown.err == f"kgqa: note: {feed}/notes.txt: left out, no patch (.rdfp, .patch, .ru, .sparql)\n"
    assert Triple("urn:a", "urn:is", "urn:b") in open_index(index)
    looks: list[float] = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) > 2:
            raise KeyboardInterrupt
        (feed / f"{len(looks) + 1}.ru").write_text("DELETE DATA { <urn:a> <urn:is> <urn:b> }")

    monkeypatch.setattr("time.sleep", sleep)
    assert main([*command, "--every", "3", "--json", "--compact-after", "1"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["name"], line["removed"], line["unchanged"]) for line in lines] == [
        ("2.ru", 1, 0),
        ("3.ru", 0, 1),
    ]
    assert looks == [3, 3, 3]
    (feed / "4.rdfp").write_text("A <urn:a> <urn:is> <urn:d> .\n")
    assert main([*command, "--once", "--compact-after", "1"]) == 0
    graph = open_index(index)
    assert (graph.changed, Triple("urn:a", "urn:is", "urn:d") in graph) == (False, True)
    (feed / "5.ru").write_text("\nDROP ALL")
    assert main([*command, "--once"]) == 1
    assert f"{feed}/5.ru, line 2: only INSERT DATA" in capsys.readouterr().err
    assert main(["follow", str(index), str(tmp_path / "none"), "--once"]) == 1
    assert "none: cannot be read" in capsys.readouterr().err
    assert main([*command, "--once", "--after", "1.rdfp"]) == 2
    assert "is at 4.rdfp" in capsys.readouterr().err


def test_tables_are_added_and_removed_as_they_are_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, more, index = tmp_path / "people.csv", tmp_path / "more.csv", tmp_path / "people"
    table.write_text("person;employer;height\nAnn;Zed Ltd|Acme;1,75\n", "utf-8")
    more.write_text("person;employer;height\nBob;Acme;1,8\nAnn;Zed Ltd;\n", "utf-8")
    form = ["--table", "--separator", ";", "--split", "|", "--decimal-comma"]
    assert main(["build", str(table), "-o", str(index), *form]) == 0
    assert main(["add", str(index), str(more)]) == 1
    assert "--table" in capsys.readouterr().err
    assert main(["add", str(index), str(more), *form]) == 0
    assert "3 facts added, 2 already there" in capsys.readouterr().out
    assert Triple("Bob", "height", "1.8") in open_index(index)
    assert main(["remove", str(index), str(more), *form]) == 0
    assert "3 facts removed" in capsys.readouterr().out
    assert {triple[:3] for triple in open_index(index) if triple.head == "Bob"} == {("Bob", "type", "person")}
    assert main(["remove", str(index), str(more), *form, "--type", "person"]) == 0
    assert "2 facts removed, 3 not there" in capsys.readouterr().out


def test_labels_are_added_in_the_language_of_the_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    facts, index = tmp_path / "a.ttl", tmp_path / "a"
    label = "<http://www.w3.org/2000/01/rdf-schema#label>"
    facts.write_text(f'<urn:a> <urn:in> <urn:b> ; {label} "dog"@en, "Hund"@de .\n', "utf-8")
    assert main(["build", str(facts), "-o", str(index), "--language", "de"]) == 0
    facts.write_text(f'<urn:c> <urn:in> <urn:b> ; {label} "cat"@en, "Katze"@de .\n', "utf-8")
    assert main(["add", str(index), str(facts), "--language", "de"]) == 0
    assert [open_index(index).label(one) for one in ("urn:a", "urn:c")] == ["Hund", "Katze"]


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
