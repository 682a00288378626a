"""Workers: the records of one process, whoever is lost."""

from __future__ import annotations

import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest
from unit.evaluation import workplace
from unit.evaluation.slow_run import GRAPH, QUESTIONS
from unit.evaluation.test_run import records, timeless

from kgqa.datasets import Question
from kgqa.errors import DataError, SpentError, UnknownEntityError, UsageError
from kgqa.evaluation import BatchRunner, Record, Run
from kgqa.evaluation.running.executor import InProcess, MakeRunner
from kgqa.evaluation.running.process_workers import ProcessWorkers
from kgqa.evaluation.running.worker_pool import FinishedBatch, WorkerPool, portable


def go(out: Path, executor: InProcess | WorkerPool, batch_size: int) -> dict[str, object]:
    run = Run(QUESTIONS, GRAPH.checksum, out, batch_size=batch_size)
    return timeless(run.go(executor))


def processes(make_runner: MakeRunner, count: int = 2) -> WorkerPool:
    return WorkerPool(ProcessWorkers(make_runner, count), count)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[object, object]]:
    found: dict[int, tuple[object, object]] = {}

    def of(batch_size: int) -> tuple[object, object]:
        if batch_size not in found:
            out = tmp_path_factory.mktemp("whole")
            found[batch_size] = (go(out, InProcess(workplace.sound()), batch_size), records(out))
        return found[batch_size]

    return of


Whole = Callable[[int], tuple[object, object]]


@pytest.mark.parametrize(("count", "batch_size"), [(2, 1), (2, 4), (3, 40)])
def test_workers_have_the_records_of_one_process(
    tmp_path: Path, whole: Whole, count: int, batch_size: int
) -> None:
    report = go(tmp_path, processes(workplace.sound, count), batch_size)
    assert (report, records(tmp_path)) == whole(batch_size)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_worker_that_is_lost_once_is_replaced_and_its_questions_asked_again(
    tmp_path: Path, whole: Whole, batch_size: int
) -> None:
    report = go(tmp_path / "out", processes(workplace.killed_once(tmp_path)), batch_size)
    assert (tmp_path / "killed").exists()
    assert (report, records(tmp_path / "out")) == whole(batch_size)


@pytest.mark.parametrize("batch_size", [1, 4])
def test_a_question_that_kills_its_workers_costs_its_own_record_only(
    tmp_path: Path, whole: Whole, batch_size: int
) -> None:
    go(tmp_path, processes(workplace.killed_over_five), batch_size)
    found, expected = records(tmp_path), list(whole(batch_size)[1])  # type: ignore[call-overload]
    at = next(at for at, question in enumerate(QUESTIONS) if "topic 5 " in question.question)
    lost = found.pop(at)
    expected.pop(at)
    assert found == expected
    assert (lost.status, lost.id, lost.answers) == ("error", QUESTIONS[at].id, ())
    losses = 2 if batch_size == 1 else 3
    assert f"died {losses} times (exit code -9)" in lost.error


def test_workers_killed_from_outside_at_any_moment_leave_no_trace(tmp_path: Path, whole: Whole) -> None:
    pool = processes(workplace.sound)
    ended = threading.Event()

    def kill_two() -> Iterator[None]:
        for _ in range(2):
            while not pool._busy and not ended.is_set():
                time.sleep(0.005)
            for worker, _ in list(pool._busy)[:1]:
                os.kill(worker.process.pid, 9)  # type: ignore[attr-defined]
            time.sleep(0.05)
        yield

    killer = threading.Thread(target=lambda: list(kill_two()))
    killer.start()
    try:
        report = go(tmp_path, pool, 2)
    finally:
        ended.set()
        killer.join()
    assert (report, records(tmp_path)) == whole(2)


def test_what_keeps_workers_from_working_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody works under such settings"):
        go(tmp_path / "refused", processes(workplace.refused), 1)
    with pytest.raises(DataError, match=r"do not start \(exit code 9\)"):
        go(tmp_path / "stillborn", processes(workplace.stillborn), 1)


def test_a_run_of_workers_that_was_stopped_goes_on_alone(tmp_path: Path, whole: Whole) -> None:
    go(tmp_path, processes(workplace.sound), 2)
    path = tmp_path / "records.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[1:9] + lines[20:]))
    assert go(tmp_path, InProcess(workplace.sound()), 2) == whole(2)[0]
    assert records(tmp_path) == whole(2)[1]


def test_an_error_arrives_from_another_process_with_its_own_words() -> None:
    for error in (UnknownEntityError("Foo", "look"), SpentError("spent"), UsageError("so"), MemoryError("x")):
        arrived = pickle.loads(pickle.dumps(portable(error)))
        assert str(arrived) == str(error)
        assert isinstance(arrived, UsageError) == isinstance(error, UsageError)


def test_what_was_answered_before_a_run_ended_is_kept() -> None:
    class Paid:
        def records(self, questions: Sequence[Question]) -> Iterator[Record]:
            yield from workplace.sound().records(questions[:2])
            raise SpentError("the money is spent")

    found = FinishedBatch.of(cast("BatchRunner", Paid()), QUESTIONS[:4])
    assert [record.id for record in found.records] == [question.id for question in QUESTIONS[:2]]
    assert isinstance(found.error, SpentError)
