"""kgqa compare: the difference of two runs, and whether it is noise."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgqa.cli.console import aligned, errors, output, print_json
from kgqa.cli.options import Json
from kgqa.cli.runs.score import NAMES
from kgqa.counted import counted
from kgqa.evaluation import Comparison, corrected
from kgqa.graph import clean_name

__all__ = ["compare"]


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="The folder of a run, or predictions.")],
    others: Annotated[list[Path], typer.Argument(metavar="B...", help="Other runs over the same questions.")],
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", help=f"The definition that scores both: {NAMES}.")
    ] = "strict",
    gold: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Questions with gold answers, if the files have none.")
    ] = None,
    common: Annotated[bool, typer.Option("--common", help="Compare the questions that both have.")] = False,
    show: Annotated[
        int, typer.Option(metavar="N", min=0, help="For each metric, show N questions won and N lost.")
    ] = 0,
    seed: Annotated[int, typer.Option(help="Seed of the resampling.")] = 0,
    as_json: Json = False,
) -> None:
    """Compare two runs question by question, and say whether the difference is noise.

    For each metric: both totals, the difference B - A with a paired bootstrap interval, the p-value
    of a paired permutation test (exact where it can be; McNemar's on Hits@1), and the questions that B
    wins and loses. With several B the p-values are corrected for their number (Holm), for each metric on its
    own. Runs over different questions are refused, unless --common. Files are as for `kgqa score`.

    Examples:

      kgqa compare runs/beam runs/best-first

      kgqa compare runs/beam runs/diverse runs/sample runs/best-first

      kgqa compare runs/old runs/new --common --show 10

      kgqa compare rog/predictions.jsonl gnn-rag/predictions.jsonl --as rog
    """
    found = corrected(
        [
            Comparison.read(first, other, definition=name, gold=gold, common=common, seed=seed)
            for other in others
        ]
    )
    unfinished = [(first, found[0].unfinished[0])]
    unfinished += [(other, one.unfinished[1]) for other, one in zip(others, found, strict=True)]
    for file, left in unfinished:
        if left:
            told = counted(left, "question has", "questions have")
            errors.print(f"note: {file} is not finished: {told} no record yet", markup=False)
    if as_json:
        said = {"a": str(first), "definition": name}
        runs = [{"b": str(other), **one.to_json()} for other, one in zip(others, found, strict=True)]
        print_json(said | (runs[0] if len(runs) == 1 else {"correction": "holm", "runs": runs}))
        return
    for other, one in zip(others, found, strict=True):
        if len(found) > 1:
            output.print(f"A = {first}, B = {other}", markup=False)
        _show(one, name, show)
    if len(found) > 1:
        output.print(f"p-values are corrected for {len(found)} comparisons (Holm)", markup=False)


def _show(comparison: Comparison, name: str, show: int) -> None:
    rows = [[f"{name}, n = {comparison.n:,}", "A", "B", "B - A", "95 %", "", "won", "lost"]]
    for found in comparison.differences:
        low, high = (100 * bound for bound in found.interval[:2])
        values = [f"{100 * value:.1f}" for value in (found.first, found.second)]
        figures = [f"{100 * found.difference:+.1f}", f"{low:+.1f} to {high:+.1f}", found.p.describe()]
        rows.append([found.metric, *values, *figures, f"{len(found.won):,}", f"{len(found.lost):,}"])
    output.print(aligned(rows), markup=False)
    if comparison.mcnemar is not None:
        output.print(f"McNemar's exact test on Hits@1: {comparison.mcnemar.describe()}", markup=False)
    for found in comparison.differences:
        output.print(found.describe(), markup=False)
    for found in comparison.differences if show else ():
        for which, ids in (("won", found.won), ("lost", found.lost)):
            listed = ", ".join(map(clean_name, ids[:show])) or "none"
            output.print(f"{found.metric} {which}: {listed}", markup=False)
