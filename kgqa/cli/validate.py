"""kgqa validate: check whether chains are in the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kgqa.cli.console import errors, output, print_json
from kgqa.cli.options import Graph, Json, opened_graph
from kgqa.errors import DataError
from kgqa.graph import only_sources
from kgqa.validation import ChainResult, check_chains, other_graph

__all__ = ["validate"]


def validate(
    file: Annotated[
        Path,
        typer.Argument(
            help="JSONL (records of a run, questions, chains, programs), or paths and programs as text."
        ),
    ],
    graph: Graph = None,
    only_source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME", help="Use only facts from the source (named graph) with this name; repeatable."
        ),
    ] = None,
    all_chains: Annotated[bool, typer.Option("--all", help="Also print what holds.")] = False,
    as_json: Json = False,
) -> None:
    """Check chains triple by triple: in the graph, connected, from a topic to the answer.

    For a chain that fails, prints the triple and the nearest one in the graph, and exits with 1.
    Questions in RoG's form are checked against the graphs that they bring. Programs (`program` in JSONL)
    are executed from the triples alone; their `answers` and `proof`, where given, must be right. The report
    says from which named graph each fact is, where the graph keeps that.

    Examples:

      kgqa validate runs/metaqa-2hop/records.jsonl --graph films

      kgqa validate paths.txt --graph films      (Kismet -> directed_by -> William Dieterle)

      kgqa validate programs.txt --graph films   (Kismet -> starred_actors | count)
    """
    against = only_sources(opened_graph(graph), only_source or ())
    if graph is None:
        if other := other_graph(file, against):
            raise DataError(
                f"{file}: records made with another graph ({other[:12]}…) than the atlas; use --graph"
            )
        if not as_json:
            errors.print(
                "note: chains without a graph of their own are checked against the atlas", markup=False
            )
    failed: list[ChainResult] = []
    held: list[ChainResult] = []
    checked, what = 0, "chains"
    for result in check_chains(file, against):
        checked += 1
        if result.program:
            what = "chains and programs"
        if not result.holds:
            failed.append(result)
        elif all_chains and as_json:
            held.append(result)
        if not as_json and (all_chains or not result.holds):
            output.print(result.describe(), markup=False, style=None if result.holds else "red")
    if as_json:
        print_json(
            {
                "checked": checked,
                "hold": checked - len(failed),
                "failed": list(map(_as_object, failed)),
                **({"held": list(map(_as_object, held))} if all_chains else {}),
            }
        )
    else:
        output.print(f"{checked - len(failed)} of {checked} {what} hold", markup=False)
    if failed:
        raise typer.Exit(1)


def _as_object(result: ChainResult) -> dict[str, object]:
    found: dict[str, object] = {
        "line": result.line,
        "id": result.id,
        "chain": [list(triple) for triple in result.chain],
    }
    if result.program:
        found["program"] = result.program
    if result.sources:
        found["sources"] = [{"fact": list(fact), "sources": list(said)} for fact, said in result.sources]
    return {**found, "problems": [problem.describe() for problem in result.problems]}
