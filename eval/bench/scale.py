"""How builds, questions and updates grow with a graph.

    .venv/bin/python eval/bench/scale.py --facts 1000000 10000000

Each size is measured on made-up facts (`synthetic_facts.py`), every command in a process of its own: kgqa
build, opening the index, kgqa ask with each grammar, twice (the first also makes the token table of the
relations), many questions in one process on one thread, in turn with questions of the same form to MetaQA's
graph, kgqa add of 1,000 facts, kgqa ask of one of these with each grammar, and, with --compact, kgqa compact.
The seconds are those of the processor (user and system) and those on the clock; the peak is that of the
resident memory. --against measures another checkout, too.
Modules are compiled before, as they are in an installed package.
Linux only. Writes scale.md and scale.json; with --against, scale-against.md and .json. 10 million facts take
about four minutes on two cores, and 2 GB of disk.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from command import ROOT, command, parsed
from machine import Machine
from metaqa import graph as metaqa
from report import Report, Table
from synthetic_facts import SyntheticFacts

from kgqa.graph import IndexedGraph

ADDED = 1_000
OPENING = (
    "import time; from kgqa.graph import open_index; began = time.perf_counter(); "
    "graph = open_index(sys.argv[1]); print((time.perf_counter() - began) * 1000)"
)
GRAMMARS = ("relations", "programs", "path")
WARM_GRAMMARS = ("relations", "programs")
WARMING, WARM = 50, 100
"""Questions before those that are measured, and those."""
QUESTIONS = f"""
import pathlib, statistics, sys, time
import torch
from kgqa.graph import open_index
from kgqa.pipeline import Query
from kgqa.pipeline.assembly import build_answerer
from kgqa.pipeline.settings import AnswererSettings
torch.set_num_threads(1)
def seconds(answerer, question):
    began = time.process_time()
    list(answerer.run([Query(question)], 1))
    return time.process_time() - began
settings = AnswererSettings(grammar=sys.argv[1])
answerers = [build_answerer(settings, graph=open_index(index)) for index in sys.argv[2::2]]
asked = [pathlib.Path(file).read_text("utf-8").splitlines() for file in sys.argv[3::2]]
rows = [[seconds(*pair) for pair in zip(answerers, turn)] for turn in zip(*asked)]
for column in zip(*rows[{WARMING}:]):
    print(1000 * statistics.median(column))
"""
"""Prints the milliseconds of a question to each of some graphs: index, file of questions, and so on."""
COMMAND = "import runpy; runpy.run_module('kgqa', run_name='__main__')"
NOTE = (
    "Whole processes, with the start of Python and, for questions, of the model. ms: to open the index, on "
    f"the clock; of the processor for a warm question (median of {WARM} after {WARMING} others), in the last "
    "column by that of a question of the same form to MetaQA's graph, asked in turn with it in one process."
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
    films = metaqa(arguments.data)
    runs: list[Run] = []
    for facts in sizes:
        synthetic = SyntheticFacts(facts, arguments.seed)
        for name, code in codes.items():
            with tempfile.TemporaryDirectory(prefix="kgqa-scale-", dir=arguments.work) as folder:
                runs += measured(
                    synthetic, films, Path(folder).resolve(), arguments.compact, Code(name, code)
                )
    Report(
        "scale",
        "Builds, questions and updates by the size of the graph",
        Machine.here("pyarrow"),
        {"facts": " ".join(f"{facts:,}" for facts in sizes), "seed": arguments.seed},
        [_table(runs)],
        [asdict(run) for run in runs],
        of="against" if arguments.against else "",
    ).write(arguments.out)


def measured(
    synthetic: SyntheticFacts, films: IndexedGraph, folder: Path, compact: bool, code: Code
) -> list[Run]:
    """All commands on one size."""
    source, more, index = folder / "facts.tsv", folder / "more.tsv", str(folder / "index")
    synthetic.write(source)
    heads, relations, _ = (part[1000 : 1000 + WARMING + WARM].tolist() for part in synthetic.triples(0))
    facts = [(synthetic.name(h), synthetic.relation(r)) for h, r in zip(heads, relations, strict=True)]
    others = random.Random(synthetic.seed).sample(list(films), WARMING + WARM)
    of_films = [(films.label(fact.head) or "", films.relation_label(fact.relation)) for fact in others]
    questions = [_questions(folder / "questions.txt", facts), _questions(folder / "films.txt", of_films)]
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
        *(
            (
                f"warm questions, {grammar}",
                [QUESTIONS, grammar, index, questions[0], str(films.folder), questions[1]],
            )
            for grammar in WARM_GRAMMARS
        ),
        ("add 1,000 facts", [COMMAND, "add", index, str(more)]),
        ("open with changes", [OPENING, index]),
        *((f"question with changes, {grammar}", [*ask, grammar, added]) for grammar in GRAMMARS),
        *([("compact", [COMMAND, "compact", index])] if compact else []),
    ]
    _compile(code, folder)
    return [_run(code, synthetic.facts, name, line, folder) for name, line in tasks]


def _questions(path: Path, facts: Sequence[tuple[str, str]]) -> str:
    """Write questions for topics and relations to a file; its path."""
    path.write_text("".join(f"what is the {relation} of {topic}?\n" for topic, relation in facts), "utf-8")
    return str(path)


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
    rows = []
    for run in runs:
        has_times = run.command.startswith(("open", "warm"))
        times = [float(word) for word in run.output.split()] if has_times else []
        rows.append(
            [
                run.code,
                run.facts,
                run.command,
                run.processor_seconds,
                run.seconds,
                1e6 * run.processor_seconds / run.facts if run.command in ("build", "compact") else None,
                run.peak_megabytes,
                times[0] if times else None,
                times[0] / times[1] if len(times) == 2 else None,
            ]
        )
    columns = (
        *("code", "facts", "command", "processor, s", "clock, s", "µs a fact", "peak, MB", "ms"),
        "of MetaQA's",
    )
    return Table(columns, rows, NOTE)


if __name__ == "__main__":
    main()
