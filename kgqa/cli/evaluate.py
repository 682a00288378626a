"""kgqa eval: a whole question set, scored strictly."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kgqa.cache_folder import cache_folder
from kgqa.cli.aggregator_option import (
    AggregateOption,
    ClosedBook,
    Contrasting,
    EvidenceTokens,
    FallBack,
    ReasonOption,
)
from kgqa.cli.console import errors, output, print_json
from kgqa.cli.decoder_option import SearchOption
from kgqa.cli.llm_option import (
    BaseUrl,
    Llm,
    LlmConcurrency,
    LlmConfig,
    LlmTimeout,
    MaxCost,
    MaxSeconds,
)
from kgqa.cli.options import (
    AllowReturn,
    AnswerType,
    Beams,
    Device,
    Dtype,
    Grammar,
    Graph,
    Hops,
    Inverse,
    Json,
    Model,
    MustUse,
    OnlyRelation,
    Without,
)
from kgqa.cli.run_option import run_folder, run_settings
from kgqa.cli.run_plan import RunPlan
from kgqa.cli.run_progress import RunProgress
from kgqa.cli.run_recipe import RunRecipe
from kgqa.cli.testimony import in_words
from kgqa.datasets import Part
from kgqa.errors import DataError, UsageError
from kgqa.evaluation import Report, Run
from kgqa.evaluation.crew import Alone, Crew
from kgqa.evaluation.run_settings import Published
from kgqa.evaluation.staff import Staff

__all__ = ["evaluate"]


def evaluate(
    context: typer.Context,
    run_file: Annotated[
        Path | None, typer.Argument(metavar="[RUN.toml]", help="A run file; options go before what it says.")
    ] = None,
    questions: Annotated[
        str | None,
        typer.Option(metavar="FILE_OR_NAME", help="JSONL or parquet, or a set that `kgqa data` lists."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where the records go; resumes a run there [default: runs/RUN for RUN.toml]."
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting as in a run file; repeatable."),
    ] = None,
    graph: Graph = None,
    part: Annotated[
        Part | None, typer.Option("--part", help="Only this part of the set, or of a fixed split by id.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only N questions, drawn with --seed.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N questions.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of --sample, and of decoders that draw at random.")] = 0,
    model: Model = None,
    grammar: Grammar = "relations",
    search: SearchOption = "beam",
    beams: Beams = 10,
    hops: Hops = 3,
    inverse: Inverse = True,
    allow_return: AllowReturn = False,
    link: Annotated[
        bool, typer.Option("--link", help="Find topics in the questions, whatever the file names.")
    ] = False,
    seconds: Annotated[
        float | None, typer.Option(metavar="S", help="Give up on a question after S seconds.")
    ] = None,
    share: Annotated[
        float | None, typer.Option(help="Answers come from chains with this share of the best one's weight.")
    ] = None,
    together: Annotated[
        int,
        typer.Option(min=1, help="Questions answered at once: faster; a run that is killed asks them again."),
    ] = 8,
    without: Without = None,
    only_relation: OnlyRelation = None,
    must_use: MustUse = None,
    answer_type: AnswerType = None,
    llm: Llm = None,
    aggregate: AggregateOption = None,
    closed_book: ClosedBook = False,
    fall_back: FallBack = False,
    contrast: Contrasting = False,
    evidence_tokens: EvidenceTokens = 3_000,
    reason: ReasonOption = "model",
    base_url: BaseUrl = None,
    llm_config: LlmConfig = None,
    max_cost: MaxCost = None,
    max_seconds: MaxSeconds = None,
    llm_timeout: LlmTimeout = None,
    llm_concurrency: LlmConcurrency = None,
    device: Device = "auto",
    dtype: Dtype = "auto",
    workers: Annotated[
        int, typer.Option(min=1, metavar="N", help="Processes that answer, each with a model of its own.")
    ] = 1,
    ray: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Workers are actors of a Ray cluster; local: of a new one."),
    ] = None,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Where data sets are [KGQA_DATA].")] = None,
    cache: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where graphs and stages are kept [KGQA_CACHE].")
    ] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Keep nothing but the records.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and how long.")] = False,
    as_json: Json = False,
) -> None:
    """Answer every question of a set, keep a record of each, and score them strictly.

    Every question counts, also those without an answer. DIR/records.jsonl has one record a
    question; a run that was stopped goes on where it was when it is started again. Questions in
    RoG's form bring a graph each and need no --graph. What was decoded is kept: a run that differs
    only in how answers are made of chains does only that.

    Examples:

      kgqa eval eval/runs/kgqa-2026-vote-atlas.toml --set aggregate.share=0.3

      kgqa eval --questions metaqa-2hop --part test --sample 1000 --workers 2 --out runs/metaqa-2hop

      kgqa eval --graph films --questions questions_2hop.jsonl.gz --out runs/films

      kgqa eval --questions atlas --llm NAME --max-cost 2 --out runs/atlas-llm

      kgqa eval --questions RoG-webqsp-test.parquet --out runs/webqsp --limit 100 --json
    """
    settings = run_settings(context, run_file, assignments or [])
    out = out or run_folder(run_file)
    recipe = RunRecipe.settled(settings, data, None if no_cache else cache or cache_folder())
    if (workers > 1 or ray is not None) and settings.llm.max_cost is not None:
        raise UsageError("--max-cost counts in one process; leave --workers and --ray out")
    if dry_run:
        plan = RunPlan.of(recipe, out, workers)
        print_json(plan.to_json()) if as_json else output.print(str(plan), markup=False)
        return
    report = _run(recipe, out, workers, ray)
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, out)
        _compare(settings.published)


def _run(recipe: RunRecipe, out: Path, workers: int, ray: str | None) -> Report:
    settings = recipe.settings
    run = Run(
        recipe.questions,
        recipe.graph.checksum,
        out,
        settings.link,
        recipe.decides,
        settings.together,
        about={"workers": workers, **settings.about},
        warn=lambda change: errors.print(f"note: the run goes on, but {change}", markup=False),
    )
    recipe.check()
    if not any(True for _ in recipe.questions):
        raise DataError(f"{settings.dataset}: holds no questions (of this part)")
    with RunProgress() as progress:
        return run.go(_crew(recipe, workers, ray), progress.count, progress.begin)


def _crew(recipe: RunRecipe, workers: int, ray: str | None) -> Crew:
    if ray is not None:
        from kgqa.evaluation.ray_worker import Actors

        return Staff(Actors(recipe, workers, ray), workers)
    if workers > 1:
        from kgqa.evaluation.process_worker import Processes

        return Staff(Processes(recipe, workers), workers)
    return Alone(recipe())


def _compare(published: Published | None) -> None:
    """What the run file says was published."""
    if published is not None:
        values = ", ".join(f"{name} {value:g}" for name, value in published.values.items())
        note = f"; {published.note}" if published.note else ""
        output.print(f"published: {values} ({published.source}){note}", markup=False)


def _show(report: Report, out: Path) -> None:
    names = ("n", "hits_at_1", "hit", "f1", "precision", "recall", "faithful", "seconds")
    table = Table("questions", *names, box=None, pad_edge=False)
    rows = [("all", report.totals)]
    if len(report.by_hops) > 1:
        rows += [(f"{hops} hops", totals) for hops, totals in report.by_hops.items()]
    for title, totals in rows:
        values = asdict(totals)
        shares = [f"{100 * values[name]:.1f}" for name in names[1:-1]]
        table.add_row(title, str(totals.n), *shares, f"{totals.seconds:.1f}")
    output.print(table)
    counts = ", ".join(f"{count} {name}" for name, count in report.by_status.items() if count)
    if report.calibration_error is not None:
        counts += f"; calibration error {report.calibration_error:.3f}"
    if report.usage is not None:
        counts += f"; LLM: {in_words(report.usage)}"
    output.print(f"{counts}; records in {out}/records.jsonl", markup=False)
