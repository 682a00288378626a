"""How builds, questions and updates grow with a graph.

    .venv/bin/python eval/bench/scale.py --facts 1000000 10000000

Each size is measured on made-up facts (`synthetic_facts.py`), every command in a process of its own: kgqa
build, opening the index, kgqa ask twice (the first also makes the token table of the relations), kgqa add of
1,000 facts, kgqa ask of one of these, and, with --compact, kgqa compact. The seconds are those of the
processor (user and system) and those on the clock; the peak is that of the resident memory.
Linux only. Writes scale.md and scale.json. 10 million facts take about two minutes on two cores, and 2 GB of
disk.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from command import ROOT, command, parsed
from machine import Machine
from report import Report, Table
from synthetic_facts import SyntheticFacts

ADDED = 1_000
OPENING = (
    "import time; from kgqa.graph import open_index; began = time.perf_counter(); "
    "graph = open_index(sys.argv[1]); print((time.perf_counter() - began) * 1000)"
)
COMMAND = "import runpy; runpy.run_module('kgqa', run_name='__main__')"
PEAK = (
    "import atexit, pathlib, sys; file = pathlib.Path(sys.argv.pop(1)); "
    "atexit.register(lambda: file.write_text(pathlib.Path('/proc/self/status').read_text())); "
)
"""Keeps what the process says of itself: what is said of a child has the memory of its parent in it."""


@dataclass(frozen=True)
class Run:
    """What one command took."""

    facts: int
    command: str
    seconds: float
    processor_seconds: float
    peak_megabytes: float
    output: str


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--facts", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--compact", action="store_true", help="measure kgqa compact, too")
    parser.add_argument("--work", type=Path, help="where files and indexes are made for the time being")
    arguments = parsed(parser)
    sizes = [20_000] if arguments.quick else arguments.facts
    runs: list[Run] = []
    for facts in sizes:
        with tempfile.TemporaryDirectory(prefix="kgqa-scale-", dir=arguments.work) as folder:
            runs += measured(SyntheticFacts(facts, arguments.seed), Path(folder), arguments.compact)
    Report(
        "scale",
        "Builds, questions and updates by the size of the graph",
        Machine.here("pyarrow"),
        {"facts": " ".join(f"{facts:,}" for facts in sizes), "seed": arguments.seed},
        [_table(runs)],
        [asdict(run) for run in runs],
    ).write(arguments.out)


def measured(synthetic: SyntheticFacts, folder: Path, compact: bool) -> list[Run]:
    """All commands on one size."""
    source, more, index = folder / "facts.tsv", folder / "more.tsv", str(folder / "index")
    synthetic.write(source)
    heads, relations, _ = synthetic.triples(0)
    topic, relation = synthetic.name(int(heads[1000])), synthetic.relation(int(relations[1000]))
    more.write_text("".join(f"Zarathustra Quux {n}\t{relation}\t{topic}\n" for n in range(ADDED)), "utf-8")
    ask = [COMMAND, "ask", "--graph", index]
    tasks = [
        ("build", [COMMAND, "build", str(source), "-o", index]),
        ("open", [OPENING, index]),
        ("first question", [*ask, f"what is the {relation} of {topic}?"]),
        ("question, cold", [*ask, f"what is the {relation} of {topic}?"]),
        ("add 1,000 facts", [COMMAND, "add", index, str(more)]),
        ("open with changes", [OPENING, index]),
        ("question with changes, cold", [*ask, f"what is the {relation} of Zarathustra Quux 7?"]),
        *([("compact", [COMMAND, "compact", index])] if compact else []),
    ]
    return [_run(synthetic.facts, name, line, folder) for name, line in tasks]


def _run(facts: int, name: str, line: Sequence[str], folder: Path) -> Run:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    status_file = folder / "status"
    code, *arguments = line
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-c", PEAK + code, str(status_file), *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode().strip()
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{name}: {text}")
    (peak,) = (row.split()[1] for row in status_file.read_text().splitlines() if row.startswith("VmHWM"))
    run = Run(facts, name, seconds, usage.ru_utime + usage.ru_stime, int(peak) / 1024, text)
    print(f"{facts:,} facts, {name}: {run.processor_seconds:.1f} s, {run.peak_megabytes:.0f} MB", flush=True)
    return run


def _table(runs: Sequence[Run]) -> Table:
    rows = [
        [
            run.facts,
            run.command,
            run.processor_seconds,
            run.seconds,
            1e6 * run.processor_seconds / run.facts if run.command in ("build", "compact") else None,
            run.peak_megabytes,
            float(run.output) if run.command.startswith("open") else None,
        ]
        for run in runs
    ]
    columns = ("facts", "command", "processor, s", "clock, s", "µs a fact", "peak, MB", "opened in, ms")
    return Table(columns, rows, "Whole processes, with the start of Python and, for questions, of the model.")


if __name__ == "__main__":
    main()
