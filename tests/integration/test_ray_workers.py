"""Workers of a real Ray cluster on this machine: the records of one process, one of them killed."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.evaluation import workplace
from unit.evaluation.slow_run import GRAPH, QUESTIONS
from unit.evaluation.test_run import records, timeless

from kgqa.errors import UsageError
from kgqa.evaluation import Run
from kgqa.evaluation.running.executor import Executor, InProcess
from kgqa.evaluation.running.ray_workers import RayWorkers
from kgqa.evaluation.running.worker_pool import WorkerPool

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.slow  # a cluster takes ten seconds to start


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """One for all tests; a run that finds it leaves it running."""
    started = RayWorkers(workplace.sound, 2)
    yield
    started.close()


def go(out: Path, executor: Executor, batch_size: int = 2) -> tuple[object, object]:
    report = Run(QUESTIONS, GRAPH.checksum, out, settings={"m": 1}, batch_size=batch_size).go(executor)
    return timeless(report), records(out)


@pytest.mark.usefixtures("cluster")
def test_actors_have_the_records_of_one_process(tmp_path: Path) -> None:
    expected = go(tmp_path / "alone", InProcess(workplace.sound()))
    assert go(tmp_path / "actors", WorkerPool(RayWorkers(workplace.sound, 2), 2)) == expected


@pytest.mark.usefixtures("cluster")
def test_an_actor_that_is_lost_over_its_question_is_replaced(tmp_path: Path) -> None:
    expected = go(tmp_path / "alone", InProcess(workplace.sound()))
    recipe = workplace.killed_once(tmp_path)
    assert go(tmp_path / "actors", WorkerPool(RayWorkers(recipe, 2), 2)) == expected
    assert (tmp_path / "killed").exists()


@pytest.mark.usefixtures("cluster")
def test_an_actor_killed_in_the_middle_leaves_no_trace(tmp_path: Path) -> None:
    expected = go(tmp_path / "alone", InProcess(workplace.sound()))
    executor = WorkerPool(RayWorkers(workplace.sound, 2), 2)
    killed = threading.Event()

    def kill_one() -> None:
        while not executor._busy:
            time.sleep(0.005)
        worker = executor._busy[0][0]
        worker._ray.kill(worker.actor)  # type: ignore[attr-defined]
        killed.set()

    killer = threading.Thread(target=kill_one)
    killer.start()
    found = go(tmp_path / "actors", executor)
    killer.join()
    assert killed.is_set()
    assert found == expected


@pytest.mark.usefixtures("cluster")
def test_a_question_that_kills_its_actors_has_an_error_record(tmp_path: Path) -> None:
    go(tmp_path, WorkerPool(RayWorkers(workplace.killed_over_five, 2), 2), batch_size=1)
    lost = [record for record in records(tmp_path) if "died 2 times" in record.error]
    assert [record.question for record in lost] == ["where does topic 5 lead?"]


@pytest.mark.usefixtures("cluster")
def test_what_keeps_actors_from_working_is_raised_here(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nobody works"):
        go(tmp_path, WorkerPool(RayWorkers(workplace.refused, 2), 2))


def test_no_cluster_at_an_address_is_one_line() -> None:
    ray.shutdown()
    with pytest.raises(UsageError, match=r"no Ray cluster at 127\.0\.0\.1:1"):
        RayWorkers(workplace.sound, 2, "127.0.0.1:1")


@pytest.mark.usefixtures("cluster")
def test_a_cluster_without_free_processors_is_one_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kgqa.evaluation.running.ray_workers.SECONDS_TO_START", 2)
    actors = RayWorkers(workplace.sound, 1)
    actors._threads = 1000
    with pytest.raises(
        UsageError, match="no worker started on the Ray cluster at local in 2 s; see whether 1 x 1000"
    ):
        go(tmp_path, WorkerPool(actors, 1))
