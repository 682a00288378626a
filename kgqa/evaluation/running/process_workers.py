"""Workers that are processes of this machine."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import connection as connections
from multiprocessing.connection import Connection

from kgqa.cache_memory import collect_garbage_less
from kgqa.errors import KgqaError
from kgqa.evaluation.running.child_process import ChildProcess
from kgqa.evaluation.running.executor import MakeRunner
from kgqa.evaluation.running.worker_pool import FinishedBatch, Worker, portable

__all__ = ["ProcessWorker", "ProcessWorkers"]


class ProcessWorker(ChildProcess):
    """A new process that makes its runner, then runs the batches that it is sent."""

    def __init__(self, make_runner: MakeRunner, threads: int) -> None:
        super().__init__(_work, make_runner, threads)


@dataclass(frozen=True)
class ProcessWorkers:
    """Starts processes; `workers` of them share the threads of this machine."""

    make_runner: MakeRunner
    workers: int

    def start(self) -> ProcessWorker:
        """A new process."""
        allowed = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
        return ProcessWorker(self.make_runner, max(1, allowed // self.workers))

    def wait(self, workers: Sequence[Worker]) -> Sequence[Worker]:
        """Those whose connection has a message, or was closed by the end of the process."""
        by_connection = {one.connection: one for one in workers if isinstance(one, ProcessWorker)}
        return [by_connection[found] for found in connections.wait(list(by_connection))]  # type: ignore[index]

    def close(self) -> None:
        """Nothing to free."""


def _work(make_runner: MakeRunner, connection: Connection) -> None:
    """The loop of a worker process, until its connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the master ends the run and its workers
    collect_garbage_less()
    try:
        runner = make_runner()
        connection.send(runner.answerer.describe())
        while True:
            batch = connection.recv()
            connection.send(FinishedBatch.of(runner, batch))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except (KgqaError, MemoryError) as error:
        connection.send(portable(error))
