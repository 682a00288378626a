"""What a second worker is worth: questions a second of one process and of two, models loaded before.

Each worker is a process of its own with the shipped model. Compared are one worker with one thread (the
baseline), two workers with one thread each, and one worker with two threads: the last two have the same
processors. The questions are MetaQA's held-back ones of 2 hops; the arms take turns. What two processes
that only count get done, against one, says how much of a second processor this machine had to give.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from dataclasses import replace
from statistics import median

from command import command, parsed
from machine import Machine
from report import Report, Table

from kgqa.cli.run_recipe import RunRecipe
from kgqa.datasets import cache_folder
from kgqa.evaluation import RunSettings
from kgqa.evaluation.process_worker import Processes
from kgqa.evaluation.run import in_groups
from kgqa.evaluation.staff import Staff

ARMS = ((1, 1), (2, 1), (1, 2))
"""Workers, and the threads of each."""


def main() -> None:
    arguments = parsed(command(__doc__))
    count, rounds = (32, 1) if arguments.quick else (200, 3)
    settings = RunSettings("metaqa-2hop", part="test", sample=count, seed=arguments.seed)
    recipe = replace(RunRecipe.settled(settings, arguments.data, cache_folder()), stages=None)
    _ = recipe.graph  # indexed once, by nobody's clock
    spare = median(counted(2) / counted(1) for _ in range(rounds))
    times: dict[tuple[int, int], list[tuple[float, float]]] = {arm: [] for arm in ARMS}
    for _round in range(rounds):
        for arm in ARMS:
            times[arm].append(timed(recipe, *arm))
    speeds = {arm: count / median(seconds for _, seconds in found) for arm, found in times.items()}
    rows = [
        [
            *arm,
            count,
            median(loading for loading, _ in found),
            speeds[arm],
            speeds[arm] / speeds[ARMS[0]],
        ]
        for arm, found in times.items()
    ]
    columns = ["workers", "threads each", "questions", "seconds to load", "questions/s", "times the baseline"]
    Report(
        "workers",
        "What a second worker is worth",
        Machine.here(),
        {"rounds": rounds, "seed": arguments.seed},
        [Table(columns, rows, f"Two processes that only count get {spare:.2f} times as far as one.")],
        [{"workers": w, "threads": t, "loading, answering": found} for (w, t), found in times.items()],
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


def timed(recipe: RunRecipe, workers: int, threads: int) -> tuple[float, float]:
    """Seconds until all workers are ready, and seconds to answer all questions after that."""
    os.environ["OMP_NUM_THREADS"] = str(workers * threads)
    crew = Staff(Processes(recipe, workers), workers)
    began = time.perf_counter()
    try:
        crew.ready()
        loaded = time.perf_counter()
        answered = sum(1 for _ in crew.records(in_groups(recipe.questions, recipe.settings.together)))
        ended = time.perf_counter()
    finally:
        crew.close()
    assert answered == sum(1 for _ in recipe.questions)
    return loaded - began, ended - loaded


if __name__ == "__main__":
    main()
