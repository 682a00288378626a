"""kgqa why: the stage at which a question, or the failed questions of a run, lost the right answer."""

from __future__ import annotations

from collections.abc import Mapping
from os.path import isdir, isfile
from pathlib import Path
from typing import Annotated, Any

import typer

from kgqa.cache_folder import cache_folder
from kgqa.cli.console import counting, errors, output, print_json, status
from kgqa.cli.options import Data, Json, opened_graph
from kgqa.cli.settings_options import with_settings
from kgqa.diagnosis import Explainer, GraphGaps, RunCauses
from kgqa.errors import DataError, UsageError
from kgqa.evaluation import RunRecipe, recorded_run
from kgqa.graph import is_endpoint
from kgqa.pipeline.assembly import build_answerer
from kgqa.pipeline.settings import ASK_DEFAULTS, AnswererSettings

__all__ = ["why"]


@with_settings(AnswererSettings, defaults=ASK_DEFAULTS)
def why(
    question: Annotated[
        str | None, typer.Argument(metavar="[QUESTION|RUN]", help="A question, or the folder of a run.")
    ] = None,
    expected: Annotated[
        list[str] | None,
        typer.Option(
            "--expected", metavar="NAME", help="An answer that is right, by name or value; repeatable."
        ),
    ] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            "--topic", metavar="NAME", help="A topic entity; repeatable [default: found in the question]."
        ),
    ] = None,
    gaps: Annotated[bool, typer.Option("--gaps", help="Say what the graph lacks (with a run: too).")] = False,
    examples: Annotated[
        int, typer.Option(min=0, metavar="N", help="Of a run: so many examples of each cause.")
    ] = 2,
    data: Data = None,
    as_json: Json = False,
    *,
    given: Mapping[str, Any],
) -> None:
    """Say why an answer is wrong or missing: the first stage that lost the right one, with evidence.

    The topic was not found, no chain says what is asked, a setting keeps it out, the search gave it up, a
    judge ranked it low, another entity of the best chain came first, or the confidence was too low. A fact
    that would answer the question is suggested where one is missing: check it before you add it.

    Of a run, the questions whose first answer is wrong are asked again, and sorted by cause.

    Examples:

      kgqa why "Who directed Kismet?" --expected "William Dieterle" --graph films

      kgqa why "Who directed Kismet?" --graph films

      kgqa why runs/films

      kgqa why --gaps --graph films
    """
    if question is not None and isfile(Path(question) / "run.json"):  # a question may be too long for a path
        if expected or topic:
            raise UsageError("--expected and --topic are about one question; a run has those of its own")
        _explain_run(Path(question), given, data, gaps, examples, as_json)
        return
    if question is not None and (isdir(question) or ("/" in question and " " not in question)):
        raise DataError(f"{question}: not the folder of a run: it has no run.json; `kgqa eval` writes one")
    settings = AnswererSettings.of(ASK_DEFAULTS).overridden(given)
    if is_endpoint(settings.graph):
        raise UsageError(
            "--graph: what an endpoint has cannot be searched; build an index with kgqa build --from"
        )
    if settings.asks_llm:
        raise UsageError("--llm: what an LLM chooses is not explained; leave it out")
    if question is None and not gaps:
        raise UsageError("name a question, the folder of a run, or --gaps")
    graph = opened_graph(settings.graph)
    found: dict[str, Any] = {}
    if question is not None:
        with status("loading the model"):
            explainer = Explainer(build_answerer(settings, graph=graph))
        with status("looking for the cause"):
            diagnosis = explainer.explain(question, topic or (), expected or ())
        found = diagnosis.to_dict()
        if not as_json:
            output.print(diagnosis.describe(), markup=False)
    if gaps:
        found["gaps"] = _show_gaps(GraphGaps.of(graph), as_json)
    if as_json:
        print_json(found)


def _explain_run(
    folder: Path, given: Mapping[str, Any], data: Path | None, gaps: bool, examples: int, as_json: bool
) -> None:
    settings, records = recorded_run(folder)
    settings = settings.overridden(given)
    if settings.asks_llm:
        errors.print("note: an LLM took part in the run; answers without it are explained", markup=False)
        settings = settings.without_llm()
    recipe = RunRecipe.of(settings, data, cache_folder())
    if gaps and recipe.has_several_graphs:
        raise UsageError(
            "--gaps: these questions have several graphs; name one with --graph, without the run"
        )
    with status("loading the model"):
        runner = recipe.runner(recipe.answerer(stages=False))
    with counting("looking for the causes of failed questions") as progress:
        causes = RunCauses.of(records, recipe.questions, runner, progress)
    found = causes.to_dict()
    if not as_json:
        output.print(causes.describe(examples), markup=False)
    if gaps:
        found["gaps"] = _show_gaps(GraphGaps.of(recipe.graph), as_json)
    if as_json:
        print_json(found)


def _show_gaps(gaps: GraphGaps, as_json: bool) -> list[dict[str, Any]]:
    if not as_json:
        output.print(gaps.describe(), markup=False)
    return gaps.to_dict()
