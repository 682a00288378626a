"""kgqa eval: a whole question set, scored strictly."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from kgqa.answer import Vote
from kgqa.cli.console import counting, output, print_json
from kgqa.cli.decoder_option import SearchOption, decoder
from kgqa.cli.filter_option import named_filters
from kgqa.cli.graph_option import open_graph
from kgqa.cli.model_option import load_calibration, load_model
from kgqa.cli.options import (
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
    Returns,
    Without,
)
from kgqa.datasets import Part, Question, load_questions
from kgqa.datasets import part as part_of
from kgqa.errors import UsageError
from kgqa.evaluation import Record, Report
from kgqa.evaluation import evaluate as run
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.pipeline import Answerer

__all__ = ["evaluate"]


def evaluate(
    questions: Annotated[Path, typer.Option(metavar="FILE", help="JSONL or parquet, plain or gzip.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the records go; resumes a run there.")],
    graph: Graph = None,
    part: Annotated[
        Part | None, typer.Option("--part", help="Only this part of a fixed split by id (80/10/10 %).")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N questions.")] = None,
    model: Model = None,
    grammar: Grammar = "relations",
    search: SearchOption = "beam",
    beams: Beams = 10,
    hops: Hops = 3,
    inverse: Inverse = True,
    returns: Returns = False,
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
    device: Device = "auto",
    dtype: Dtype = "auto",
    as_json: Json = False,
) -> None:
    """Answer every question of a file, keep a record of each, and score them strictly.

    Every question counts, also those without an answer. DIR/records.jsonl has one record a
    question; a run that was stopped goes on where it was when it is started again. Questions in
    RoG's form bring a graph each and need no --graph.

    Examples:

      kgqa eval --graph films --questions questions_2hop.jsonl.gz --out runs/metaqa-2hop

      kgqa eval --questions RoG-webqsp-test.parquet --out runs/webqsp --limit 100 --json
    """
    wanted = (q for q in load_questions(questions) if part is None or part_of(q.id) == part)
    asked = list(islice(wanted, limit))
    own_graphs = graph is None and any(question.graph is not None for question in asked)
    opened = GraphBuilder.of([]) if own_graphs else open_graph(graph)
    names = (without, only_relation, must_use, answer_type)
    if any(names) and any(question.graph is not None for question in asked):
        raise UsageError(
            "these questions bring a graph each; --without, --only-relation, --must-use and --answer-type "
            "name what is in one graph"
        )
    filters = named_filters(opened, *names)
    speaker = load_model(model, grammar, device, dtype)
    vote = Vote() if share is None else Vote(share=share)
    answerer = partial(
        Answerer,
        model=speaker,
        grammar=grammar,
        hops=hops,
        inverse=inverse,
        returns=returns,
        decoder=decoder(search, beams, seconds),
        aggregator=vote,
        filters=filters,
        calibration=load_calibration(model, grammar, search),
    )
    settings = {
        "model": model or "shipped",
        "dtype": dtype,
        "tokenizer": speaker.tokenizer.fingerprint,
        "grammar": grammar,
        "search": search,
        "beams": beams,
        "hops": hops,
        "inverse": inverse,
        "returns": returns,
        "seconds": seconds,
        "aggregator": asdict(vote),
        "filters": dict(zip(("without", "only_relation", "must_use", "answer_type"), names, strict=True)),
    }
    report = _run(asked, answerer, opened, out, link, together, settings)
    if as_json:
        print_json(report.to_json())
    else:
        _show(report, out)


def _run(
    asked: list[Question],
    answerer: partial[Answerer],
    graph: IndexedGraph,
    out: Path,
    link: bool,
    together: int,
    settings: dict[str, object],
) -> Report:
    done = 0
    with counting("questions", len(asked)) as progress:

        def count(_: Record) -> None:
            nonlocal done
            done += 1
            progress(done)

        return run(
            asked,
            answerer(graph),
            out,
            link=link,
            settings=settings,
            with_graph=answerer,
            together=together,
            progress=count,
        )


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
    output.print(f"{counts}; records in {out}/records.jsonl", markup=False)
