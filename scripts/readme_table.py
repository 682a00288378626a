"""Write the table of results in the README from the runs under eval/results, or see whether it is theirs.

A run gets there by `kgqa report RUN --export eval/results/NAME --title TITLE`; its row is called TITLE.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

from kgqa.report import Score, find_runs, leaderboard
from kgqa.report.number_text import interval, percent
from kgqa.report.tables import markdown_table

ROOT = Path(__file__).parents[1]
BEGIN, END = "<!-- results: scripts/readme_table.py -->\n", "<!-- end of results -->\n"
COLUMNS = ("questions", "n", "Hits@1", "95 %", "Hit", "F1", "faithful", "ms")


def table(results: Path) -> str:
    """A row for every run below a folder, by data set; shares in percent, milliseconds a question."""
    runs = leaderboard(results)
    runs = runs[~runs["published"]]
    if runs.empty:
        raise SystemExit(f"{results}: no run is there")
    if unfinished := list(runs[runs["missing"] > 0]["run"]):
        raise SystemExit(f"{results}: not finished: {', '.join(unfinished)}")
    return markdown_table(COLUMNS, [_cells(row) for row in runs.to_dict("records")]) + "\n"


def _cells(row: Mapping[Hashable, Any]) -> list[str]:
    return [
        row["run"],
        str(row["n"]),
        percent(row["hits_at_1"]),
        interval(Score(row["hits_at_1"], row["hits_at_1_low"], row["hits_at_1_high"])),
        percent(row["hit"]),
        percent(row["f1"]),
        percent(row["faithful"]),
        f"{1000 * row['seconds']:.0f}",
    ]


def replaced(text: str, rows: str) -> str:
    """The text with the table between its two markers."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"the two lines {BEGIN.strip()} and {END.strip()} must be there, in this order")
    return f"{before}{begin}\n{rows}\n{end}{after}"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, default=ROOT / "eval" / "results", help="the runs")
    parser.add_argument("--readme", type=Path, default=ROOT / "README.md", help="the file with the table")
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 if it is another")
    options = parser.parse_args(arguments)
    there = options.readme.read_text("utf-8")
    made = replaced(there, table(options.results))
    if options.check:
        if made != there:
            print(f"{options.readme}: the results are not those of {options.results}", file=sys.stderr)
        return int(made != there)
    options.readme.write_text(made, "utf-8")
    print(f"{options.readme}: {len(find_runs(options.results))} runs")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
