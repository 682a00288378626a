"""`kgqa build` and `kgqa info`: what is read of graph files, what is said of it, and what is replaced."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgqa.cli import main


def test_build_counts_what_it_read(facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["build", str(facts), "-o", str(facts.parent / "x"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["triples"], result["entities"], result["relations"]) == (5, 6, 3)


def test_one_of_a_thing_is_not_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, folder = tmp_path / "a.tsv", tmp_path / "x"
    path.write_text("a\tr\tb\na\tr\tb\nc\n")
    assert main(["build", str(path), "-o", str(folder), "--skip-bad", "1"]) == 0
    printed = capsys.readouterr().out
    assert printed.startswith(f"{folder}: 1 triple, 2 entities, 1 relation in ")
    assert printed.endswith("; 1 duplicate left out; 1 bad line skipped\n")


def test_build_without_a_folder_names_one_and_does_not_replace_another_graph(
    facts: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(facts.parent)
    other = facts.parent / "other" / "films.tsv"
    other.parent.mkdir()
    other.write_text("a\tb\tc\n")
    assert main(["build", "films.tsv"]) == 0
    assert main(["build", "films.tsv"]) == 0
    assert main(["build", "other/films.tsv"]) == 0
    assert main(["info", "other-films.kgqa", "--json"]) == 0
    assert main(["build", str(other)]) == 2
    assert "-o" in capsys.readouterr().err
    assert main(["info", "films.kgqa", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["triples"] == 5


def test_a_long_build_that_a_bad_line_ended_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "long.tsv", tmp_path / "x"
    path.write_text("".join(f"{n}\tr\t{n % 7}\n" for n in range(140_000)) + "nonsense\n")
    command = ["build", str(path), "-o", str(folder), "--memory", "10M"]
    assert main(command) == 1
    stopped = capsys.readouterr().err
    assert "the same command goes on after 131,072 triples" in stopped
    assert "line 140001" in stopped
    assert main([*command, "--skip-bad", "1"]) == 0
    streams = capsys.readouterr()
    assert "a build that was stopped goes on after 131,072 triples" in streams.err
    assert streams.out.startswith(f"{folder}: 140,000 triples, ")


def test_bad_lines_are_skipped_on_request_and_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.tsv"
    path.write_text("a\tr\tb\nnonsense\nc\tr\td\n\tr\td\n")
    assert main(["build", str(path), "-o", str(tmp_path / "x")]) == 1
    assert "line 2" in capsys.readouterr().err
    assert not (tmp_path / "x").exists()
    assert main(["build", str(path), "-o", str(tmp_path / "x"), "--skip-bad", "1"]) == 1
    assert "line 4" in capsys.readouterr().err
    assert main(["build", str(path), "-o", str(tmp_path / "x"), "--skip-bad", "2", "--json"]) == 0
    streams = capsys.readouterr()
    assert json.loads(streams.out)["triples"] == 2
    assert "line 2" in streams.err
    assert "line 4" in streams.err


def test_info_shows_what_is_there(index: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(index), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["relation_counts"] == {"directed_by": 2, "in_language": 2, "release_year": 1}
    assert facts["relation_values"] == {"release_year": "dates"}
    assert main(["info", str(index)]) == 0
    assert "directed_by" in capsys.readouterr().out


def test_build_and_info_name_columns_that_are_mostly_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "items.csv"
    path.write_text('item,amount,price,code\na,12,"1,25",1\nb,about 3,"2,50",x\nc,7,"3,75",2\n')
    assert main(["build", str(path), "--table", "-o", str(tmp_path / "x")]) == 0
    said = capsys.readouterr().err
    assert "amount: 2 of 3 values are numbers, and 'about 3' is none" in said
    assert "price: '3,75' is no number where a point begins the decimals (--decimal-comma)" in said
    assert "code:" not in said
    assert main(["info", str(tmp_path / "x")]) == 0
    assert "about 3" in capsys.readouterr().out


def test_build_reads_a_table_by_its_options_and_says_what_it_guessed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, folder = tmp_path / "people.csv", tmp_path / "x"
    path.write_text("person;employer;city\nAnn;Zed Ltd|Acme;Oslo\nBob;Acme;\n", "utf-8")
    assert main(["build", str(path), "-o", str(folder)]) == 1
    error = capsys.readouterr().err
    assert "--table" in error
    assert error.count("\n") == 1
    assert main(["build", str(path), "-o", str(folder), "--table", "--split", "|", "--json"]) == 0
    streams = capsys.readouterr()
    assert json.loads(streams.out)["triples"] == 6
    assert streams.err.splitlines() == [
        f"kgqa: note: {path}: its columns are separated by ';' (--separator)",
        f"kgqa: note: {path}: each row is of the type 'person' (--type says otherwise)",
    ]
    plain = ["build", str(path), "-o", str(folder), "--table", "--type", "", "--split", "|", "--json"]
    assert main(plain) == 0
    assert json.loads(capsys.readouterr().out)["triples"] == 4
    assert main(["build", str(path), "-o", str(folder), "--head", "1", "--relation", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
    given = ["--relation", "2", "--head", "person", "--tail", "city", "--separator", ";", "--skip-bad", "1"]
    assert main(["build", str(path), "-o", str(folder), *given, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["triples"] == 1


def test_build_says_what_it_replaces(tmp_path: Path, facts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, other = tmp_path / "x", tmp_path / "other.tsv"
    other.write_text("a\tr\tb\n", "utf-8")
    assert main(["build", str(facts), "-o", str(folder)]) == 0
    assert main(["build", str(facts), "-o", str(folder)]) == 0
    assert capsys.readouterr().err == ""
    assert main(["build", str(other), "-o", str(folder)]) == 0
    said = f"this replaces the index of {facts} with 5 triples"
    assert capsys.readouterr().err == f"kgqa: note: {folder}: {said}\n"
    next(folder.glob("data-*/kinds.npy")).write_bytes(b"")
    assert main(["build", str(facts), "-o", str(folder)]) == 0
    assert "a damaged index" in capsys.readouterr().err


def test_info_counts_literals_that_their_type_does_not_allow(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.ttl"
    typed = [("abc", "integer"), ("2010-01-01T00:00:00", "date"), ("7", "integer"), ("NaN", "double")]
    path.write_text(
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n<urn:a> <urn:p> "
        + ", ".join(f'"{text}"^^xsd:{name}' for text, name in typed)
        + ', "abc" .\n',
        "utf-8",
    )
    assert main(["build", str(path), "-o", str(tmp_path / "x")]) == 0
    capsys.readouterr()
    assert main(["info", str(tmp_path / "x"), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["literals"], result["ill_typed_literals"]) == (5, 2)
