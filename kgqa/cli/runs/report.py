"""kgqa report and kgqa leaderboard: runs as pages to look at."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgqa.cli.console import output, print_json, status
from kgqa.cli.options import Json, opened_graph
from kgqa.counted import counted
from kgqa.errors import DataError, UsageError
from kgqa.report import export_run, write_leaderboard, write_report

__all__ = ["leaderboard", "report"]


def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders that `kgqa eval` wrote.")],
    graph: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Index or file of the graph, to show names in place of identifiers."
        ),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Write a compact copy of the run and its report to DIR."),
    ] = None,
    title: Annotated[
        str | None, typer.Option(metavar="TEXT", help="With --export: the title of the run.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Write report.html, report.md and report.csv into the folder of each run.

    The page is one file that loads nothing from elsewhere: scores with intervals, by hops, gold
    answers, kind of question and outcome, calibration, times, the worst failures with their chains
    drawn, some successes. If records hold bare identifiers, --graph supplies the names.

    Examples:

      kgqa report runs/metaqa-2hop

      kgqa report runs/atlas --graph atlas --export eval/results/atlas --title "atlas, test"
    """
    if export is not None and len(runs) > 1:
        raise UsageError(f"--export takes one run, not {len(runs)}; export them one by one")
    if title is not None and export is None:
        raise UsageError("--title needs --export: the folder of the run itself is not changed")
    named = None if graph is None else opened_graph(graph)
    pages = []
    for run in runs:
        with status(f"reporting on {run}"):
            page = write_report(run, named) if export is None else export_run(run, export, title, named)
        pages.append(page)
    if as_json:
        print_json({"pages": [str(page) for page in pages]})
    else:
        output.print("\n".join(map(str, pages)), markup=False)


def leaderboard(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder with runs below it.")],
    as_json: Json = False,
) -> None:
    """Write leaderboard.html and leaderboard.md into a folder: all runs below it, by data set.

    Example:

      kgqa leaderboard eval/results
    """
    page, table = write_leaderboard(folder)
    runs = table[~table["published"]].groupby("board").agg(dataset=("dataset", "first"), n=("run", "size"))
    if runs.empty:
        raise DataError(f"{folder}: holds no runs to be read; name the folder above them")
    if as_json:
        print_json({"page": str(page), "runs": dict(zip(runs["dataset"], runs["n"].tolist(), strict=True))})
        return
    output.print(
        f"{page}: {counted(int(runs['n'].sum()), 'run')} on {counted(len(runs), 'data set')}", markup=False
    )
