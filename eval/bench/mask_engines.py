"""Which tokens may follow: our walk against tries and grammar engines, given the same paths.

    .venv/bin/python eval/bench/mask_engines.py

For about 1,000, 10,000 and 100,000 paths, each the whole language of one MetaQA topic: seconds and
memory to compile them, microseconds for the set of tokens that may follow along randomly chosen
paths, and how many of these sets are not what brute force gives. Each engine runs in a process of
its own, which is ended when it takes too long or too much; our walk is measured beside it there,
step by step, and the last column is the ratio of the two.

Grammar engines take texts: what they allow may also be another way to split the same text into
tokens, which the model was not trained to write and which lets one path fill several beams. That is
counted apart. xgrammar brings much with it and is measured where it is installed:
`pip install --no-deps xgrammar apache-tvm-ffi`.

Writes mask-engines.md and mask-engines.json. Takes up to half an hour on two cores.
"""

from __future__ import annotations

import gc
import multiprocessing
import random
import time
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from command import command, parsed
from machine import Machine
from maskers import MASKERS, PACKAGES, Given, Masker
from metaqa import graph, questions, sample, texts
from models import bench_tokenizer, segments
from path_list import Language, PathList, chosen
from published import Neighbours
from report import Report, Table, median, percentile

from kgqa.constraint import Reach

WALK = "our walk"


@dataclass
class Row:
    """What was found of one engine and one list of paths."""

    engine: str
    paths: int
    topic: str
    hops: int
    compile_seconds: float | None = None
    compile_megabytes: float | None = None
    megabytes: float | None = None
    mask_median: float | None = None
    mask_99: float | None = None
    masks: int = 0
    refused: int = 0
    lacking: int = 0
    other: int = 0
    wrong: int = 0
    ratio: float | None = None
    failure: str = ""


@dataclass(frozen=True)
class Effort:
    """How much is measured, and what an engine may take."""

    walked: int
    seconds: float
    mask_seconds: float
    gigabytes: float
    threads: int


def main() -> None:
    parser = command(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--engines", nargs="+", choices=list(MASKERS), default=list(MASKERS))
    parser.add_argument("--walked", type=int, default=200, help="paths that are gone through")
    parser.add_argument("--seconds", type=float, default=400.0, help="the most for an engine and a list")
    parser.add_argument("--mask-seconds", type=float, default=60.0, help="no new path after this")
    parser.add_argument("--gigabytes", type=float, default=6.0, help="the most memory of an engine")
    arguments = parsed(parser)
    if arguments.quick:
        arguments.sizes, arguments.walked, arguments.seconds = [100], 5, 120.0
    effort = Effort(
        arguments.walked,
        arguments.seconds,
        arguments.mask_seconds,
        arguments.gigabytes,
        arguments.threads,
    )
    facts = graph(arguments.data)
    raw = bench_tokenizer(texts(arguments.data, facts))
    asked = [
        one for hops in (2, 3) for one in sample(questions(arguments.data, hops, facts), 150, arguments.seed)
    ]
    languages = chosen(Neighbours(facts), [one.topic for one in asked], arguments.sizes)
    rows = []
    for language in languages:
        for engine in arguments.engines:
            row = apart(engine, language, raw, arguments.data, arguments.seed, effort)
            rows.append(row)
            print(f"{engine}, {language.paths:,} paths: {row.failure or 'done'}", flush=True)
    Report(
        "mask_engines",
        "Which tokens may follow",
        Machine.here(*(name.replace("_", "-") for name in PACKAGES.values())),
        {
            "paths gone through": arguments.walked,
            "seconds at most": arguments.seconds,
            "gigabytes at most": arguments.gigabytes,
            "seed": arguments.seed,
        },
        [speeds(rows), faults(rows)],
        [asdict(row) for row in rows],
    ).write(arguments.out)


def apart(engine: str, language: Language, raw: Any, data: Path, seed: int, effort: Effort) -> Row:
    """Measure an engine in a process of its own."""
    row = Row(engine, language.paths, language.topic, language.hops)
    package = PACKAGES.get(engine)
    if package and find_spec(package) is None:
        row.failure = "not installed"
        return row
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(
        target=measure, args=(there, row, language, raw, data, seed, effort), daemon=True
    )
    process.start()
    there.close()
    began = None
    while True:
        if here.poll(0.2):
            try:
                message = here.recv()
            except EOFError:
                process.join()
                row.failure = row.failure or f"the process ended with {process.exitcode}"
                return row
            if message is None:
                process.join()
                return row
            if began is None:
                began = time.monotonic()
            row = message
        elif began is not None and time.monotonic() - began > effort.seconds:
            row.failure = f"more than {effort.seconds:g} s"
        elif process.pid and _megabytes(process.pid) > 1024 * effort.gigabytes:
            row.failure = f"more than {effort.gigabytes:g} GB"
        else:
            continue
        if row.failure:
            process.kill()
            process.join()
            return row


def measure(
    out: Connection, row: Row, language: Language, raw: Any, data: Path, seed: int, effort: Effort
) -> None:
    """In the process: compile, go through paths, and tell what is known so far each time."""
    torch.set_num_threads(effort.threads)
    facts = graph(data)
    tokenizer = segments(raw)
    paths = PathList.of(Neighbours(facts), language, raw, tokenizer.end_id)
    row.paths = len(paths.texts)
    reach = Reach(facts)
    graph_tokens = reach.graph_tokens(tokenizer)
    _ = graph_tokens.names, graph_tokens.steps
    given = Given(facts, reach, language, paths, raw, tokenizer)
    beside = MASKERS[WALK](given)
    walked = random.Random(seed).sample(range(len(paths.texts)), min(effort.walked, len(paths.texts)))
    for place in walked:
        for depth in range(len(paths.sequences[place]) + 1):
            paths.expected(paths.sequences[place][:depth])
    paths.judge((), ())
    gc.collect()
    out.send(row)  # the time of the engine begins
    before = _megabytes()
    began = time.perf_counter()
    try:
        masker = MASKERS[row.engine](given)
        row.compile_seconds = time.perf_counter() - began
        row.compile_megabytes = _megabytes() - before
        out.send(row)
        go_through(masker, beside, paths, walked, row, effort.mask_seconds)
        row.megabytes = _megabytes() - before
    except Exception as error:  # engines fail in ways of their own, and the table says how
        row.failure = " ".join(f"{type(error).__name__}: {error}".split())[:160]
    out.send(row)
    out.send(None)


def go_through(
    masker: Masker, beside: Masker, paths: PathList, walked: list[int], row: Row, seconds: float
) -> None:
    """Masks along some paths, each with that of the walk at the same place."""
    taken: list[float] = []
    ratios: list[float] = []
    began = time.perf_counter()
    for place in walked:
        sequence = paths.sequences[place]
        masker.reset()
        beside.reset()
        for depth in range(len(sequence) + 1):
            first = time.perf_counter()
            mask = masker.mask()
            second = time.perf_counter()
            beside.mask()
            third = time.perf_counter()
            taken.append(1e6 * (second - first))
            ratios.append((second - first) / (third - second))
            verdict = paths.judge(sequence[:depth], masker.tokens(mask))
            row.masks += 1
            row.lacking += verdict.lacks > 0
            row.other += verdict.other > 0
            row.wrong += verdict.wrong > 0
            if depth < len(sequence):
                try:
                    masker.consume(sequence[depth])
                except Exception:  # a token of a path: each engine has its own way to refuse
                    row.refused += 1
                    break
                beside.consume(sequence[depth])
        row.mask_median, row.mask_99 = percentile(taken, 50), percentile(taken, 99)
        row.ratio = median(ratios)
        if time.perf_counter() - began > seconds:
            return


def speeds(rows: list[Row]) -> Table:
    columns = (
        "engine", "paths", "compile, s", "compile, MB", "MB in all", "mask, median us", "p99",
        "times our walk", "",
    )  # fmt: skip
    return Table(
        columns,
        [
            [
                row.engine,
                row.paths,
                row.compile_seconds,
                row.compile_megabytes,
                row.megabytes,
                row.mask_median,
                row.mask_99,
                row.ratio,
                row.failure,
            ]
            for row in rows
        ],
        "Compiling: of the published trie with tokenising, of KGTrie with listing and tokenising too, of the "
        "walk what it takes to make one for a question (its tables are there once a graph). Memory is what "
        "the process grew by, the last column but one the median ratio to the walk at the same step.",
    )


def faults(rows: list[Row]) -> Table:
    columns = (
        "engine", "paths", "masks", "lack a token", "allow what is no path", "allow another split of a path",
        "paths refused",
    )  # fmt: skip
    return Table(
        columns,
        [
            [row.engine, row.paths, row.masks, row.lacking, row.wrong, row.other, row.refused]
            for row in rows
            if row.masks
        ],
        "Masks that are not what brute force gives. A path is refused where a token of it is not taken. Why "
        "an engine lacks tokens was not looked into: it may be the form in which it is given the paths.",
    )


def _megabytes(process: int | str = "self") -> float:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * 4096 / 2**20


if __name__ == "__main__":
    main()
