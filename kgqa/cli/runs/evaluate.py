"""kgqa eval: a whole question set, scored strictly."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from kgqa.cache_folder import cache_folder
from kgqa.cli.console import aligned, errors, output, print_json, status
from kgqa.cli.llm_report import in_words
from kgqa.cli.options import Assignments, Data, Json
from kgqa.cli.runs.method_output import note_plain, show_methods, show_published
from kgqa.cli.runs.run_progress import RunProgress
from kgqa.cli.settings_options import with_settings
from kgqa.counted import counted
from kgqa.errors import UsageError
from kgqa.evaluation import (
    MethodRuns,
    Report,
    RunPlan,
    RunRecipe,
    RunSettings,
    SeededRuns,
    chosen_methods,
    read_run_settings,
    with_seeds,
)
from kgqa.evaluation.methods.method_table import runs_to_json, write_method_table
from kgqa.evaluation.report import check_at_least
from kgqa.evaluation.running.run_settings import Published
from kgqa.graph import clean_name

__all__ = ["evaluate"]

SCORES = ("hits_at_1", "hit", "f1", "precision", "recall", "denotation", "faithful")
MOST_GRAPHS = 20
"""Scores by graph are printed for up to so many; the report has them all."""


@with_settings(RunSettings)
def evaluate(
    run_file: Annotated[
        Path | None, typer.Argument(metavar="[RUN.toml]", help="A run file; options override it.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Folder for the records; a run in it is resumed [default: runs/RUN for RUN.toml].",
        ),
    ] = None,
    assignments: Assignments = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            "--method",
            metavar="NAME",
            help="A published method, whose settings stand below all others: kgqa, gcr, dog, rog, tog, ksl. "
            "Repeatable, or all of them with all: each in its own folder of --out, then one table.",
        ),
    ] = None,
    table: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the table of the methods, as Markdown, and as JSON beside it."
        ),
    ] = None,
    seeds: Annotated[
        int | None,
        typer.Option(
            min=1,
            metavar="N",
            help="Repeat the run with N seeds of a decoder that draws at random, in folders seed-0, seed-1 "
            "and so on of --out; scores get a mean and a standard deviation.",
        ),
    ] = None,
    workers: Annotated[
        int, typer.Option(min=1, metavar="N", help="Number of processes, each with its own model.")
    ] = 1,
    ray: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS", help="Run the workers on the Ray cluster at this address; local: start one."
        ),
    ] = None,
    data: Data = None,
    cache: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Cache folder, for indexes, decoded chains and LLM replies [KGQA_CACHE]."
        ),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Use no cache; keep only the records.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print the plan, the ceiling, the expected time and cost.")
    ] = False,
    at_least: Annotated[
        list[str] | None,
        typer.Option(
            "--at-least",
            metavar="SCORE=PERCENT",
            help="Exit with 1 where a score is lower, such as hits_at_1=95; repeatable.",
        ),
    ] = None,
    as_json: Json = False,
    *,
    given: Mapping[str, Any],
) -> None:
    """Answer every question of a set and score the answers; runs are resumable.

    Scores are strict: names must be equal (after folding Unicode, case and white space), numbers within
    0.5 %, dates and yes or no by value, and every question counts. `denotation` is the share of questions
    whose set of answers is the gold set; a question counts under each of its operators. The same command
    resumes a stopped run, and the records are identical apart from timings. Decoded chains are cached, so a
    run with another aggregator takes seconds.

    Questions that name one of several graphs are asked of that: of the data set's, or of a file in the folder
    that --graph names.

    Examples:

      kgqa eval eval/runs/kgqa-2026-vote-atlas.toml --set aggregate.share=0.3

      kgqa eval --questions metaqa-2hop --part test --sample 1000 --workers 2 --out runs/metaqa-2hop

      kgqa eval --graph films --questions questions_2hop.jsonl.gz --out runs/films

      kgqa eval --questions geoquery --part dev --out runs/geoquery

      kgqa eval --questions ours.jsonl --graph films --out runs/ci --at-least hits_at_1=95

      kgqa eval --questions spider --graph my-graphs/ --out runs/spider

      kgqa eval --questions atlas --search sample --seeds 5 --out runs/sampled

      kgqa eval --questions atlas --llm NAME --max-cost 2 --out runs/atlas-llm

      kgqa eval --questions atlas --part test --method all --model DIR --llm DIR --out runs/methods

      kgqa eval --questions RoG-webqsp-test.parquet --out runs/webqsp --limit 100 --json
    """
    least = dict(map(_bound, at_least or ()))
    methods = chosen_methods(method or [])
    several = len(methods) > 1 or table is not None
    if several and (seeds is not None or dry_run or at_least):
        raise UsageError("--seeds, --dry-run and --at-least are for one method; name one, without --table")
    if table is not None and not methods:
        raise UsageError("--table is a table of methods; name some with --method, such as --method all")
    if table is not None and table.suffix == ".json":
        raise UsageError(f"--table {table}: name the Markdown file; the JSON is written beside it")

    def read(name: str | None) -> RunSettings:
        return read_run_settings(run_file, given, assignments or [], name, shared=several)

    settings = read(methods[0] if methods else None)
    if out is None:
        if run_file is None:
            raise UsageError("name the folder for the records with --out DIR")
        out = Path("runs") / run_file.stem
    kept = None if no_cache else cache or cache_folder()
    if several:
        runs = MethodRuns.go(
            methods,
            out,
            lambda name: RunRecipe.of(read(name), data, kept),
            lambda one, folder: _run(one, folder, workers, ray),
        )
        if table is not None:
            write_method_table(runs, table)
        print_json(runs_to_json(runs)) if as_json else show_methods(runs, out)
        return
    recipe = RunRecipe.of(settings, data, kept)
    by_seed = {} if seeds is None else with_seeds(recipe.settings, seeds)
    if dry_run:
        plan = RunPlan.of(recipe, out, workers, status)
        if by_seed:
            errors.print(f"note: this is the plan of one of {len(by_seed)} runs", markup=False)
        print_json(plan.to_json()) if as_json else output.print(str(plan), markup=False)
        return
    if by_seed:
        recipes = {seed: RunRecipe.of(one, data, kept) for seed, one in by_seed.items()}
        found = SeededRuns(
            {seed: _run(one, out / f"seed-{seed}", workers, ray) for seed, one in recipes.items()}
        )
        print_json(found.to_json()) if as_json else _show_seeds(found, out)
        check_at_least(found.mean, least)
        return
    report = _run(recipe, out, workers, ray)
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, out)
        _compare(settings.published)
        if settings.method is not None:
            show_published([settings.method])
    check_at_least(asdict(report.totals), least)


def _bound(text: str) -> tuple[str, float]:
    """A score and the percentage that it must have. Raises `UsageError`."""
    score, _, percent = text.partition("=")
    if score not in SCORES:
        raise UsageError(f"--at-least {text}: a score is one of {', '.join(SCORES)}")
    try:
        found = float(percent)
    except ValueError:
        found = math.nan
    if not 0 <= found <= 100:
        raise UsageError(f"--at-least {text}: {percent!r} is no percentage")
    return score, found


def _run(recipe: RunRecipe, out: Path, workers: int, ray: str | None) -> Report:
    recipe.check()
    note_plain(recipe.settings)
    if recipe.takes_default_graph:
        errors.print("note: no graph was named; the questions are asked of the atlas", markup=False)
    run = recipe.run(
        out,
        workers=workers,
        warn=lambda change: errors.print(f"note: the run is resumed, but {change}", markup=False),
    )
    with RunProgress() as progress:
        return run.go(recipe.executor(workers, ray), progress.count, progress.begin)


def _compare(published: Published | None) -> None:
    """What the run file says was published."""
    if published is not None:
        values = ", ".join(f"{name} {value:g}" for name, value in published.values.items())
        note = f"; {published.note}" if published.note else ""
        output.print(f"published: {values} ({published.source}){note}", markup=False)


def _show_seeds(found: SeededRuns, out: Path) -> None:
    rows = {f"seed {seed}": asdict(report.totals) for seed, report in found.reports.items()}
    rows |= {"mean": found.mean, "deviation": found.deviation}
    table = [["", *SCORES, "seconds"]]
    for title, values in rows.items():
        shares = [f"{100 * values[name]:.1f}" for name in SCORES]
        table.append([title, *shares, f"{values['seconds']:.1f}"])
    output.print(aligned(table), markup=False, soft_wrap=True)
    output.print(f"records in {out}/seed-*/records.jsonl", markup=False)


def _show(report: Report, out: Path) -> None:
    names = ("n", *SCORES, "seconds")
    rows = [("all", report.totals)]
    if len(report.by_hops) > 1:
        rows += [(counted(hops, "hop"), totals) for hops, totals in report.by_hops.items()]
    if len(report.by_answer_type) > 1:
        rows += [(f"answer: {name}", totals) for name, totals in report.by_answer_type.items()]
    rows += [(clean_name(name), totals) for name, totals in report.by_operator.items()]
    if 1 < len(report.by_graph) <= MOST_GRAPHS:
        rows += [(f"graph: {clean_name(name)}", totals) for name, totals in report.by_graph.items()]
    table = [["questions", *names]]
    for title, totals in rows:
        values = asdict(totals)
        shares = [f"{100 * values[name]:.1f}" for name in names[1:-1]]
        table.append([title, str(totals.n), *shares, f"{totals.seconds:.1f}"])
    output.print(aligned(table), markup=False, soft_wrap=True)
    counts = ", ".join(f"{count} {name}" for name, count in report.by_status.items() if count)
    if report.calibration_error is not None:
        counts += f"; calibration error {report.calibration_error:.3f}"
    if report.usage is not None:
        counts += f"; LLM: {in_words(report.usage)}"
    output.print(f"{counts}; records in {out}/records.jsonl", markup=False)
