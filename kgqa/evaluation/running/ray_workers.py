"""Workers that are actors of a Ray cluster."""

from __future__ import annotations

import logging
import os
import shlex
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kgqa.errors import KgqaError, UsageError
from kgqa.evaluation.running.executor import Batch, MakeRunner
from kgqa.evaluation.running.worker_pool import FinishedBatch, Worker, WorkerLost, portable

__all__ = ["RayWorker", "RayWorkers"]


class _Actor:
    """What runs in the cluster."""

    def __init__(self, make_runner: MakeRunner) -> None:
        self._make_runner = make_runner

    def here(self) -> None:
        """Return once the process runs."""

    def start(self) -> object:
        """The description of the answerer, or the error that keeps it from starting."""
        try:
            self._runner = self._make_runner()
        except (KgqaError, MemoryError) as error:
            return portable(error)
        return self._runner.answerer.describe()

    def run(self, batch: Batch) -> FinishedBatch:
        """Run a batch."""
        return FinishedBatch.of(self._runner, batch)


SECONDS_TO_START = 120
"""How long a cluster may take to start a process, which then may load its model as long as it likes."""


class RayWorker:
    """An actor and its next message; `here` resolves when its process runs, then it is `None`."""

    def __init__(self, ray: Any, make_runner: MakeRunner, threads: int, python: str | None) -> None:
        self._ray = ray
        # What can be imported here can be imported there, if it is on the same machine.
        paths = os.pathsep.join(path for path in sys.path if path)
        environment: dict[str, Any] = {"env_vars": {"OMP_NUM_THREADS": str(threads), "PYTHONPATH": paths}}
        if python is not None:
            environment["py_executable"] = python
        remote = ray.remote(num_cpus=threads, max_restarts=0, runtime_env=environment)(_Actor)
        self.actor = remote.remote(make_runner)
        self.here = self.actor.here.remote()
        self.message = self.actor.start.remote()

    def send(self, batch: Batch) -> None:
        """See `Worker.send`."""
        self.message = self.actor.run.remote(batch)

    def receive(self) -> Any:
        """See `Worker.receive`."""
        from ray.exceptions import RayError

        try:
            message = self._ray.get(self.message)
        except RayError as error:
            raise WorkerLost(str(error).strip().splitlines()[-1][:200]) from error
        if isinstance(message, BaseException):
            raise message
        return message

    def stop(self) -> None:
        """End the actor."""
        self._ray.kill(self.actor)


@dataclass
class RayWorkers:
    """Starts actors on the cluster at `address`; `local` starts a cluster of this machine for the run.

    Raises `UsageError` where Ray is not installed or there is no cluster, and, from `wait`, where a
    cluster starts no actor. An actor asks for as many processors as it has threads.
    """

    make_runner: MakeRunner
    workers: int
    address: str = "local"
    _ray: Any = field(default=None, init=False)

    def __post_init__(self) -> None:
        try:
            os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
            import ray
        except ImportError as error:
            raise UsageError("Ray is not installed; pip install 'kgqa[ray]'") from error
        self._ray = ray
        self._own = not ray.is_initialized()
        if self._own:
            self._connect()
        resources: dict[str, float] = ray.cluster_resources()  # type: ignore[no-untyped-call]
        cpus = int(resources.get("CPU", 1))
        self._threads = max(1, cpus // self.workers)

    def _connect(self) -> None:
        host, colon, port = self.address.removeprefix("ray://").rpartition(":")
        quiet: dict[str, Any] = {"logging_level": logging.ERROR, "log_to_driver": False}
        try:
            if self.address == "local":
                cpus = max(self.workers, os.cpu_count() or 1)
                self._ray.init(include_dashboard=False, num_cpus=cpus, **quiet)
            else:
                if colon:  # Ray itself tries for minutes
                    socket.create_connection((host, int(port)), timeout=10).close()
                self._ray.init(address=self.address, **quiet)
        except (OSError, ValueError, RuntimeError) as error:
            raise UsageError(f"no Ray cluster at {self.address}: {error}") from error

    def start(self) -> RayWorker:
        """A new actor."""
        # Ray puts the path of the interpreter into a shell's command as it is.
        python = shlex.quote(sys.executable) if self.address == "local" else None
        return RayWorker(self._ray, self.make_runner, self._threads, python)

    def wait(self, workers: Sequence[Worker]) -> Sequence[Worker]:
        """Those whose message is there, or will never be."""
        actors = [one for one in workers if isinstance(one, RayWorker)]
        while True:
            pending = {one.message if one.here is None else one.here: one for one in actors}
            limit = None if all(one.here is None for one in actors) else SECONDS_TO_START
            ready, _ = self._ray.wait(list(pending), num_returns=1, timeout=limit)
            if not ready:
                raise UsageError(
                    f"no worker started on the Ray cluster at {self.address} in {SECONDS_TO_START} s; see "
                    f"whether {self.workers} x {self._threads} processors are free there, and Ray's logs"
                )
            first = pending[ready[0]]
            if first.here is None:
                return [first]
            first.here = None

    def close(self) -> None:
        """Leave the cluster, and end one that was started for the run."""
        if self._own:
            self._ray.shutdown()
