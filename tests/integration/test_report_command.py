"""kgqa report and kgqa leaderboard: what they write, what they say, and what they refuse."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from unit.report.made_runs import record, write_run, wrong

from kgqa.cli import main
from scripts.readme_table import main as readme_table

ROOT = Path(__file__).parents[2]
RUN = [record("q1"), wrong("q2")]


def test_every_run_named_gets_its_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [write_run(tmp_path / name, RUN) for name in ("one", "two")]
    assert main(["report", *map(str, runs)]) == 0
    pages = capsys.readouterr().out.split()
    assert pages == [str(run / "report.html") for run in runs]
    assert all(Path(page).read_text("utf-8").startswith("<!doctype html>") for page in pages)


def test_an_exported_run_is_found_by_the_leaderboard(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(tmp_path / "run", RUN)
    kept = tmp_path / "results" / "films"
    assert main(["report", str(run), "--export", str(kept), "--title", "Films, test", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"pages": [str(kept / "report.html")]}
    assert main(["leaderboard", str(tmp_path / "results"), "--json"]) == 0
    page = str(tmp_path / "results" / "leaderboard.html")
    assert json.loads(capsys.readouterr().out) == {"page": page, "runs": {"Films, test": 1}}
    assert 'href="films/report.html"' in Path(page).read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["report", "missing"], 1, "not the folder of a run"),
        (["report", "one", "two", "--export", "kept"], 2, "--export takes one run, not 2"),
        (["report", "one", "--title", "x"], 2, "--title needs --export"),
        (["leaderboard", "missing"], 1, "no such folder"),
        (["leaderboard", "."], 1, "holds no runs"),
    ],
)
def test_what_makes_no_sense_is_said_in_one_line(
    arguments: list[str], code: int, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two") if arguments[-1] != "." else ():
        write_run(tmp_path / name, RUN)
    assert main(arguments) == code
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


def test_the_table_in_the_readme_is_rewritten_between_its_markers(tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "films", [*RUN, record("q3")], {"title": "Films | test"})
    readme = tmp_path / "README.md"
    readme.write_text(
        "before\n<!-- results: scripts/readme_table.py -->\nold\n<!-- end of results -->\nafter\n"
    )

    def run(*options: str) -> int:
        return readme_table(["--readme", str(readme), "--results", str(tmp_path / "results"), *options])

    assert run("--check") == 1
    assert run() == 0
    assert run("--check") == 0
    text = readme.read_text("utf-8")
    assert text.startswith("before\n") and text.endswith("after\n")  # noqa: PT018
    assert "| Films \\| test | 3 | 66.7 | 0.0–100.0 | 66.7 | 66.7 | 100.0 | 50 |" in text
    assert "old" not in text
    write_run(tmp_path / "results" / "films", RUN, {"title": "Films | test"})
    assert run("--check") == 1


def test_a_run_that_is_not_finished_gets_no_row_in_the_readme(tmp_path: Path) -> None:
    write_run(tmp_path / "results" / "films", RUN, {"n": 9, "title": "Films"})
    (tmp_path / "README.md").write_text("")
    table = [
        sys.executable,
        str(ROOT / "scripts" / "readme_table.py"),
        "--readme",
        str(tmp_path / "README.md"),
    ]
    table += ["--results", str(tmp_path / "results")]
    done = subprocess.run(table, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "not finished: Films" in done.stderr
