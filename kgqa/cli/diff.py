"""kgqa diff: what an edit of a graph changed, in its facts and in the answers of questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from kgqa.cache_folder import cache_folder
from kgqa.cli.console import counting, errors, output, print_json, status
from kgqa.cli.options import Data, Json, Junit, Markdown, Sarif, opened_graph
from kgqa.cli.settings_options import with_settings
from kgqa.diff import AnswerDiff, GraphDiff, ModelMemory, change_report, lines_of
from kgqa.errors import UsageError
from kgqa.evaluation import RunRecipe, RunSettings, recorded_run
from kgqa.evaluation.running.provenance import code_fingerprint
from kgqa.graph import IndexedGraph, is_endpoint, only_sources
from kgqa.lm import load_language_model
from kgqa.pipeline import described
from kgqa.pipeline.assembly import build_answerer
from kgqa.pipeline.settings import ASK_DEFAULTS
from kgqa.pipeline.settings_check import check_settings
from kgqa.pipeline.settings_table import SettingError
from kgqa.validation import FORMS

__all__ = ["diff"]

SETTINGS = (
    *("dataset", "part", "sample", "limit", "link", "batch_size", "model", "encoder", "reranker"),
    *("device", "dtype", "grammar", "hops", "inverse", "allow_return", "min_confidence", "check_form"),
    *("coverage", "coverage_action", "search.name", "search.beams", "filters.without"),
    *("filters.only_relation", "filters.only_source", "filters.must_use", "filters.answer_type"),
)


@with_settings(RunSettings, only=SETTINGS, defaults=ASK_DEFAULTS)
def diff(
    old: Annotated[str, typer.Argument(metavar="OLD", help="An index folder or a graph file.")],
    new: Annotated[
        str | None,
        typer.Argument(
            metavar="NEW",
            help="Another one [default: OLD as it is now; it is compared with OLD as it was built].",
        ),
    ] = None,
    run: Annotated[
        Path | None, typer.Option(metavar="RUN", help="Ask the questions of a run, with its settings.")
    ] = None,
    check: Annotated[
        int, typer.Option(min=0, metavar="N", help="Also ask N of the questions that need not be asked.")
    ] = 0,
    why: Annotated[
        bool, typer.Option("--why", help="Find the stage that lost an answer, as `kgqa why` does.")
    ] = False,
    most: Annotated[
        int, typer.Option("--most", min=0, metavar="N", help="List up to N facts and names of each kind.")
    ] = 10,
    junit: Junit = None,
    sarif: Sarif = None,
    markdown: Markdown = None,
    data: Data = None,
    cache: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Cache folder, for what the model said [KGQA_CACHE]."),
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Keep nothing of what the model said.")
    ] = False,
    as_json: Json = False,
    *,
    given: Mapping[str, Any],
) -> None:
    """Say what differs between two graphs: facts, names, and the answers of questions.

    With --questions or --run, each question is answered from both graphs. The model is asked about the new
    graph only where it needs to say something that it has not said before: where the change touched what the
    search looks at. Everything else is computed from the graph again, so no changed answer is missed.
    What the model said is kept, and a later diff asks it less.

    Exits with 1 if a question may be worse off: its answers are less right than before, or other ones where
    the right ones are not known. The settings are those of `kgqa ask`, with --run those of the run.

    Examples:

      kgqa diff films.tsv edited.tsv

      kgqa diff films --questions questions.jsonl      (what `kgqa add` changed)

      kgqa diff old new --questions questions.jsonl --why --check 20

      kgqa diff old new --run runs/films --junit diff.xml --sarif diff.sarif --markdown diff.md
    """
    settings = _settings(given, run)
    if settings is None:
        flags = {"--why": why, "--check": check, "--junit": junit, "--sarif": sarif}
        others = [key for key in given if key != "filters.only_source"]
        others += [flag for flag, value in flags.items() if value]
        if others:
            raise SettingError(others[0], "is about questions; name some with --questions or --run")
    where = None if no_cache else cache or cache_folder()
    only = given.get("filters.only_source") if settings is None else settings.filters.only_source
    before, after = (only_sources(graph, only or ()) for graph in _opened(old, new))
    with status("comparing the graphs"):
        found = GraphDiff.of(before, after, (old if new else f"{old} as built", new or old))
    if not as_json:
        output.print(found.describe(most), markup=False)
    answers = None if settings is None else _answers(settings, found, where, data, check, why)
    if answers is not None and not as_json:
        output.print(answers.describe(), markup=False)
    if as_json:
        print_json({**found.to_dict(most), "answers": None if answers is None else answers.to_dict()})
    source = new or old if settings is None else settings.dataset
    files = {form: path for form, path in zip(FORMS, (junit, sarif, markdown), strict=True) if path}
    if files:
        report = change_report(found, answers, source, {} if settings is None else lines_of(Path(source)))
        for form, path in files.items():
            report.write(form, path)
    if answers is not None and answers.setbacks:
        raise typer.Exit(1)


def _settings(given: Mapping[str, Any], run: Path | None) -> RunSettings | None:
    """The settings of the questions, `None` without any. Raises `UsageError` or `SettingError`."""
    if run is not None:
        settings, _ = recorded_run(run)
        settings = settings.overridden(given)
        if settings.asks_llm:
            errors.print("note: an LLM took part in the run; answers without it are compared", markup=False)
            settings = settings.without_llm()
        if settings != settings.of_chains_alone():
            errors.print("note: the run has free text behind chains; chains alone are compared", markup=False)
            settings = settings.of_chains_alone()
        return settings
    if "dataset" in given:
        return RunSettings.of({**ASK_DEFAULTS, "dataset": given["dataset"]}).overridden(given)
    return None


def _opened(old: str, new: str | None) -> tuple[IndexedGraph, IndexedGraph]:
    for source in (old, new):
        if source is not None and is_endpoint(source):
            raise UsageError(f"{source}: facts of an endpoint are not compared; build an index of each state")
    one = opened_graph(old)
    if new is not None:
        return one, opened_graph(new)
    if one.base is None:
        raise UsageError(f"{old}: was not changed since it was built; name another graph to compare it with")
    return one.base, one


def _answers(
    settings: RunSettings, graphs: GraphDiff, cache: Path | None, data: Path | None, check: int, why: bool
) -> AnswerDiff:
    # the graphs are given: one that a run names may not be there any more
    recipe = RunRecipe.of(replace(settings, graph="atlas"), data, cache)
    if recipe.own_graphs or any(question.graph_name for question in recipe.questions):
        raise UsageError("--questions: these have several graphs; only questions about one are compared")
    check_settings(settings)
    with status("loading the model"):
        model = load_language_model(
            settings.model, device=settings.device, dtype=settings.dtype, engine=settings.engine
        )

    plain = replace(settings, filters=replace(settings.filters, only_source=()))  # the graphs are narrowed
    sides = [build_answerer(plain, graph=graph, model=model) for graph in (graphs.old, graphs.new)]
    identity = f"{described(model)} {code_fingerprint('lm', 'constraint')}"
    memory = ModelMemory(None if cache is None else cache / "said.sqlite", identity)
    questions = tuple(recipe.questions)
    runner = recipe.runner(sides[0])
    with counting("asking the questions of both graphs", 2 * len(questions)) as progress:
        return AnswerDiff.of(
            sides[0],
            sides[1],
            questions,
            memory,
            check=check,
            seed=settings.seed,
            explain=why,
            batch_size=settings.batch_size,
            query=runner.query,
            graphs=graphs,
            progress=progress,
        )
