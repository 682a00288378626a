"""How long programs take on a graph of millions, in our executor and as SPARQL in pyoxigraph.

    .venv/bin/python eval/bench/programs.py

One graph is made up: a class with a million instances, each with a number, a date and a link to one of a
thousand groups, and a hub that is linked to all of them. Each program is executed until it is warm, then the
median of some runs is taken; what the executor keeps between programs (`pairs`, the sets of classes) is kept,
as it is between questions, except for the answers themselves. pyoxigraph is asked once, because its
queries take seconds; its graph was loaded from `to_quads` into memory.

Writes programs.md and programs.json. Takes about three minutes with the default size.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pyoxigraph
from machine import Machine
from report import Report, Table, median

from kgqa.graph import GraphBuilder, IndexedGraph, Name, Node, NodeKind, Statement, Triple
from kgqa.program import Executor, Program, parse_program, to_quads, to_sparql

ROOT = Path(__file__).resolve().parents[2]
BASE = "http://example.org/"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
PROGRAMS = {
    "count of a hub's neighbours": "Hub -> linksTo | count",
    "superlative over a class": "all Thing | most -> size",
    "the same, least": "all Thing | least -> size",
    "second of a class": "all Thing | second most -> size",
    "the latest by date": "all Thing | most -> born",
    "superlative over a hub's neighbours": "Hub -> linksTo | most -> size",
    "superlative over half of them": "all Thing | where -> size above 0 | least -> size",
    "filter by value": "all Thing | where -> size above 900000 | count",
    "filter by date": "all Thing | where -> born after 2010 | count",
    "average over a class": "all Thing | average -> size",
    "above average": "all Thing | where -> size above the average | count",
    "intersection of two million sets": "all Thing | and ( Hub -> linksTo ) | count",
    "filter by an entity": "all Thing | where -> inGroup is Group7 | count",
    "group with the most members": "all Thing | by -> inGroup most count",
    "average by group": "all Thing | by -> inGroup each average -> size",
}
TARGETS = {"count of a hub's neighbours": 0.005, "superlative over a class": 0.050}
"""Seconds that these programs may take with a million members."""


def statements(size: int, seed: int) -> Iterator[Statement]:
    drawn = random.Random(seed)
    thing, hub = f"{BASE}Thing", f"{BASE}Hub"
    literals: dict[str, str] = {}
    for number in range(size):
        entity = f"{BASE}e{number}"
        value = str(drawn.randint(-size, size))
        day = f"{drawn.randint(1900, 2020)}-{drawn.randint(1, 12):02}-{drawn.randint(1, 28):02}"
        one, other = f'"{value}"^^<{XSD}integer>', f'"{day}"^^<{XSD}date>'
        literals[one], literals[other] = value, day
        yield Triple(entity, TYPE, thing)
        yield Triple(entity, f"{BASE}size", one)
        yield Triple(entity, f"{BASE}born", other)
        yield Triple(entity, f"{BASE}inGroup", f"{BASE}Group{number % 1000}")
        yield Triple(hub, f"{BASE}linksTo", entity)
    for literal, text in literals.items():
        yield Node(literal, NodeKind.LITERAL)
        yield Name(literal, text)


def executed(graph: IndexedGraph, program: Program, runs: int) -> tuple[float, float]:
    """The seconds of the first execution, and the median of later ones."""
    executor = Executor.of(graph)
    taken = []
    for _ in range(runs + 1):
        start = time.perf_counter()
        executor.execute(program)
        taken.append(time.perf_counter() - start)
    return taken[0], median(taken[1:]) or 0.0


def asked(store: pyoxigraph.Store, query: str) -> float:
    start = time.perf_counter()
    found = store.query(query)
    if isinstance(found, pyoxigraph.QuerySolutions):
        for _ in found:
            pass
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=1_000_000, help="instances of the class")
    parser.add_argument("--runs", type=int, default=7, help="of each program")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=ROOT / "eval" / "results", help="where to write")
    parser.add_argument("--no-sparql", action="store_true", help="leave pyoxigraph out")
    arguments = parser.parse_args()
    graph = GraphBuilder.of(statements(arguments.size, arguments.seed))
    executor = Executor.of(graph)
    started = time.perf_counter()
    _ = executor.values, executor.classes.named
    tables = time.perf_counter() - started
    programs = {name: parse_program(text, graph) for name, text in PROGRAMS.items()}
    found = {name: executed(graph, program, arguments.runs) for name, program in programs.items()}
    oxigraph: dict[str, float] = {}
    if not arguments.no_sparql:
        store = pyoxigraph.Store()
        store.bulk_extend(to_quads(graph))
        oxigraph = {name: asked(store, to_sparql(program, graph)) for name, program in programs.items()}
    rows = [
        (
            name,
            f"`{PROGRAMS[name]}`",
            1000 * first,
            1000 * warm,
            1000 * oxigraph[name] if name in oxigraph else None,
            oxigraph[name] / warm if name in oxigraph else None,
        )
        for name, (first, warm) in found.items()
    ]
    columns = ("program", "text", "first, ms", "warm, ms", "pyoxigraph, ms", "ratio")
    missed = [name for name, most in TARGETS.items() if found[name][1] > most]
    goals = "; ".join(f"{name}: at most {1000 * most:g} ms" for name, most in TARGETS.items())
    Report(
        "programs",
        "Programs on a graph of millions",
        Machine.here("pyoxigraph"),
        {"size": arguments.size, "runs": arguments.runs, "seed": arguments.seed},
        [Table(columns, rows, f"Goals ({goals}): {'missed by ' + ', '.join(missed) if missed else 'met'}.")],
        {
            name: {"first": first, "warm": warm, "pyoxigraph": oxigraph.get(name)}
            for name, (first, warm) in found.items()
        },
        [f"Values and classes of the graph ({len(graph):,} facts) are read once, in {tables:.1f} s."],
    ).write(arguments.out)


if __name__ == "__main__":
    main()
