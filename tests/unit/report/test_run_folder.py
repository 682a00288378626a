"""Folders of runs: read as they are, exported small, told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.report.made_runs import record, write_run, wrong

from kgqa.errors import DataError, ParseError, UsageError
from kgqa.evaluation.running.manifest import Manifest
from kgqa.report import (
    export_run,
    find_runs,
    leaderboard,
    leaderboard_markdown,
    read_run,
    write_leaderboard,
    write_report,
)

RECORDS = [record("q1"), wrong("q2"), record("q3", question='a "quoted" — \u2028 question')]


def test_packed_records_read_as_plain_ones(tmp_path: Path) -> None:
    plain, packed = (read_run(write_run(tmp_path / name, RECORDS, packed=name == "b")) for name in "ab")
    assert plain.records == packed.records == tuple(RECORDS)


def test_half_a_line_at_the_end_is_passed_over_and_left_there(tmp_path: Path) -> None:
    file = write_run(tmp_path, RECORDS) / "records.jsonl"
    whole = file.read_bytes()
    for cut in (1, 30, 31, len(whole.splitlines(keepends=True)[-1]) - 1):
        file.write_bytes(whole[:-cut])
        run = read_run(tmp_path)
        assert (run.records, run.missing) == (tuple(RECORDS[:-1]), 1)
        assert file.read_bytes() == whole[:-cut]


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (b"{}\n", "line 2: no record: the field 'id' is missing"),
        (b"\xff\n", "line 2: not UTF-8"),
        (b"[1]\n", "line 2: a JSON object is needed"),
        (record("q1").to_json().encode() + b"\n", "line 2: a second record for the question 'q1'"),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, damage: bytes, message: str) -> None:
    file = write_run(tmp_path, RECORDS) / "records.jsonl"
    first, *others = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(b"".join([first, damage, *others]))
    with pytest.raises(ParseError, match=message):
        read_run(tmp_path)


def test_what_is_no_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not the folder of a run"):
        read_run(tmp_path)
    with pytest.raises(DataError, match="no such folder"):
        find_runs(tmp_path / "missing")
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(DataError, match="a JSON object is needed, not list"):
        read_run(tmp_path)
    (tmp_path / "run.json").write_text("{")
    with pytest.raises(DataError, match="not JSON"):
        read_run(tmp_path)


def test_a_report_is_the_same_bytes_twice_and_leaves_the_run_alone(tmp_path: Path) -> None:
    write_run(tmp_path, RECORDS)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_report(tmp_path)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_report(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert before.items() <= first.items()
    assert first.keys() - before.keys() == {"report.html", "report.md", "report.csv"}


def test_an_export_is_a_run_with_a_title_that_can_be_reported_on(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", RECORDS)
    export_run(run, tmp_path / "kept", "Films, test")
    kept = {path.name: path.read_bytes() for path in (tmp_path / "kept").iterdir()}
    assert kept.keys() == {"run.json", "records.jsonl.gz", "report.html", "report.md", "report.csv"}
    assert read_run(tmp_path / "kept").records == tuple(RECORDS)
    assert read_run(tmp_path / "kept").title == "Films, test"
    write_report(tmp_path / "kept")
    export_run(run, tmp_path / "kept", "Films, test")
    assert {path.name: path.read_bytes() for path in (tmp_path / "kept").iterdir()} == kept


def test_an_export_never_replaces_another_run(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", RECORDS)
    other = write_run(tmp_path / "other", RECORDS, {"settings": {"beams": 3}})
    with pytest.raises(UsageError, match="holds another run"):
        export_run(run, other)
    with pytest.raises(UsageError, match="the run's own folder"):
        export_run(run, run)
    assert json.loads((other / "run.json").read_text())["settings"] == {"beams": 3}


def test_a_leaderboard_tells_runs_apart_by_all_settings_of_their_search(tmp_path: Path) -> None:
    for groups in (2, 5):
        search = {"name": "diverse", "beams": 10, "groups": groups, "penalise": "tokens"}
        write_run(tmp_path / str(groups), RECORDS, {"settings": {"search": search}})
    told = set(leaderboard(tmp_path)["settings"])
    assert told == {f"diverse 10, groups {groups}, penalise tokens" for groups in (2, 5)}


def test_a_leaderboard_has_every_run_under_its_data_set_the_best_first(tmp_path: Path) -> None:
    films = {"dataset": "films-2hop"}
    write_run(tmp_path / "a" / "worse", RECORDS, {**films, "title": "worse"})
    write_run(tmp_path / "a" / "best", [record("q1")], {**films, "title": "best", "n": 2})
    write_run(tmp_path / "b", RECORDS, {"dataset": "films-10hop"}, packed=True)
    published = {"source": "RoG | ICLR", "values": {"Hits@1": 85.7, "Accuracy": 70}, "note": "other graph"}
    write_run(tmp_path / "c", RECORDS, {**films, "title": "third", "published": published})
    table = leaderboard(tmp_path)
    assert list(table["dataset"].unique()) == ["films-2hop", "films-10hop"]
    measured = table[~table["published"]]
    assert list(measured[measured["board"] == 0]["run"]) == ["best", "third", "worse"]
    lines = leaderboard_markdown(table).splitlines()
    theirs = next(line for line in lines if "RoG" in line)
    assert "RoG \\| ICLR †" in theirs
    assert "| 85.7 |  |  |" in theirs
    assert "Accuracy 70.0" in theirs
    assert any("best (not finished: 1 question missing)" in line for line in lines)
    assert len({line.replace("\\|", "").count("|") for line in lines if line.startswith("|")}) == 1


def test_a_leaderboard_links_the_pages_that_are_there_and_nothing_else(tmp_path: Path) -> None:
    for name in ("one", "two & <b>"):
        write_run(tmp_path / name, RECORDS)
    write_report(tmp_path / "two & <b>")
    page, _ = write_leaderboard(tmp_path)
    text = page.read_text("utf-8")
    assert 'href="two%20%26%20%3Cb%3E/report.html"' in text
    assert "one/report.html" not in text


def test_a_folder_without_runs_has_a_leaderboard_that_says_so(tmp_path: Path) -> None:
    page, table = write_leaderboard(tmp_path)
    assert table.empty
    assert "No run was found here." in page.read_text("utf-8")


def test_a_damaged_run_is_left_out_of_the_leaderboard(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("whole", "torn"):
        write_run(tmp_path / name, RECORDS, {"title": name})
    (tmp_path / "torn" / "run.json").write_text("{")
    assert list(leaderboard(tmp_path)["run"]) == ["whole"]
    assert "a run is left out" in caplog.text
    assert str(tmp_path / "torn" / "run.json") in caplog.text


def test_what_a_run_is_about_is_read_from_its_own_manifest(tmp_path: Path) -> None:
    published = {"source": "RoG", "values": {"Hits@1": 85.7}}
    about = {"title": "films", "dataset": "films-2hop", "part": "test", "published": published}
    Manifest("q", 1, "g", False, {"beams": 3}, {"about": about, "torch": "2"}).claim(tmp_path)
    run = read_run(tmp_path)
    assert (run.title, run.dataset, run.value("part"), run.value("torch")) == (
        "films",
        "films-2hop",
        "test",
        "2",
    )
    assert run.value("beams") == 3
    assert run.value("published") == published


def test_a_leaderboard_of_named_runs_has_those_and_typed_columns(tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        write_run(tmp_path / name, RECORDS, {"title": name, "dataset": "films"})
    table = leaderboard([tmp_path / "one", str(tmp_path / "two")])
    assert sorted(table["run"]) == ["one", "two"]
    assert table.dtypes.to_dict() == leaderboard([]).dtypes.to_dict()
    (score,) = set(table["hits_at_1"])
    assert score == pytest.approx(2 / 3)
    assert (table["hits_at_1_low"] < score).all()
    assert (table["hits_at_1_high"] > score).all()
