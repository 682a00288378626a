"""What a second worker is worth: questions a second of one process and of two, models loaded before.

Each worker is a process of its own with the shipped model. Compared are one worker with one thread (the
baseline), two workers with one thread each, as processes and as actors of a local Ray cluster, and one
worker with two threads: the last three have the same processors. The questions are MetaQA's held-back
ones of 2 hops; the arms take turns. What two processes that only count get done, against one, says how
much of a second processor this machine had to give.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import replace
from statistics import median
from typing import Literal, NamedTuple

from command import command, parsed
from machine import Machine
from report import Report, Table

from kgqa.cache_folder import cache_folder
from kgqa.evaluation import RunRecipe, RunSettings
from kgqa.evaluation.running.process_workers import ProcessWorkers
from kgqa.evaluation.running.ray_workers import RayWorkers
from kgqa.evaluation.running.run import in_batches
from kgqa.evaluation.running.worker_pool import WorkerFactory, WorkerPool


class Arm(NamedTuple):
    """How many workers there are, of what kind, with how many threads each."""

    workers: int
    threads: int
    kind: Literal["process", "Ray actor"] = "process"


ARMS = (Arm(1, 1), Arm(2, 1), Arm(2, 1, "Ray actor"), Arm(1, 2))


def main() -> None:
    arguments = parsed(command(__doc__))
    count, rounds = (32, 1) if arguments.quick else (200, 3)
    settings = RunSettings(dataset="metaqa-2hop", part="test", sample=count, seed=arguments.seed)
    recipe = replace(RunRecipe.of(settings, arguments.data, cache_folder()), cache=None)
    _ = recipe.graph  # indexed once, by nobody's clock
    spare = median(counted(2) / counted(1) for _ in range(rounds))
    times: dict[Arm, list[tuple[float, float]]] = {arm: [] for arm in ARMS}
    for _round in range(rounds):
        for arm in ARMS:
            times[arm].append(timed(recipe, arm))
    speeds = {arm: count / median(seconds for _, seconds in found) for arm, found in times.items()}
    rows = [
        [
            arm.workers,
            arm.kind,
            arm.threads,
            count,
            median(loading for loading, _ in found),
            speeds[arm],
            speeds[arm] / speeds[ARMS[0]],
        ]
        for arm, found in times.items()
    ]
    columns = [
        "workers",
        "each a",
        "threads each",
        "questions",
        "seconds to load",
        "questions/s",
        "times the baseline",
    ]
    Report(
        "workers",
        "What a second worker is worth",
        Machine.here(),
        {"rounds": rounds, "seed": arguments.seed},
        [Table(columns, rows, f"Two processes that only count get {spare:.2f} times as far as one.")],
        [{**arm._asdict(), "loading, answering": found} for arm, found in times.items()],
    ).write(arguments.out)


def counted(processes: int) -> int:
    """How far so many processes count in two seconds, all together."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(processes) as pool:
        return sum(pool.map(_count, [2.0] * processes, chunksize=1))


def _count(seconds: float) -> int:
    ends, number = time.perf_counter() + seconds, 0
    while time.perf_counter() < ends:
        number += 1
    return number


def timed(recipe: RunRecipe, arm: Arm) -> tuple[float, float]:
    """Seconds until all workers are ready, and seconds to answer all questions after that."""
    os.environ["OMP_NUM_THREADS"] = str(arm.workers * arm.threads)
    factory: WorkerFactory
    if arm.kind == "Ray actor":
        factory = RayWorkers(recipe, arm.workers, "local")
    else:
        factory = ProcessWorkers(recipe, arm.workers)
    pool = WorkerPool(factory, arm.workers)
    began = time.perf_counter()
    try:
        pool.ready()
        loaded = time.perf_counter()
        answered = sum(1 for _ in pool.records(in_batches(recipe.questions, recipe.settings.batch_size)))
        ended = time.perf_counter()
    finally:
        pool.close()
    assert answered == sum(1 for _ in recipe.questions)
    return loaded - began, ended - loaded


if __name__ == "__main__":
    main()
