"""kgqa ceiling: the best scores that any system can reach."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgqa.cache_folder import cache_folder
from kgqa.cli.console import errors, output, print_json, status
from kgqa.cli.options import AllowReturn, Graph, Hops, Inverse, Json
from kgqa.cli.run_recipe import RunRecipe
from kgqa.datasets import Part
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
    """Compute the best scores that any system can reach on these questions, without a model.

    Shows the share of gold answers within 1, 2, ... hops of the topics, and of questions with any or all
    of them; how many chains and relation paths a question has to choose from; how large the topics are;
    and which topics and answers the graph does not have. Questions in RoG's form are looked up in the
    graphs that they bring, other questions in --graph or the graph of the data set.

    Examples:

      kgqa ceiling --graph films --questions questions_3hop.jsonl.gz

      kgqa ceiling --questions metaqa-3hop --sample 1000

      kgqa ceiling --questions RoG-webqsp-test.parquet --hops 2 --json
    """
    settings = RunSettings(
        dataset=questions,
        graph=None if graph is None else str(graph),
        part=part,
        sample=sample,
        limit=limit,
        seed=seed,
    )
    recipe = RunRecipe.settled(settings, data, cache_folder())
    shared = None if recipe.own_graphs and graph is None else recipe.graph
    if graph is None and recipe.known is None and shared is not None and not as_json:
        errors.print("note: no graph was named; the questions are looked up in the atlas", markup=False)
    with status("counting chains"):
        found = Ceiling.of(recipe.questions, shared, hops=hops, inverse=inverse, allow_return=allow_return)
    if as_json:
        print_json(found.to_json())
    else:
        output.print(found.describe(), markup=False)
