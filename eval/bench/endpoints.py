"""Questions to SPARQL endpoints and to the local index: whether answers are the same, and what they cost.

    .venv/bin/python eval/bench/endpoints.py

Starts a server of oxigraph, and one of Virtuoso where it is installed, with the atlas and with MetaQA as RDF
(`to_quads`). Asks each question of the endpoint and of an index built from the same file, with the shipped
model and the topics found in the text, and compares entities, chains, vote shares, values, programs and
confidences. `requests` and `rows` are what the endpoint was asked; nothing is kept from question to question
but the index of labels, whose cost is a row of its own. Writes endpoints.md and endpoints.json.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyoxigraph
from command import command, parsed
from machine import Machine
from metaqa import graph as metaqa
from report import Report, Table
from sparql_servers import MissingServerError, oxigraph_serving, virtuoso_serving

from kgqa.answer import Answer
from kgqa.graph import GraphBuilder, atlas_source
from kgqa.graph.endpoint import EndpointGraph, EndpointUsage, FetchLimits
from kgqa.graph.readers import read
from kgqa.lm import LanguageModel, load_language_model
from kgqa.pipeline import Answerer, EndpointAnswerer
from kgqa.program.sparql import to_quads

ATLAS = (
    (1, "Who wrote Emma?"),
    (1, "Which countries does the Danube flow through?"),
    (1, "How many countries does the Danube flow through?"),
    (2, "Where was the author of Emma born?"),
    (2, "Which countries share a border with the country that Nairobi is the capital of?"),
    (3, "Which currency is used in the country where the author of Emma was born?"),
    (3, "Which languages are spoken in the countries that the Danube flows through?"),
)
METAQA = (
    (1, "what movies did Temuera Morrison act in"),
    (1, "who directed the film Kismet"),
    (1, "what genre is Black Snake Moan in"),
    (2, "what are the languages spoken in the films directed by Joel Zwick"),
    (2, "who acted in the movies directed by William Dieterle"),
    (3, "the films that share directors with the film Black Snake Moan were in which genres"),
    (3, "who are the actors in the movies written by the screenwriter of Once Were Warriors"),
)
HUB = 100

Serving = Callable[[Path], AbstractContextManager[str]]


def main() -> None:
    arguments = parsed(command(__doc__))
    os.environ["KGQA_CACHE"] = tempfile.mkdtemp(prefix="kgqa-bench-")
    model = load_language_model(None)
    found: list[dict[str, Any]] = []
    missing: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        graphs = [("atlas", atlas_source(), ATLAS)]
        if not arguments.quick:
            graphs.append(("MetaQA", _written(arguments.data, Path(folder)), METAQA))
        for server, serving in _servers():
            try:
                for graph, file, questions in graphs:
                    with serving(file) as url:
                        found += _compared(server, graph, file, url, questions, model)
            except MissingServerError as error:
                missing.append(str(error))
    shutil.rmtree(os.environ["KGQA_CACHE"])
    columns = ["server", "graph", "hops", "question", "same", "requests", "rows", "s", "local s", "said"]
    rows = [[one[column] for column in columns] for one in found]
    Report(
        "endpoints",
        "SPARQL endpoints: the answers of the local index, and what they cost",
        Machine.here(),
        {"questions": len(ATLAS) + len(METAQA)},
        [Table(columns, rows, "`same`: equal in entities, chains, shares, values, programs and confidence.")],
        found,
        missing,
    ).write(arguments.out)


def _servers() -> Iterator[tuple[str, Serving]]:
    yield "oxigraph", oxigraph_serving
    yield "Virtuoso", virtuoso_serving


def _written(data: Path, folder: Path) -> Path:
    """MetaQA as N-Triples."""
    path = folder / "metaqa.nt"
    with path.open("wb") as file:
        pyoxigraph.serialize(
            (quad.triple for quad in to_quads(metaqa(data))), file, format=pyoxigraph.RdfFormat.N_TRIPLES
        )
    return path


def _compared(
    server: str,
    graph: str,
    file: Path,
    url: str,
    questions: tuple[tuple[int, str], ...],
    model: LanguageModel,
) -> Iterator[dict[str, Any]]:
    local = Answerer(GraphBuilder().add_all(read(file)).build(), model, "auto")
    local.answer(questions[0][1])  # what is made of a graph once
    endpoint = EndpointGraph.at(url)
    began, usage = time.perf_counter(), EndpointUsage()
    endpoint.part(usage).named("")
    yield _row(server, graph, 0, "(index of the labels, once)", None, usage, time.perf_counter() - began)
    for hops, question in questions:
        here = replace(local, hops=hops)
        began = time.perf_counter()
        expected = here.answer(question)
        alone = time.perf_counter() - began
        began = time.perf_counter()
        (outcome,) = EndpointAnswerer(replace(here, graph=GraphBuilder.of([])), endpoint).run([question])
        seconds = time.perf_counter() - began
        assert outcome.usage is not None
        same = _said(outcome.unwrap()) == _said(expected)
        yield _row(server, graph, hops, question, same, outcome.usage, seconds, alone, outcome.unwrap())
    capped = EndpointGraph.at(url, limits=FetchLimits(hub=HUB))
    (outcome,) = EndpointAnswerer(replace(local, hops=2, graph=GraphBuilder.of([])), capped).run(
        [questions[2][1]]
    )
    assert outcome.usage is not None
    yield _row(server, graph, 2, f"{questions[2][1]} (hubs: {HUB} facts)", None, outcome.usage, None)


def _row(
    server: str,
    graph: str,
    hops: int,
    question: str,
    same: bool | None,
    usage: EndpointUsage,
    seconds: float | None,
    alone: float | None = None,
    answer: Answer | None = None,
) -> dict[str, Any]:
    return {
        "server": server,
        "graph": graph,
        "hops": hops or None,
        "question": question,
        "same": "" if same is None else "yes" if same else "NO",
        "requests": usage.requests,
        "rows": usage.rows,
        "s": None if seconds is None else round(seconds, 2),
        "local s": None if alone is None else round(alone, 2),
        "said": " ".join(usage.warnings[:1]),
        "answers": None if answer is None else answer.value or len(answer.entities),
    }


def _said(answer: Answer) -> list[object]:
    found = answer.to_dict()
    return [found[name] for name in ("entities", "value", "program", "table", "confidence", "reason")]


if __name__ == "__main__":
    main()
