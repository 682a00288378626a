"""How builds, questions and updates grow with a graph.

    .venv/bin/python eval/bench/scale.py --facts 1000000 10000000

Each size is measured on made-up facts (`synthetic_facts.py`), every command in a process of its own: kgqa
build, opening the index, kgqa ask with each grammar, twice (the first also makes the token table of the
relations), many questions in one process on one thread, kgqa add of 1,000 facts, kgqa ask of one of these
with each grammar, and, with --compact, kgqa compact. The seconds are those of the processor (user and system)
and those on the clock; the peak is that of the resident memory. --against measures another checkout, too.
Modules are compiled before, as they are in an installed package.
Linux only. Writes scale.md and scale.json; with --against, scale-against.md and .json. 10 million facts take
about four minutes on two cores, and 2 GB of disk.
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
GRAMMARS = ("relations", "programs", "path")
WARMING, WARM = 100, 150
"""Questions before those that are measured, and those."""
QUESTIONS = (
    "import pathlib, statistics, time, torch; torch.set_num_threads(1); "
    "from kgqa.graph import open_index; from kgqa.pipeline import Query; "
    "from kgqa.pipeline.assembly import build_answerer; from kgqa.pipeline.settings import AnswererSettings; "
    "graph = open_index(sys.argv[1]); settings = AnswererSettings(grammar='relations'); "
    "answerer = build_answerer(settings, graph=graph); "
    "ask = lambda q: (time.process_time(), list(answerer.run([Query(q)], 1)), time.process_time()); "
    "runs = [ask(q) for q in pathlib.Path(sys.argv[2]).read_text().splitlines()]; "
    f"print(1000 * statistics.median(end - begin for begin, _, end in runs[{WARMING}:]))"
)
COMMAND = "import runpy; runpy.run_module('kgqa', run_name='__main__')"
NOTE = (
    "Whole processes, with the start of Python and, for questions, of the model. ms: to open the index, on "
    f"the clock; of the processor for a warm question (median of {WARM} after {WARMING} others)."
)
PEAK = (
    "import atexit, pathlib, sys; file = pathlib.Path(sys.argv.pop(1)); "
    "atexit.register(lambda: file.write_text(pathlib.Path('/proc/self/status').read_text())); "
)
"""Keeps what the process says of itself: what is said of a child has the memory of its parent in it."""


@dataclass(frozen=True)
class Code:
    """A checkout whose kgqa is measured."""

    name: str
    folder: Path


@dataclass(frozen=True)
class Run:
    """What one command took."""

    code: str
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
    parser.add_argument("--against", type=Path, metavar="DIR", help="a checkout of another version")
    parser.add_argument("--work", type=Path, help="where files and indexes are made for the time being")
    arguments = parsed(parser)
    sizes = [20_000] if arguments.quick else arguments.facts
    codes = {"before": arguments.against.resolve(), "now": ROOT} if arguments.against else {"now": ROOT}
    runs: list[Run] = []
    for facts in sizes:
        synthetic = SyntheticFacts(facts, arguments.seed)
        for name, code in codes.items():
            with tempfile.TemporaryDirectory(prefix="kgqa-scale-", dir=arguments.work) as folder:
                runs += measured(synthetic, Path(folder).resolve(), arguments.compact, Code(name, code))
    Report(
        "scale-against" if arguments.against else "scale",
        "Builds, questions and updates by the size of the graph",
        Machine.here("pyarrow"),
        {"facts": " ".join(f"{facts:,}" for facts in sizes), "seed": arguments.seed},
        [_table(runs)],
        [asdict(run) for run in runs],
    ).write(arguments.out)


def measured(synthetic: SyntheticFacts, folder: Path, compact: bool, code: Code) -> list[Run]:
    """All commands on one size."""
    source, more, index = folder / "facts.tsv", folder / "more.tsv", str(folder / "index")
    synthetic.write(source)
    heads, relations, _ = (part[1000 : 1000 + WARMING + WARM].tolist() for part in synthetic.triples(0))
    facts = [(synthetic.name(h), synthetic.relation(r)) for h, r in zip(heads, relations, strict=True)]
    questions = folder / "questions.txt"
    questions.write_text(
        "".join(f"what is the {relation} of {topic}?\n" for topic, relation in facts), "utf-8"
    )
    topic, relation = facts[0]
    more.write_text("".join(f"Zarathustra Quux {n}\t{relation}\t{topic}\n" for n in range(ADDED)), "utf-8")
    ask = [COMMAND, "ask", "--graph", index, "--grammar"]
    added = f"what is the {relation} of Zarathustra Quux 7?"
    tasks = [
        ("build", [COMMAND, "build", str(source), "-o", index]),
        ("open", [OPENING, index]),
        *(
            (f"{which} question, {grammar}", [*ask, grammar, f"what is the {relation} of {topic}?"])
            for grammar in GRAMMARS
            for which in ("first", "cold")
        ),
        ("warm questions", [QUESTIONS, index, str(questions)]),
        ("add 1,000 facts", [COMMAND, "add", index, str(more)]),
        ("open with changes", [OPENING, index]),
        *((f"question with changes, {grammar}", [*ask, grammar, added]) for grammar in GRAMMARS),
        *([("compact", [COMMAND, "compact", index])] if compact else []),
    ]
    _compile(code, folder)
    return [_run(code, synthetic.facts, name, line, folder) for name, line in tasks]


def _compile(code: Code, folder: Path) -> None:
    """Ask a question, so that the modules are compiled; into the folder, as they may not be beside them."""
    tiny = folder / "tiny.tsv"
    tiny.write_text("a\tknows\tb\n", "utf-8")
    for line in (["build", str(tiny), "-o", str(folder / "tiny")], ["ask", "--graph", str(tiny), "a knows?"]):
        _run(code, 1, "compile", [COMMAND, *line], folder)


def _run(code: Code, facts: int, name: str, line: Sequence[str], folder: Path) -> Run:
    environment = {
        **os.environ,
        "PYTHONPATH": str(code.folder),
        "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
    }
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    status_file = folder / "status"
    program, *arguments = line
    began = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-c", PEAK + program, str(status_file), *arguments],
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,  # modules of the folder of work are found before those of the checkout
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        output.seek(0)
        text = output.read().decode().strip()
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise SystemExit(f"{name}: {text}")
    (peak,) = (row.split()[1] for row in status_file.read_text().splitlines() if row.startswith("VmHWM"))
    run = Run(code.name, facts, name, seconds, usage.ru_utime + usage.ru_stime, int(peak) / 1024, text)
    print(
        f"{code.name}, {facts:,} facts, {name}: {run.processor_seconds:.1f} s, {run.peak_megabytes:.0f} MB",
        flush=True,
    )
    return run


def _table(runs: Sequence[Run]) -> Table:
    rows = [
        [
            run.code,
            run.facts,
            run.command,
            run.processor_seconds,
            run.seconds,
            1e6 * run.processor_seconds / run.facts if run.command in ("build", "compact") else None,
            run.peak_megabytes,
            float(run.output) if run.command.startswith(("open", "warm")) else None,
        ]
        for run in runs
    ]
    columns = ("code", "facts", "command", "processor, s", "clock, s", "µs a fact", "peak, MB", "ms")
    return Table(columns, rows, NOTE)


if __name__ == "__main__":
    main()
