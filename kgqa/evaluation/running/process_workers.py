"""Workers that are processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection as connections
from multiprocessing.connection import Connection
from typing import Any

from kgqa.cache_memory import collect_garbage_less
from kgqa.errors import KgqaError
from kgqa.evaluation.running.executor import Batch, MakeRunner
from kgqa.evaluation.running.worker_pool import FinishedBatch, Worker, WorkerLost, portable

__all__ = ["ProcessWorker", "ProcessWorkers"]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ProcessWorker:
    """A new process (spawn) that makes its runner, then runs the batches that it is sent."""

    def __init__(self, make_runner: MakeRunner, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(make_runner, theirs), daemon=True)
        with _environment(dict.fromkeys(_THREADS, str(threads))):
            self.process.start()
        theirs.close()

    def send(self, batch: Batch) -> None:
        """See `Worker.send`."""
        try:
            self.connection.send(batch)
        except OSError as error:
            raise WorkerLost(str(error)) from error

    def receive(self) -> Any:
        """See `Worker.receive`."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError) as error:
            self.process.join(5)
            raise WorkerLost(f"exit code {self.process.exitcode}") from error
        if isinstance(message, BaseException):
            raise message
        return message

    def stop(self) -> None:
        """End the process."""
        self.connection.close()
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


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


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the processes that are started in this context."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
