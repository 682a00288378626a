"""kgqa validate: check whether chains are in the graph."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from kgqa.cli.console import errors, output, print_json
from kgqa.cli.options import Graph, Json, Junit, Markdown, Sarif, opened_graph
from kgqa.counted import counted
from kgqa.errors import DataError, UsageError
from kgqa.graph import IndexedGraph, clean_name, is_endpoint, only_sources
from kgqa.graph.endpoint import EndpointGraph, EndpointUsage
from kgqa.validation import FORMS, ChainResult, CiReport, check_chains, check_chains_at, other_graph

__all__ = ["validate"]


def validate(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSONL (records, questions, chains, programs, predictions), or paths and programs as text."
        ),
    ],
    graph: Graph = None,
    only_source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Use only facts from the source (named graph) with this name; repeatable."
        ),
    ] = None,
    named_graph: Annotated[
        list[str] | None,
        typer.Option(metavar="IRI", help="Of an endpoint only the graph with this name; repeatable."),
    ] = None,
    questions: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The questions of a prediction file: their topics, and the graphs that they bring.",
        ),
    ] = None,
    all_chains: Annotated[bool, typer.Option("--all", help="Also print what holds.")] = False,
    junit: Junit = None,
    sarif: Sarif = None,
    markdown: Markdown = None,
    as_json: Json = False,
) -> None:
    """Check chains triple by triple: in the graph, connected, from a topic to the answer.

    For a chain that fails, prints the triple and the nearest one in the graph, and exits with 1.
    Questions in RoG's form are checked against the graphs that they bring. Programs (`program` in JSONL)
    are executed from the triples alone; their `answers` and `proof`, where given, must be right. The report
    says from which named graph each fact is, where the graph keeps that. Chains may also be checked
    against a SPARQL endpoint, of which only what they say is asked.

    Of prediction files, the paths of GCR, those in the prompts of RoG and GNN-RAG, ToG's chains and RoG's
    relation paths are checked; all but GCR's do not say in which direction a triple is, so either does.

    Examples:

      kgqa validate runs/metaqa-2hop/records.jsonl --graph films

      kgqa validate paths.txt --graph films      (Kismet -> directed_by -> William Dieterle)

      kgqa validate programs.txt --graph films   (Kismet -> starred_actors | count)

      kgqa validate predictions.jsonl --questions webqsp_rog.jsonl

      kgqa validate records.jsonl --graph http://localhost:8890/sparql

      kgqa validate paths.txt --graph films.ttl --sarif chains.sarif --junit chains.xml
    """
    usage = EndpointUsage()
    if graph is not None and is_endpoint(graph):
        if only_source:
            raise UsageError("--only-source is about an index; of an endpoint use --named-graph")
        endpoint = EndpointGraph.at(graph, named_graphs=named_graph or ())
        results = check_chains_at(file, endpoint, usage, questions)
    elif named_graph:
        raise UsageError("--named-graph is about a SPARQL endpoint; name one with --graph")
    else:
        results = check_chains(file, _opened(file, graph, only_source or (), as_json), questions)
    reports = {form: path for form, path in zip(FORMS, (junit, sarif, markdown), strict=True) if path}
    failed: list[ChainResult] = []
    held: list[ChainResult] = []
    every: list[ChainResult] = []
    checked, what = 0, ("chain", "chains")
    for result in results:
        checked += 1
        if reports:
            every.append(result)
        if result.program:
            what = ("chain or program", "chains and programs")
        if not result.holds:
            failed.append(result)
        elif all_chains and as_json:
            held.append(result)
        if not as_json and (all_chains or not result.holds):
            output.print(result.describe(), markup=False, style=None if result.holds else "red")
    for warning in usage.warnings:
        errors.print(f"kgqa: note: {clean_name(warning)}", markup=False)
    if as_json:
        print_json(
            {
                **({"endpoint": usage.to_dict()} if usage.requests else {}),
                "checked": checked,
                "hold": checked - len(failed),
                "failed": [result.to_dict() for result in failed],
                **({"held": [result.to_dict() for result in held]} if all_chains else {}),
            }
        )
    else:
        good = checked - len(failed)
        hold = "holds" if good == 1 else "hold"
        output.print(f"{good:,} of {counted(checked, *what)} {hold}", markup=False)
    for form, path in reports.items():
        CiReport.of_chains(every, str(file)).write(form, path)
    if failed:
        raise typer.Exit(1)


def _opened(file: Path, source: str | None, only: Sequence[str], as_json: bool) -> IndexedGraph:
    graph = only_sources(opened_graph(source), only)
    if source is not None:
        return graph
    if other := other_graph(file, graph):
        raise DataError(
            f"{file}: records made with another graph ({other[:12]}…) than the atlas; use --graph"
        )
    if not as_json:
        errors.print("note: chains without a graph of their own are checked against the atlas", markup=False)
    return graph
