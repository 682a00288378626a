"""What a run tells of the disk that it is on: nothing."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.report.made_runs import write_run, wrong

from kgqa.service import RunCatalogue

PARTS = st.text("abcdefghijklmnopqrstuvwxyzäé0123456789_-.", min_size=3, max_size=12).filter(
    lambda part: part.strip(".")
)


def told_error(error: str) -> str:
    """The error of a record as a run tells it."""
    with tempfile.TemporaryDirectory() as folder:
        write_run(Path(folder) / "run", [wrong("q1", error=error)])
        (run,) = RunCatalogue(folder).all()
        return str(run.records(0, 1)["records"][0]["error"])


@given(parts=st.lists(PARTS, min_size=2, max_size=5), name=PARTS, quote=st.sampled_from(["", "'", '"']))
def test_only_the_last_part_of_a_path_in_an_error_is_told(parts: list[str], name: str, quote: str) -> None:
    folder = "/" + "/".join(f"dir{part}" for part in parts)
    told = told_error(f"cannot read {quote}{folder}/{name}{quote}: gone")
    assert told == f"cannot read {quote}{name}{quote}: gone"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("/home/ann/films: broken", "films: broken"),
        ("C:\\Users\\ann\\films.json: broken", "films.json: broken"),
        ("http://example.org/a/b does not answer", "http://example.org/a/b does not answer"),
        ("3/4 of the facts, km/h and/or miles", "3/4 of the facts, km/h and/or miles"),
        ("", ""),
    ],
)
def test_what_is_no_path_stays(error: str, told: str) -> None:
    assert told_error(error) == told


def test_settings_that_are_paths_are_told_by_their_last_part(tmp_path: Path) -> None:
    about = {
        "dataset": f"{tmp_path}/ours.jsonl",
        "graph": "../films",
        "model": "org/model",
        "nested": [{"x": f"{tmp_path}/y"}],
    }
    write_run(tmp_path / "run", [wrong("q1")], {"describes": {"about": about}})
    (run,) = RunCatalogue(tmp_path).all()
    page = run.report(None)
    assert str(tmp_path.parent) not in page
    assert "org/model" in page
    assert "ours.jsonl" in page


def test_runs_within_runs_are_not_looked_for(tmp_path: Path) -> None:
    write_run(tmp_path / "a" / "b", [wrong("q1")])
    write_run(tmp_path / "a" / "b" / "c", [wrong("q1")])
    write_run(tmp_path / "d", [wrong("q1")])
    assert [run.name for run in RunCatalogue(tmp_path).all()] == ["a~b", "d"]
