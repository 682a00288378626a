"""kgqa review: people judge the answers of a run."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from kgqa.cache_folder import cache_folder
from kgqa.cli.console import aligned, errors, output, print_json, status
from kgqa.cli.options import Data, Json
from kgqa.counted import counted
from kgqa.errors import DataError, UsageError
from kgqa.evaluation import Record, RunRecipe, recorded_run
from kgqa.graph import IndexedGraph, clean_name
from kgqa.review import Judgement, ReviewFile, ReviewSummary, Verdict, accepted_questions, named, waiting

__all__ = ["review"]

KEYS = {
    "a": Verdict.ACCEPT,
    "r": Verdict.REJECT,
    "l": Verdict.WRONG_LINK,
    "w": Verdict.WRONG_RELATION,
    "m": Verdict.MISSING_FACT,
}
SKIP, QUIT = "s", "q"
HELP = "a accept, l wrong link, w wrong relation, m missing fact, r reject; a note may follow; s skip, q quit"
SHOWN = 10
"""Answers of a question that are shown."""


def review(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    reviewer: Annotated[
        str | None, typer.Option(metavar="NAME", help="Who judges [default: the user's name].")
    ] = None,
    summary: Annotated[
        bool, typer.Option("--summary", help="Only show the verdicts so far, and how far reviewers agree.")
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the accepted questions with answers and chains, for kgqa eval and kgqa train.",
        ),
    ] = None,
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Judge the answers of a run one by one, the least confident first.

    Shows each question with its answers and their best chain; a key and Enter is the verdict, and a note may
    follow it ("l the other Paris"). Verdicts are kept in reviews.jsonl in the folder of the run, so that
    you can stop and go on, and several people can review one run.

    Examples:

      kgqa review runs/films

      kgqa review runs/films --reviewer Ann

      kgqa review runs/films --summary

      kgqa review runs/films --export accepted.jsonl
    """
    settings, records = recorded_run(run)
    if not records:
        raise DataError(f"{run}: the run has no records")
    recipe = RunRecipe.of(settings, data, cache_folder())
    if recipe.has_several_graphs or recipe.asks_endpoint:
        raise UsageError(
            f"{run}: its questions have no graph in common that is here, so their chains have no names"
        )
    file = ReviewFile(run)
    if not (summary or export):
        reviewer = (reviewer or "").strip() or _user()
        with status("opening the graph"):
            graph = recipe.graph
        _judge(file, records, graph, reviewer)
    if export is not None:
        rows = list(accepted_questions(records, file.latest(), recipe.graph))
        try:
            export.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
        except OSError as error:
            raise DataError(f"{export}: cannot be written ({error.strerror})") from error
        errors.print(f"{export}: {counted(len(rows), 'accepted question')}", markup=False)
    _summarise(file, len(records), as_json)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, ImportError, OSError) as error:  # as in a container whose user has no name
        raise UsageError("the user has no name here; give one with --reviewer") from error


def _judge(file: ReviewFile, records: dict[str, Record], graph: IndexedGraph, reviewer: str) -> None:
    left = waiting(records.values(), file.latest(), reviewer)
    errors.print(f"{counted(len(left), 'answer')} to judge as {clean_name(reviewer)}; {HELP}", markup=False)
    lines = _lines()
    for number, record in enumerate(left, 1):
        output.print(f"\n{number} of {len(left)}: {clean_name(record.question)}", style="bold", markup=False)
        _show(record, graph)
        verdict, note = _verdict(lines)
        if verdict == QUIT:
            return
        if isinstance(verdict, Verdict):
            file.add([Judgement.of(record, verdict, reviewer, note)])


def _verdict(lines: Iterator[str]) -> tuple[Verdict | str, str]:
    """The next verdict that is typed, with its note; the end of input is `QUIT`."""
    for line in lines:
        key, _, note = line.strip().partition(" ")
        if key.lower() in KEYS:
            return KEYS[key.lower()], note.strip()
        if key.lower() in (SKIP, QUIT):
            return key.lower(), ""
        errors.print(HELP, markup=False)
    return QUIT, ""


def _lines() -> Iterator[str]:
    while True:
        if sys.stdin.isatty():
            print("verdict> ", end="", file=sys.stderr, flush=True)
        line = sys.stdin.readline()
        if not line:
            return
        yield line


def _show(record: Record, graph: IndexedGraph) -> None:
    sure = "" if record.confidence is None else f"  (confidence {record.confidence:.2f})"
    more = f" and {len(record.answers) - SHOWN} more" if len(record.answers) > SHOWN else ""
    output.print(f"  {', '.join(map(clean_name, record.answers[:SHOWN]))}{more}{sure}", markup=False)
    for triple in record.chains[0] if record.chains and record.proof is None else ():
        output.print(f"    {' -> '.join(map(clean_name, named(triple, graph)))}", markup=False)
    for line in record.proof_text.splitlines():
        output.print(f"    {clean_name(line)}", markup=False)


def _summarise(file: ReviewFile, questions: int, as_json: bool) -> None:
    summary = ReviewSummary.of(questions, file.latest())
    if as_json:
        print_json(summary.to_dict())
        return
    table = [["reviewer", *Verdict]]
    for name, counts in summary.by_reviewer.items():
        table.append([clean_name(name), *(str(counts.get(verdict, 0)) for verdict in Verdict)])
    output.print(f"{summary.judged} of {counted(questions, 'question')} judged", markup=False)
    if summary.by_reviewer:
        output.print(aligned(table), markup=False)
    for pair in summary.agreement:
        kappa = "chance alone agrees" if pair.kappa is None else f"kappa {pair.kappa:.2f}"
        both = " and ".join(map(clean_name, pair.reviewers))
        output.print(f"{both} agree on {pair.same} of {pair.questions}; {kappa}", markup=False)
