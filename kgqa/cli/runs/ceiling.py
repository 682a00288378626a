"""kgqa ceiling: the best scores that any system can reach."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kgqa.cache_folder import cache_folder
from kgqa.cli.console import errors, output, print_json, status
from kgqa.cli.options import Data, Json
from kgqa.cli.settings_options import with_settings
from kgqa.errors import UsageError
from kgqa.evaluation import Ceiling, RunRecipe, RunSettings, read_run_settings

__all__ = ["ceiling"]


@with_settings(
    RunSettings,
    only=("dataset", "graph", "part", "sample", "limit", "seed", "hops", "inverse", "allow_return"),
)
def ceiling(
    data: Data = None,
    as_json: Json = False,
    *,
    given: Mapping[str, Any],
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
    settings = read_run_settings(None, given)
    recipe = RunRecipe.of(settings, data, cache_folder())
    recipe.check()
    if recipe.named_graphs is not None:
        raise UsageError(
            "the ceiling is computed in one graph; these questions name several: give graph one file"
        )
    shared = None if recipe.own_graphs and settings.graph is None else recipe.graph
    if recipe.takes_default_graph and not as_json:
        errors.print("note: no graph was named; the questions are looked up in the atlas", markup=False)
    with status("counting chains"):
        found = Ceiling.of(
            recipe.questions,
            shared,
            hops=settings.hops,
            inverse=settings.inverse,
            allow_return=settings.allow_return,
        )
    if as_json:
        print_json(found.to_json())
    else:
        output.print(found.describe(), markup=False)
