"""kgqa ceiling: what any system could reach at best."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgqa.cache_folder import cache_folder
from kgqa.cli.console import output, print_json, status
from kgqa.cli.options import AllowReturn, Graph, Hops, Inverse, Json
from kgqa.cli.run_recipe import RunRecipe
from kgqa.datasets import Part
from kgqa.errors import UsageError
from kgqa.evaluation import Ceiling, RunSettings

__all__ = ["ceiling"]


def ceiling(
    questions: Annotated[
        str, typer.Option(metavar="FILE_OR_NAME", help="JSONL or parquet, or a set that `kgqa data` lists.")
    ],
    graph: Graph = None,
    part: Annotated[
        Part | None, typer.Option("--part", help="Only this part of the set, or of a fixed split by id.")
    ] = None,
    sample: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Only N questions, drawn with --seed.")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N questions.")] = None,
    seed: Annotated[int, typer.Option(help="Which questions are drawn.")] = 0,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Where data sets are [KGQA_DATA].")] = None,
    hops: Hops = 3,
    inverse: Inverse = True,
    allow_return: AllowReturn = False,
    as_json: Json = False,
) -> None:
    """Say how far questions and graph let any system come, before a model runs.

    How many gold answers lie within 1, 2, ... hops of the topics, for how many questions any or all of
    them do, how many chains and relation paths there are to choose from, how large the topics are, and
    which topics and answers the graph does not have.

    Examples:

      kgqa ceiling --graph films --questions questions_3hop.jsonl.gz

      kgqa ceiling --questions metaqa-3hop --sample 1000

      kgqa ceiling --questions RoG-webqsp-test.parquet --hops 2 --json
    """
    if hops < 1:
        raise UsageError(f"--hops must be at least 1, got {hops}")
    settings = RunSettings(
        dataset=questions,
        graph=None if graph is None else str(graph),
        part=part,
        sample=sample,
        limit=limit,
        seed=seed,
    )
    recipe = RunRecipe.settled(settings, data, cache_folder())
    with status("looking around"):
        found = Ceiling.of(
            recipe.questions, recipe.graph, hops=hops, inverse=inverse, allow_return=allow_return
        )
    if as_json:
        print_json(found.to_json())
    else:
        output.print(found.describe(), markup=False)
