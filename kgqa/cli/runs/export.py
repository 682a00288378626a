"""kgqa export: a run as the prediction file of a published system."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from kgqa.answer import PaperForm
from kgqa.cache_folder import cache_folder
from kgqa.cli.console import errors, status
from kgqa.cli.options import Data
from kgqa.counted import counted
from kgqa.errors import DataError
from kgqa.evaluation import RunRecipe, recorded_run
from kgqa.report import PREDICTION_FORMS, PredictionForm, write_predictions

__all__ = ["export"]


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The folder of a run.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The prediction file to write, JSON lines.")],
    form: Annotated[
        PredictionForm, typer.Option("--as", metavar="NAME", help=f"Its form: {', '.join(PREDICTION_FORMS)}.")
    ],
    data: Data = None,
) -> None:
    """Write the answers and chains of a run as a published system writes its predictions.

    For the scripts of RoG and GNN-RAG (rog), GCR (gcr), SubgraphRAG and ToG; rog-paths are relation paths for
    RoG's second stage (--rule_path). `kgqa score` and `kgqa validate` read these files too.

    Examples:

      kgqa export runs/webqsp predictions.jsonl --as rog

      kgqa export runs/webqsp predictions_3_False.jsonl --as rog-paths
    """
    settings, records = recorded_run(run)
    if not records:
        raise DataError(f"{run}: the run has no records")
    recipe = RunRecipe.of(settings, data, cache_folder())
    with status("opening the graph"):
        graph = None if recipe.has_several_graphs else recipe.graph
        paths = {question.id: question.gold_paths for question in recipe.questions if question.gold_paths}
    in_paper_words = settings.aggregate_name in get_args(PaperForm)
    write_predictions(file, form, records.values(), graph, paths, replies=in_paper_words)
    errors.print(f"{file}: {counted(len(records), 'prediction')} as {form}", markup=False)
