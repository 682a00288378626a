"""kgqa ceiling: what any system could reach at best."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from kgqa.cli.console import output, print_json, status
from kgqa.cli.graph_option import open_graph
from kgqa.cli.options import Graph, Hops, Inverse, Json, Returns
from kgqa.datasets import Part, load_questions
from kgqa.datasets import part as part_of
from kgqa.errors import UsageError
from kgqa.evaluation import Ceiling
from kgqa.graph import GraphBuilder

__all__ = ["ceiling"]


def ceiling(
    questions: Annotated[Path, typer.Option(metavar="FILE", help="JSONL or parquet, plain or gzip.")],
    graph: Graph = None,
    part: Annotated[
        Part | None, typer.Option("--part", help="Only this part of a fixed split by id (80/10/10 %).")
    ] = None,
    limit: Annotated[int | None, typer.Option(metavar="N", min=1, help="Only the first N questions.")] = None,
    hops: Hops = 3,
    inverse: Inverse = True,
    returns: Returns = False,
    as_json: Json = False,
) -> None:
    """Say how far questions and graph let any system come, before a model runs.

    How many gold answers lie within 1, 2, ... hops of the topics, for how many questions any or all of
    them do, how many chains and relation paths there are to choose from, how large the topics are, and
    which topics and answers the graph does not have.

    Examples:

      kgqa ceiling --graph films --questions questions_3hop.jsonl.gz

      kgqa ceiling --questions RoG-webqsp-test.parquet --hops 2 --json
    """
    if hops < 1:
        raise UsageError(f"--hops must be at least 1, got {hops}")
    wanted = (q for q in load_questions(questions) if part is None or part_of(q.id) == part)
    asked = list(islice(wanted, limit))
    own_graphs = graph is None and any(question.graph is not None for question in asked)
    opened = GraphBuilder.of([]) if own_graphs else open_graph(graph)
    with status("looking around"):
        found = Ceiling.of(asked, opened, hops=hops, inverse=inverse, returns=returns)
    if as_json:
        print_json(found.to_json())
    else:
        output.print(found.describe(), markup=False)
