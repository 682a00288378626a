"""How long it takes to complete a name, to page through a hub, and to tell a schema.

    .venv/bin/python eval/bench/names.py

Of real graphs, and of one with a million names of three words, each with a fact to one hub and one to another
entity. `sorted` is the first completion, which sorts all names; `opened` the first one after that, from the
index folder (of large graphs). The others are medians. Writes names.md and names.json.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from itertools import product
from pathlib import Path

from command import command, parsed
from machine import Machine
from report import Report, Table, median

from kgqa.graph import GraphBuilder, IndexedGraph, Triple, open_index, save_index
from kgqa.graph.readers import read
from kgqa.linking.beginning_index import FOLDER
from kgqa.service import complete_name, graph_schema, neighbours

REAL = ("metaqa/kb.tsv.gz", "freebase/kb.tsv.gz")
TYPED = ("", "d", "da", "dan", "danmar san", "the", "a name that no entity has")
SYLLABLES = [first + last for first, last in product("bdfgklmnprstvz", "aeiou")] + ["dan", "mar", "san"]
TIMES = 15


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--names", type=int, default=1_000_000, help="names of the made-up graph")
    arguments = parsed(parser, *REAL)
    count = 10_000 if arguments.quick else arguments.names
    rows, found = [], {}
    for name in (*REAL, "made-up"):
        graph = _made_up(count, arguments.seed) if name == "made-up" else _real(arguments.data / name)
        with tempfile.TemporaryDirectory() as folder:
            save_index(graph, folder)
            measured = _measured(Path(folder))
        found[name] = measured
        rows.append([name, graph.entity_count, len(graph), *measured.values()])
    columns = ["graph", "entities", "facts", *found["made-up"]]
    Report(
        "names",
        "Names completed, hubs paged",
        Machine.here(),
        {"names": count, "repetitions": TIMES, "seed": arguments.seed},
        [Table(columns, rows, "A completion of each of: " + ", ".join(map(repr, TYPED)) + ".")],
        found,
    ).write(arguments.out)


def _real(path: Path) -> IndexedGraph:
    return GraphBuilder.of(read(path))


def _made_up(count: int, seed: int) -> IndexedGraph:
    chance = random.Random(seed)

    def word() -> str:
        return "".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))).capitalize()

    names = [f"{word()} {word()} {number}" for number in range(count)]
    builder = GraphBuilder()
    for name in names:
        builder.add(Triple(name, "part of", "Hub"))
        builder.add(Triple(name, "near", names[int(chance.random() ** 3 * count)]))
    return builder.build()


def _measured(folder: Path) -> dict[str, float | None]:
    graph = open_index(folder)
    first = _seconds(lambda: complete_name(graph, "da"))
    stored = (folder / FOLDER).is_dir()
    opened = _seconds(lambda: complete_name(open_index(folder), "da")) if stored else None
    completed = [_middle(partial(complete_name, graph, text)) for text in TYPED]
    hub = complete_name(graph, "", 1)[0].entity
    end = neighbours(graph, hub, limit=1).total - 50
    return {
        "sorted, s": first,
        "opened, s": opened,
        "a completion, ms": median(completed),
        "the slowest, ms": max(completed),
        "first page of the hub, ms": _middle(lambda: neighbours(graph, hub)),
        "its last page, ms": _middle(lambda: neighbours(graph, hub, offset=end)),
        "schema, first, ms": 1000 * _seconds(lambda: graph_schema(graph)),
    }


def _middle(task: Callable[[], object]) -> float:
    """The median of the milliseconds that a task takes."""
    return 1000 * (median([_seconds(task) for _ in range(TIMES)]) or 0)


def _seconds(task: Callable[[], object]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
