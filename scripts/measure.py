"""Measure the shipped model on everything it was not trained on: about 15 minutes on two cores.

Writes eval/results/shipped-model.md, the table that the README shows. MetaQA is scored on its
held-back part (`--part test`), PathQuestion and the atlas on their test sets, WebQSP on its dev set.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from kgqa.cli import main

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
RESULTS = ROOT / "eval" / "results" / "shipped-model.md"


class Run(NamedTuple):
    """A row of the table: which graph, which questions, and further options of `kgqa eval`."""

    title: str
    graph: Path | None
    questions: Path
    options: tuple[str, ...] = ()


def runs(data: Path) -> list[Run]:
    metaqa = data / "metaqa"
    table = [
        Run(f"MetaQA {n}-hop, held back", metaqa / "kb.tsv.gz", metaqa / f"questions_{n}hop.jsonl.gz", part)
        for n in (1, 2, 3)
        for part in [("--part", "test")]
    ]
    for name, hops in (("pq2h", 2), ("pq3h", 3)):
        folder = data / "pathquestion" / name
        title = f"PathQuestion {hops}-hop, test (`--returns`)"
        returns = ("--returns",)  # its gold chains may come back to the topic, as its dev set shows
        table.append(Run(title, folder / "kb.tsv.gz", folder / "questions_test.jsonl.gz", returns))
    freebase = data / "freebase"
    table.append(Run("WebQSP, dev", freebase / "kb.tsv.gz", freebase / "webqsp_dev.jsonl.gz"))
    table.append(Run("WebQSP, 18 graphs in RoG's form", None, freebase / "webqsp_rog_format_18.jsonl.gz"))
    atlas = ROOT / "graphs" / "atlas" / "atlas.ttl", ROOT / "data" / "atlas" / "test.jsonl"
    table.append(Run("atlas, test", *atlas))
    table.append(Run("atlas, test, topics found in the text", *atlas, ("--link",)))
    return table


def measure(run: Run, folder: Path, limit: int | None) -> dict[str, Any]:
    """The scores of one run."""
    arguments = [
        "eval",
        "--questions",
        str(run.questions),
        "--out",
        str(folder / "run"),
        "--json",
        "--no-cache",  # times must be today's
        *run.options,
    ]
    if run.graph:
        assert main(["build", str(run.graph), "-o", str(folder / "graph"), "--json"]) == 0
        arguments += ["--graph", str(folder / "graph")]
    if limit:
        arguments += ["--limit", str(limit)]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = main(arguments)
    if code:
        raise SystemExit(code)
    scores: dict[str, Any] = json.loads(printed.getvalue())
    return scores


def table(limit: int | None, data: Path) -> str:
    """All rows as Markdown; shares in percent, time in milliseconds a question."""
    lines = [
        "| questions | n | Hits@1 | Hit | F1 | faithful | ms |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for run in runs(data):
        with tempfile.TemporaryDirectory() as folder:
            scores = measure(run, Path(folder), limit)
        shares = [f"{100 * scores[name]:.1f}" for name in ("hits_at_1", "hit", "f1", "faithful")]
        milliseconds = f"{1000 * scores['seconds'] / scores['n']:.0f}"
        lines.append(f"| {' | '.join([run.title, str(scores['n']), *shares, milliseconds])} |")
        print(lines[-1], flush=True)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=DATA, help="the benchmark data")
    parser.add_argument("--limit", type=int, help="only the first N questions of each set")
    options = parser.parse_args()
    text = table(options.limit, options.data)
    if options.limit is None:
        RESULTS.write_text(text, "utf-8")
