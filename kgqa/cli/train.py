"""kgqa train: a model for one's own graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any

import typer

from kgqa.cli.console import counting, errors, output, print_json, status
from kgqa.cli.options import Json
from kgqa.cli.settings_options import with_settings
from kgqa.counted import counted
from kgqa.training import TrainingProgress, TrainingResult, TrainingSettings
from kgqa.training import train as train_model

__all__ = ["train"]


@with_settings(TrainingSettings)
def train(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="DIR",
            help="Folder for the model; an interrupted training in it is resumed.",
        ),
    ],
    graph: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="An index folder, a graph file, or atlas [default: the questions' own graphs].",
        ),
    ] = None,
    questions: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Questions to learn from; repeatable [default: made up from the graph]."
        ),
    ] = None,
    dev: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Questions that choose the best checkpoint [default: a tenth of all]."
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(metavar="NAME_OR_DIR", help="The model to start from [default: the shipped one]."),
    ] = None,
    as_json: Json = False,
    *,
    given: Mapping[str, Any],
) -> None:
    """Train a model for a graph, from questions about it or from the graph alone.

    Questions have gold paths (`gold_relation_path`, `gold_paths`) or only answers, to which paths are then
    searched in the graph. Without questions, kgqa makes some up from the names of relations. Questions in
    RoG's form are trained on their own graphs. The result is a folder for
    --model, with a record of the training (training.json), its curve (curve.png) and a model card. The
    same command resumes an interrupted training.

    Examples:

      kgqa train --graph mine -o my-model

      kgqa train --graph films --questions train.jsonl --dev dev.jsonl -o film-model

      kgqa train --graph films --questions train.jsonl --model Qwen/Qwen2-0.5B --lora 8 -o qwen-films
    """
    settings = TrainingSettings(**given)
    with ExitStack() as bars:
        bars.enter_context(status("reading questions and making up more"))
        bar: list[Callable[[int], None]] = []

        def show(progress: TrainingProgress) -> None:
            if not bar:
                bars.close()
                _announce(progress)
                bar.append(bars.enter_context(counting("steps", progress.total)))
            bar[0](progress.done)

        result = train_model(
            out, graph, questions or (), dev=dev or (), model=model, settings=settings, progress=show
        )
    _report(result, as_json)


def _announce(progress: TrainingProgress) -> None:
    counts = ", ".join(f"{count:,} {source}" for source, count in sorted(progress.examples.items()))
    errors.print(f"examples: {counts}; dev questions: {progress.dev_questions:,}", style="dim", markup=False)
    for reason, count in sorted(progress.skipped.items()):
        errors.print(f"left out: {counted(count, 'question')} ({reason})", style="yellow", markup=False)


def _report(result: TrainingResult, as_json: bool) -> None:
    record = result.record
    if as_json:
        print_json(
            {
                "model": str(result.folder),
                "examples": dict(record.sources),
                "losses": list(record.curve.losses),
                "dev_scores": list(record.curve.dev_scores),
                "reranker_dev_scores": list(record.reranker.dev_scores) if record.reranker else [],
                "before": result.before,
                "after": result.after,
                "remark": record.remark,
                "seconds": round(record.seconds, 1),
            }
        )
        return
    for sentence in record.outcome():
        output.print(sentence, markup=False)
    output.print(f"the model is in {result.folder}; use it with --model {result.folder}", markup=False)
