"""kgqa train: a model for one's own graph."""

from __future__ import annotations

import importlib.util
import math
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kgqa.cli.console import counting, errors, output, print_json, status
from kgqa.cli.graph_option import opened_graph
from kgqa.cli.options import Device, Dtype, Grammar, Graph, Hops, Json
from kgqa.constraint import GrammarName
from kgqa.datasets import Question, load_questions
from kgqa.errors import UsageError
from kgqa.graph import IndexedGraph, atlas_source
from kgqa.lm import LanguageModel
from kgqa.lm.load import PATH_WRITER, is_path_writer

if TYPE_CHECKING:
    from kgqa.training.curve import Curve
    from kgqa.training.examples.curriculum import Curriculum
    from kgqa.training.fine_tuning.fine_tuning import FineTuning
    from kgqa.training.path_writer.path_writer_training import Trained
    from kgqa.training.record import DataFile, TrainingRecord

__all__ = ["train"]

_SHIPPED_RATE, _OTHER_RATE = 3e-4, 2e-5
_RERANKER_STEPS = 100
_KEPT = {
    "writer": "The reranker was left out: the dev questions are answered better without it.",
    "start": "The model that it started from was kept: it answers the dev questions better.",
}
_ROWS_A_PASS = 8  # of other models: a step of more examples adds up the gradients of several passes


def train(
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="DIR", help="Where the model goes; resumes a run there.")
    ],
    graph: Graph = None,
    questions: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Questions to learn from; repeatable [default: made up from the graph]."
        ),
    ] = None,
    dev: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Questions that choose the best checkpoint [default: a tenth]."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME_OR_DIR", help="What to start from [default: the shipped one].")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start the shipped architecture from random weights.")
    ] = False,
    made_up: Annotated[
        int, typer.Option(metavar="N", min=0, help="Questions to make up from the graph's schema.")
    ] = 4000,
    steps: Annotated[int, typer.Option(min=1, help="Steps of training.")] = 400,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples a step.")] = 64,
    learning_rate: Annotated[
        float | None,
        typer.Option(help=f"The highest [default: {_SHIPPED_RATE} shipped, {_OTHER_RATE} other models]."),
    ] = None,
    keep: Annotated[
        float,
        typer.Option(
            min=0, max=1, help="Share of the writer's starting weights in the result (shipped only)."
        ),
    ] = 0.0,
    reranker_steps: Annotated[
        int, typer.Option(metavar="N", min=0, help="Steps of training for the reranker (shipped only).")
    ] = _RERANKER_STEPS,
    grammar: Grammar = "relations",
    hops: Hops = 3,
    lora: Annotated[
        int | None, typer.Option(metavar="RANK", min=1, help="Train low-rank adapters, and merge them.")
    ] = None,
    neftune: Annotated[
        float | None, typer.Option(metavar="ALPHA", min=0, help="Noise on embeddings (GCR: 5).")
    ] = None,
    path_tokens: Annotated[
        bool, typer.Option("--path-tokens", help="Add the tokens <PATH> and </PATH> to the model (GCR).")
    ] = False,
    checkpoint_every: Annotated[
        int, typer.Option(metavar="N", min=1, help="Steps between checkpoints; a kill costs at most these.")
    ] = 100,
    dev_limit: Annotated[int, typer.Option(metavar="N", min=1, help="Dev questions to score.")] = 200,
    seed: Annotated[int, typer.Option(help="Decides every draw.")] = 0,
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: Json = False,
) -> None:
    """Train a model for a graph, from questions about it or from the graph alone.

    Questions may have gold paths (`gold_relation_path`, `gold_paths`) or answers only: then the paths
    that reach them are found in the graph. Without questions, some are made up from the names of
    relations. What comes out is a folder for --model, with a record of the training (training.json),
    its curve (curve.png) and a model card. The same command again goes on where it was cut off.

    Examples:

      kgqa train --graph mine -o my-model

      kgqa train --graph films --questions train.jsonl --dev dev.jsonl -o film-model

      kgqa train --graph films --questions train.jsonl --model Qwen/Qwen2-0.5B --lora 8 -o qwen-films
    """
    began = time.monotonic()
    if (out / "config.json").exists():
        raise UsageError(f"{out} holds a model already; name another folder")
    shipped = model is None or is_path_writer(model)
    if fresh and model is not None:
        raise UsageError("--fresh starts the shipped architecture anew; name no --model with it")
    if learning_rate is not None and learning_rate <= 0:
        raise UsageError(f"--learning-rate must be above 0, not {learning_rate}")
    if shipped:
        _refuse_for_shipped(grammar, lora, neftune, path_tokens, device, dtype)
    elif keep or reranker_steps != _RERANKER_STEPS:
        raise UsageError("--keep and --reranker-steps are for the shipped model")
    rate = learning_rate or (_SHIPPED_RATE if shipped else _OTHER_RATE)
    opened = opened_graph(graph)
    with status("reading and making up questions"):
        lessons = _lessons(opened, questions or [], dev, made_up, hops, dev_limit, seed)
    _announce(lessons)
    with status("loading torch"):
        from kgqa.lm.path_writer.reranker import RERANKER
        from kgqa.training.examples.dev_questions import DevQuestions
        from kgqa.training.fine_tuning.fine_tuning import FineTuning
        from kgqa.training.fine_tuning.lora import Lora
        from kgqa.training.path_writer.path_writer_training import PathWriterTraining
        from kgqa.training.path_writer.trainer import Trainer
        from kgqa.training.record import DataFile
        from kgqa.training.reranker.reranker_training import RerankerTraining, RerankerTuning

    judge = DevQuestions(opened, lessons.dev, grammar, hops).hits_at_1 if lessons.dev else None
    start = _path_writer_folder(model) if shipped and not fresh else None
    reads = start is not None and (start / RERANKER).exists()
    if shipped and not reads and reranker_steps != _RERANKER_STEPS:
        raise UsageError("what it starts from has no reranker to train; leave --reranker-steps out")
    trained: Trained | None = None
    with counting("steps", steps + (reranker_steps if reads else 0)) as progress:
        if shipped:
            trainer = Trainer(
                steps,
                batch_size,
                rate,
                warmup=max(1, min(200, steps // 10)),
                checkpoint_every=checkpoint_every,
                keep=keep,
                seed=seed,
            )
            reranking = RerankerTraining(
                reranker_steps,
                warmup=max(1, reranker_steps // 10),
                checkpoint_every=min(checkpoint_every, _RERANKER_STEPS // 2),
                seed=seed,
            )
            path_writer = PathWriterTraining(
                trainer,
                lessons.shares,
                start,
                uncertain=("answers",),
                tuning=RerankerTuning(opened, reranking, hops=hops) if reranker_steps else None,
            )
            trained = path_writer.train(lessons.examples, out, judge, progress)
            curve = trained.writer
        else:
            rows = math.gcd(batch_size, _ROWS_A_PASS)
            tuning = FineTuning(
                steps,
                rows,
                gradient_accumulation=batch_size // rows,
                learning_rate=rate,
                lora=Lora(lora) if lora else None,
                neftune=neftune,
                path_tokens=path_tokens,
                seed=seed,
                device=device,
                dtype=dtype,
                checkpoint_every=checkpoint_every,
            )
            curve = _fine_tune(tuning, opened, lessons, str(model), grammar, out, judge, progress)
    record = _record(
        model or ("random weights" if fresh else PATH_WRITER),
        lessons,
        curve,
        trained,
        seconds=time.monotonic() - began,
        data=[
            DataFile((graph or atlas_source()).name, opened.checksum),
            *(DataFile.of(file) for file in [*(questions or []), *([dev] if dev else [])]),
        ],
        settings={
            "grammar": grammar, "hops": hops, "made_up": made_up, "steps": steps, "batch_size": batch_size,
            "learning_rate": rate, "keep": keep, "reranker_steps": reranker_steps, "lora": lora,
            "neftune": neftune, "path_tokens": path_tokens, "checkpoint_every": checkpoint_every,
            "dev_limit": dev_limit, "seed": seed, "device": device, "dtype": dtype,
        },
    )  # fmt: skip
    record.write(out, drawn=_can_draw())
    _report(record, out, as_json)


def _refuse_for_shipped(
    grammar: GrammarName, lora: int | None, neftune: float | None, path_tokens: bool, device: str, dtype: str
) -> None:
    if grammar != "relations" or lora or neftune or path_tokens:
        raise UsageError(
            "--grammar, --lora, --neftune and --path-tokens are for other models (--model): the shipped one "
            "writes relation paths and is trained whole"
        )
    if device not in ("auto", "cpu") or dtype != "auto":
        raise UsageError("the shipped model is trained on the processor, in the format that suits it best")


def _path_writer_folder(model: str | None) -> Path:
    from kgqa.lm.path_writer.language_model import WEIGHTS

    return WEIGHTS if model in (None, PATH_WRITER) else Path(str(model)).expanduser()


def _lessons(
    graph: IndexedGraph,
    files: list[Path],
    dev: Path | None,
    made_up: int,
    hops: int,
    dev_limit: int,
    seed: int,
) -> Curriculum:
    from kgqa.training.examples.curriculum import curriculum

    asked = [question for file in files for question in load_questions(file)]
    judging: list[Question] = list(load_questions(dev)) if dev else []
    return curriculum(graph, asked, judging, made_up=made_up, max_steps=hops, dev_limit=dev_limit, seed=seed)


def _announce(lessons: Curriculum) -> None:
    counts = ", ".join(f"{count:,} {source}" for source, count in sorted(lessons.sources.items()))
    errors.print(f"learning from {counts}; judged by {len(lessons.dev):,}", style="dim", markup=False)
    for reason, count in sorted(lessons.skipped.items()):
        errors.print(f"left out: {count:,} questions ({reason})", style="yellow", markup=False)


def _fine_tune(
    tuning: FineTuning,
    graph: IndexedGraph,
    lessons: Curriculum,
    model: str,
    grammar: GrammarName,
    out: Path,
    judge: Callable[[LanguageModel], float] | None,
    progress: Callable[[int], None],
) -> Curve:
    from kgqa.training.curve import Curve
    from kgqa.training.fine_tuning.training_text import training_texts

    often = {source: lessons.shares[source] / count for source, count in lessons.sources.items()}
    texts = [
        replace(text, weight=text.weight * often[example.source])
        for number, example in enumerate(lessons.examples)
        for text in training_texts(graph, example, grammar, tuning.seed + number)
    ]
    tuned = tuning.train(model, texts, out, dev=judge, progress=lambda step, _: progress(step))
    return Curve(tuned.losses, tuned.scores)


def _record(
    base: str,
    lessons: Curriculum,
    curve: Curve,
    trained: Trained | None,
    *,
    seconds: float,
    data: list[DataFile],
    settings: dict[str, object],
) -> TrainingRecord:
    from kgqa.training.record import TrainingRecord

    return TrainingRecord(
        title="A model for one graph",
        about=f"Writes chains of one knowledge graph for kgqa. Trained by `kgqa train` from {base}.",
        method=(
            f"{settings['steps']} steps of {settings['batch_size']} examples in {seconds / 60:.1f} minutes, "
            f"seed {settings['seed']}. Made-up questions put random walks of the graph into words; composed "
            "ones put a description in place of a question's topic. The dev questions were not learnt from; "
            "they chose the checkpoint."
        ),
        base=base,
        settings=settings,
        data=data,
        sources=lessons.sources,
        shares=lessons.shares,
        curve=curve,
        reranker=trained.reranker if trained else None,
        remark=_KEPT.get(trained.kept, "") if trained else "",
        seconds=seconds,
    )


def _can_draw() -> bool:
    if importlib.util.find_spec("matplotlib"):
        return True
    errors.print("no curve.png: it needs matplotlib (pip install 'kgqa[train]')", style="dim", markup=False)
    return False


def _report(record: TrainingRecord, out: Path, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "model": str(out),
                "examples": dict(record.sources),
                "losses": list(record.curve.losses),
                "dev_scores": list(record.curve.dev_scores),
                "reranker_dev_scores": list(record.reranker.dev_scores) if record.reranker else [],
                "remark": record.remark,
                "seconds": round(record.seconds, 1),
            }
        )
        return
    for sentence in record.outcome():
        output.print(sentence, markup=False)
    output.print(f"the model is in {out}; use it with --model {out}", markup=False)
