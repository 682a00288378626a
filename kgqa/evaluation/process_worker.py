"""Workers that are processes of this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

from kgqa.errors import KgqaError
from kgqa.evaluation.answered_group import AnsweredGroup
from kgqa.evaluation.crew import Group, Recipe
from kgqa.evaluation.portable_error import portable
from kgqa.evaluation.staff import Worker, WorkerLost

__all__ = ["ProcessWorker", "Processes"]

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ProcessWorker:
    """A process, started afresh (spawn), that makes its asker and then answers what it is given."""

    def __init__(self, recipe: Recipe, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(recipe, theirs), daemon=True)
        with _environment(dict.fromkeys(_THREADS, str(threads))):
            self.process.start()
        theirs.close()

    def give(self, group: Group) -> None:
        """See `Worker.give`."""
        try:
            self.connection.send(group)
        except OSError as error:
            raise WorkerLost(str(error)) from error

    def take(self) -> Any:
        """See `Worker.take`."""
        try:
            said = self.connection.recv()
        except (EOFError, OSError) as error:
            self.process.join(5)
            raise WorkerLost(f"exit code {self.process.exitcode}") from error
        if isinstance(said, BaseException):
            raise said
        return said

    def dismiss(self) -> None:
        """End the process."""
        self.connection.close()
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        self.process.close()


@dataclass(frozen=True)
class Processes:
    """Hires processes, each with its share of the threads that `workers` of them may use."""

    recipe: Recipe
    workers: int

    def worker(self) -> ProcessWorker:
        """A new process."""
        allowed = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
        return ProcessWorker(self.recipe, max(1, allowed // self.workers))

    def speaking(self, workers: Sequence[Worker]) -> Sequence[Worker]:
        """Those whose connection has something, or was closed by the end of the process."""
        by_connection = {one.connection: one for one in workers if isinstance(one, ProcessWorker)}
        return [by_connection[found] for found in wait(list(by_connection))]  # type: ignore[index]

    def close(self) -> None:
        """Nothing is left."""


def _work(recipe: Recipe, connection: Connection) -> None:
    """What a worker does until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the master ends the run and its workers
    try:
        asker = recipe()
        connection.send(asker.facts)
        while True:
            group = connection.recv()
            connection.send(AnsweredGroup.of(asker, group))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except (KgqaError, MemoryError) as error:
        connection.send(portable(error))


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """These variables, for the processes that are started meanwhile."""
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
