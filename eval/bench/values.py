"""How long the values of a graph take: to compute, to open, and to rank and compare a million members.

    .venv/bin/python eval/bench/values.py

Makes a graph with a million literal facts, one number for each of a million entities, and measures the value
table: built, opened from the index folder, and asked for extremes and for comparisons. `ratio` is to numpy's
`argmax` of as many floats. Then builds the tables of real graphs. Writes values.md and values.json.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable

import numpy as np
from command import command, parsed
from machine import Machine
from report import Report, Table, median

from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    Value,
    ValueTable,
    open_index,
    save_index,
)
from kgqa.graph.readers import read

REAL = ("freebase/kb.tsv.gz", "timelineqa/graphs/person_c.ttl.gz", "metaqa/kb.tsv.gz")
TIMES = 15


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--members", type=int, default=1_000_000, help="entities with a number")
    arguments = parsed(parser, *REAL)
    members = 10_000 if arguments.quick else arguments.members
    with tempfile.TemporaryDirectory() as folder:
        save_index(_numbered(members, arguments.seed), folder)
        built, graph = _seconds(lambda: ValueTable.of(open_index(folder))), open_index(folder)
        opened, table = _seconds(lambda: ValueTable.of(graph)), ValueTable.of(graph)
        asked = _asked(table, members, arguments.seed)
    tables = [["a number for each of the members", len(graph), built, opened]]
    for name in REAL:
        real = GraphBuilder.of(read(arguments.data / name))
        tables.append([name, len(real), _seconds(lambda real=real: ValueTable.of(real)), None])  # type: ignore[misc]
    Report(
        "values",
        "Values: a million members ranked and compared",
        Machine.here(),
        {"members": members, "repetitions": TIMES, "seed": arguments.seed},
        [
            Table(["asked", "ms", "ratio"], asked, "Medians; the ratio is to `argmax`."),
            Table(
                ["graph", "facts", "built, s", "opened, s"],
                tables,
                "Built once a graph, with the writing if it has a folder.",
            ),
        ],
        {"asked": asked, "tables": tables},
    ).write(arguments.out)


def _numbered(members: int, seed: int) -> IndexedGraph:
    builder = GraphBuilder()
    numbers = np.random.default_rng(seed).integers(0, 10**9, members)
    for entity, number in enumerate(numbers.tolist()):
        literal = f'"{number}"^^<http://www.w3.org/2001/XMLSchema#integer>'
        builder.add((f"entity {entity}", "size", literal))
        builder.add(Node(literal, NodeKind.LITERAL))
        builder.add(Name(literal, str(number)))
    return builder.build()


def _asked(table: ValueTable, members: int, seed: int) -> list[list[object]]:
    relation = table.graph.relation_id("size")
    heads = table.heads(relation)
    mask = np.zeros(table.graph.entity_count, dtype=np.bool_)
    mask[heads] = True
    some = np.sort(np.random.default_rng(seed).choice(heads, 1000, replace=False))
    column = np.random.default_rng(seed).random(members)
    middle = Value.number(5e8)
    tasks: dict[str, Callable[[], object]] = {
        "numpy: argmax of as many floats": lambda: np.argmax(column),
        "the greatest of all, a mask": lambda: table.extreme(relation, mask, least=False),
        "the greatest of all, numbers of nodes": lambda: table.extreme(relation, heads, least=False),
        "the 10 least of all": lambda: table.extreme(relation, mask, least=True, count=10),
        "the 100,000 greatest of all": lambda: table.extreme(relation, mask, least=False, count=100_000),
        "the greatest of half": lambda: table.extreme(relation, heads[::2], least=False),
        "the greatest of 1,000": lambda: table.extreme(relation, some, least=False),
        "all above a number (half of them)": lambda: table.where(relation, "above", middle),
        "all equal to a number": lambda: table.where(relation, "equals", middle),
    }
    times = {
        name: 1000 * (median([_seconds(task) for _ in range(TIMES)]) or 0) for name, task in tasks.items()
    }
    base = next(iter(times.values()))
    return [[name, spent, spent / base] for name, spent in times.items()]


def _seconds(task: Callable[[], object]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
