"""A process of this machine that does work for this one."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from kgqa.evaluation.running.worker_pool import WorkerLost

__all__ = ["ChildProcess"]

Told = TypeVar("Told")
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_STARTING = threading.Lock()
"""Held while the environment is another one: all threads share it, and a server starts several processes."""


class ChildProcess:
    """A new process (spawn) that runs `work` on a value and a connection to this one.

    Its models have so many threads. It has to end when the connection is closed.
    """

    def __init__(self, work: Callable[[Told, Connection], None], value: Told, threads: int) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(value, theirs), daemon=True)
        with _environment(dict.fromkeys(_THREADS, str(threads))):
            self.process.start()
        theirs.close()

    def send(self, message: Any) -> None:
        """Send it a message. Raises `WorkerLost`."""
        try:
            self.connection.send(message)
        except OSError as error:
            raise WorkerLost(str(error)) from error

    def receive(self) -> Any:
        """Its next message; an error is raised. Raises `WorkerLost`."""
        try:
            message = self.connection.recv()
        except (EOFError, OSError) as error:
            self.process.join(5)
            raise WorkerLost(f"exit code {self.process.exitcode}") from error
        if isinstance(message, BaseException):
            raise message
        return message

    def stop(self) -> None:
        """End the process, also while another thread waits for its message, which then raises `WorkerLost`.

        Both may stop it.
        """
        self.connection.close()
        self.process.terminate()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """Set environment variables for the processes that are started in this context, one thread at a time."""
    with _STARTING:
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
