import threading
from contextlib import suppress
from multiprocessing.connection import Connection

import pytest

from kgqa.evaluation.running.child_process import ChildProcess
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
