"""Measure the shipped model on everything it was not trained on: about 15 minutes on two cores.

Each run is kept under eval/results with its report; scripts/readme_table.py makes the table in the
README of them. MetaQA is scored on its held-back part (`--part test`), PathQuestion and the atlas on
their test sets, WebQSP on its dev set. A folder that holds another run is to be deleted first.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import NamedTuple

from kgqa.cli import main

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
RESULTS = ROOT / "eval" / "results"


class Run(NamedTuple):
    """A row of the table: its folder, which graph, which questions, and further options of `kgqa eval`."""

    name: str
    title: str
    graph: Path | None
    questions: Path
    options: tuple[str, ...] = ()


def runs(data: Path) -> list[Run]:
    metaqa, freebase = data / "metaqa", data / "freebase"
    table = []
    for hops in (1, 2, 3):
        questions = metaqa / f"questions_{hops}hop.jsonl.gz"
        title = f"MetaQA {hops}-hop, held back"
        table.append(Run(f"metaqa-{hops}hop", title, metaqa / "kb.tsv.gz", questions, ("--part", "test")))
    for hops in (2, 3):
        folder = data / "pathquestion" / f"pq{hops}h"
        title = f"PathQuestion {hops}-hop, test (--returns)"
        returns = ("--returns",)  # its gold chains may come back to the topic, as its dev set shows
        questions = folder / "questions_test.jsonl.gz"
        table.append(Run(f"pathquestion-{hops}hop", title, folder / "kb.tsv.gz", questions, returns))
    dev, rog = freebase / "webqsp_dev.jsonl.gz", freebase / "webqsp_rog_format_18.jsonl.gz"
    table.append(Run("webqsp-dev", "WebQSP, dev", freebase / "kb.tsv.gz", dev))
    table.append(Run("webqsp-rog", "WebQSP, 18 graphs in RoG's form", None, rog))
    atlas = ROOT / "graphs" / "atlas" / "atlas.ttl", ROOT / "data" / "atlas" / "test.jsonl"
    table.append(Run("atlas", "atlas, test", *atlas))
    table.append(Run("atlas-link", "atlas, test, topics found in the text", *atlas, ("--link",)))
    return table


def measure(run: Run, folder: Path, results: Path, limit: int | None) -> None:
    """Make one run and export it, with its report, to its folder under `results`."""
    arguments = ["eval", "--questions", str(run.questions), "--out", str(folder / "run"), "--no-cache"]
    arguments += run.options
    if run.graph:
        command(["build", str(run.graph), "-o", str(folder / "graph")])
        arguments += ["--graph", str(folder / "graph")]
    if limit:
        arguments += ["--limit", str(limit)]
    command(arguments)
    named = ["--graph", str(folder / "graph")] if run.graph else []
    export = ["--export", str(results / run.name), "--title", run.title]
    command(["report", str(folder / "run"), *export, *named])


def command(arguments: list[str]) -> None:
    if code := main(arguments):
        raise SystemExit(code)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the benchmark data")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where the runs are kept")
    parser.add_argument("--limit", type=int, help="only the first N questions of each set")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="only the runs of these names")
    options = parser.parse_args()
    for run in runs(options.data):
        if options.only is None or run.name in options.only:
            with tempfile.TemporaryDirectory() as temporary:
                measure(run, Path(temporary), options.results, options.limit)
    command(["leaderboard", str(options.results)])
