"""Measure the shipped model on everything it was not trained on: about ten minutes on two cores.

Makes the runs of eval/runs/kgqa-*.toml; each is kept under eval/results with its report, and
scripts/readme_table.py makes the table in the README of them. A run that is there already is made again.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from kgqa.evaluation import read_run_file

ROOT = Path(__file__).parents[1]
RUNS = ROOT / "eval" / "runs"
RESULTS = ROOT / "eval" / "results"


def measure(run: Path, data: Path | None, results: Path, limit: int | None) -> None:
    """Make one run and export it, with its report, to its folder under `results`."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [
            "eval",
            str(run),
            "--out",
            folder,
            "--no-cache",
            *(["--data", str(data)] if data else []),
        ]
        command([*arguments, "--limit", str(limit)] if limit else arguments)
        made = results / run.stem.removeprefix("kgqa-2026-")
        shutil.rmtree(made, ignore_errors=True)
        title = read_run_file(run).title
        command(["report", folder, "--export", str(made), "--title", title])


def command(arguments: list[str]) -> None:
    """Run a command of kgqa, and stop when it fails."""
    if code := subprocess.run([sys.executable, "-m", "kgqa", *arguments], check=False).returncode:
        raise SystemExit(code)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="the benchmark data [default: as in kgqa eval]")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the runs are kept")
    parser.add_argument("--limit", type=int, help="only the first N questions of each set")
    parser.add_argument(
        "--only", nargs="*", metavar="NAME", help="only run files with one of these in their name"
    )
    options = parser.parse_args()
    for run in sorted(RUNS.glob("kgqa-*.toml")):
        if not options.only or any(name in run.stem for name in options.only):
            print(run.name, flush=True)
            measure(run, options.data, options.results, options.limit)
    command(["leaderboard", str(options.results)])
