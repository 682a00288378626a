"""How much memory a long run takes: WebQSP questions on the Freebase graph, one batch after another.

    .venv/bin/python eval/bench/memory.py

Asks the shipped model WebQSP's dev questions, then as many of its train questions as needed, with their
topics, and prints the memory of the process and the CPU time after every 40 questions. `rss` is the
resident memory, `own` the part of it that is not file pages (Linux only). Writes memory.md and memory.json.
1,628 questions take about five minutes on two cores.
"""

from __future__ import annotations

import resource
import sys
import time
from itertools import islice
from pathlib import Path

from command import command, parsed
from machine import Machine
from report import Report, Table

from kgqa.datasets import load_questions
from kgqa.graph import GraphBuilder, open_index, save_index
from kgqa.graph.readers import read
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer, Query

FACTS = "freebase/kb.tsv.gz"
SETS = ("freebase/webqsp_dev.jsonl.gz", "freebase/webqsp_train.jsonl.gz")
EVERY = 40


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--count", type=int, default=1628, help="questions to ask")
    parser.add_argument("--batch-size", type=int, default=8, help="questions decoded at once")
    arguments = parsed(parser, FACTS, *SETS)
    count = 2 * EVERY if arguments.quick else arguments.count
    index = arguments.out / "memory-index"
    save_index(GraphBuilder().add_all(read(arguments.data / FACTS)).build(), index)
    rows = _measured(index, [arguments.data / name for name in SETS], count, arguments.batch_size)
    Report(
        "memory",
        "The memory of a long run",
        Machine.here(),
        {"count": count, "batch size": arguments.batch_size, "threads": arguments.threads},
        [Table(["questions", "rss, MB", "own, MB", "questions per CPU second"], rows)],
        rows,
    ).write(arguments.out)


def _measured(index: Path, sets: list[Path], count: int, batch_size: int) -> list[list[float]]:
    answerer = Answerer(open_index(index), load_language_model())
    asked = islice((question for path in sets for question in load_questions(path)), count)
    outcomes = answerer.run((Query(q.question, q.topic_entities) for q in asked), batch_size)
    rows: list[list[float]] = [[0, *_memory(), 0.0]]
    began = time.process_time()
    for done, _ in enumerate(outcomes, 1):
        if done % EVERY == 0:
            spent = time.process_time() - began
            rows.append([done, *_memory(), EVERY / spent])
            print("{:6} questions  rss {:6.0f} MB  own {:6.0f} MB  {:5.1f} per CPU second".format(*rows[-1]))
            sys.stdout.flush()
            began = time.process_time()
    return rows


def _memory() -> tuple[float, float]:
    """Resident memory, and what of it is not file pages, in megabytes (elsewhere than on Linux: the peak)."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        return peak, peak
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith("kB")}
    return kilobytes["VmRSS"] / 1000, kilobytes["RssAnon"] / 1000


if __name__ == "__main__":
    main()
