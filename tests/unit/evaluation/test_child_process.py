import os
import threading
from contextlib import suppress
from multiprocessing.connection import Connection

import pytest

from kgqa.evaluation.running.child_process import ChildProcess, _environment
from kgqa.evaluation.running.worker_pool import WorkerLost


def silent(greeting: str, connection: Connection) -> None:
    connection.send(greeting)
    with suppress(EOFError):
        connection.recv()


def test_a_process_may_be_stopped_twice_also_while_its_message_is_awaited() -> None:
    child = ChildProcess(silent, "hello", threads=1)
    assert child.receive() == "hello"
    awaited, ended = threading.Event(), []

    def await_message() -> None:
        awaited.set()
        with pytest.raises(WorkerLost):
            child.receive()
        child.stop()
        ended.append(True)

    thread = threading.Thread(target=await_message)
    thread.start()
    assert awaited.wait(10)
    child.stop()
    thread.join(30)
    assert ended
    assert child.process.exitcode is not None


def test_threads_that_start_processes_leave_the_environment_as_it_was(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("KGQA_TRIED", raising=False)
    first_inside, second_inside, first_outside = (threading.Event() for _ in range(3))
    found: list[str | None] = []

    def first() -> None:
        with _environment({"KGQA_TRIED": "1"}):
            first_inside.set()
            second_inside.wait(0.1)
            found.append(os.environ.get("KGQA_TRIED"))
        first_outside.set()

    def second() -> None:
        first_inside.wait(10)
        with _environment({"KGQA_TRIED": "2"}):
            second_inside.set()
            first_outside.wait(10)
            found.append(os.environ.get("KGQA_TRIED"))

    threads = [threading.Thread(target=work) for work in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert found == ["1", "2"]
    assert "KGQA_TRIED" not in os.environ
