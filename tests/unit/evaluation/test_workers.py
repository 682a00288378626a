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
from kgqa.evaluation import Asker, Record, Run
from kgqa.evaluation.answered_group import AnsweredGroup
from kgqa.evaluation.crew import Alone, Recipe
from kgqa.evaluation.portable_error import portable
from kgqa.evaluation.process_worker import Processes
from kgqa.evaluation.staff import Staff


def go(out: Path, crew: Alone | Staff, together: int) -> dict[str, object]:
    run = Run(QUESTIONS, GRAPH.checksum, out, settings={"model": "one hop"}, together=together)
    return timeless(run.go(crew))


def processes(recipe: Recipe, count: int = 2) -> Staff:
    return Staff(Processes(recipe, count), count)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], tuple[object, object]]:
    found: dict[int, tuple[object, object]] = {}

    def of(together: int) -> tuple[object, object]:
        if together not in found:
            out = tmp_path_factory.mktemp("whole")
            found[together] = (go(out, Alone(workplace.sound()), together), records(out))
        return found[together]

    return of


Whole = Callable[[int], tuple[object, object]]


@pytest.mark.parametrize(("count", "together"), [(2, 1), (2, 4), (3, 40)])
def test_workers_have_the_records_of_one_process(
    tmp_path: Path, whole: Whole, count: int, together: int
) -> None:
    report = go(tmp_path, processes(workplace.sound, count), together)
    assert (report, records(tmp_path)) == whole(together)


@pytest.mark.parametrize("together", [1, 4])
def test_a_worker_that_is_lost_once_is_replaced_and_its_questions_asked_again(
    tmp_path: Path, whole: Whole, together: int
) -> None:
    report = go(tmp_path / "out", processes(workplace.killed_once(tmp_path)), together)
    assert (tmp_path / "killed").exists()
    assert (report, records(tmp_path / "out")) == whole(together)


@pytest.mark.parametrize("together", [1, 4])
def test_a_question_that_kills_its_workers_costs_its_own_record_only(
    tmp_path: Path, whole: Whole, together: int
) -> None:
    go(tmp_path, processes(workplace.killed_over_five), together)
    found, expected = records(tmp_path), list(whole(together)[1])  # type: ignore[call-overload]
    at = next(at for at, question in enumerate(QUESTIONS) if "topic 5 " in question.question)
    lost = found.pop(at)
    expected.pop(at)
    assert found == expected
    assert (lost.status, lost.id, lost.answers) == ("error", QUESTIONS[at].id, ())
    losses = 2 if together == 1 else 3
    assert f"was lost {losses} times (exit code -9)" in lost.error


def test_workers_killed_from_outside_at_any_moment_leave_no_trace(tmp_path: Path, whole: Whole) -> None:
    crew = processes(workplace.sound)
    ended = threading.Event()

    def kill_two() -> Iterator[None]:
        for _ in range(2):
            while not crew._busy and not ended.is_set():
                time.sleep(0.005)
            for worker, _ in list(crew._busy)[:1]:
                os.kill(worker.process.pid, 9)  # type: ignore[attr-defined]
            time.sleep(0.05)
        yield

    killer = threading.Thread(target=lambda: list(kill_two()))
    killer.start()
    try:
        report = go(tmp_path, crew, 2)
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
    assert go(tmp_path, Alone(workplace.sound()), 2) == whole(2)[0]
    assert records(tmp_path) == whole(2)[1]


def test_an_error_arrives_from_another_process_with_its_own_words() -> None:
    for error in (UnknownEntityError("Foo", "look"), SpentError("spent"), UsageError("so"), MemoryError("x")):
        arrived = pickle.loads(pickle.dumps(portable(error)))
        assert str(arrived) == str(error)
        assert isinstance(arrived, UsageError) == isinstance(error, UsageError)


def test_what_was_answered_before_a_run_ended_is_kept() -> None:
    class Paid:
        def ask(self, questions: Sequence[Question]) -> Iterator[Record]:
            yield from workplace.sound().ask(questions[:2])
            raise SpentError("the money is spent")

    found = AnsweredGroup.of(cast("Asker", Paid()), QUESTIONS[:4])
    assert [record.id for record in found.records] == [question.id for question in QUESTIONS[:2]]
    assert isinstance(found.ended, SpentError)
