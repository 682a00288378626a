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
from kgqa.evaluation.answered_group import AnsweredGroup
from kgqa.evaluation.crew import Group, Recipe
from kgqa.evaluation.portable_error import portable
from kgqa.evaluation.staff import Worker, WorkerLost

__all__ = ["Actors", "RayWorker"]


class _Actor:
    """What runs in the cluster."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def here(self) -> None:
        """Say that the process runs."""

    def start(self) -> object:
        """The facts, or what keeps it from working."""
        try:
            self._asker = self._recipe()
        except (KgqaError, MemoryError) as error:
            return portable(error)
        return self._asker.facts

    def ask(self, group: Group) -> AnsweredGroup:
        """What became of a group."""
        return AnsweredGroup.of(self._asker, group)


SECONDS_TO_START = 120
"""How long a cluster may take to start a process, which then may load its model as long as it likes."""


class RayWorker:
    """An actor, and the answer that it owes; `here` is what it says first, `None` once it was heard."""

    def __init__(self, ray: Any, recipe: Recipe, threads: int, python: str | None) -> None:
        self._ray = ray
        # What can be imported here can be imported there, if it is on the same machine.
        paths = os.pathsep.join(path for path in sys.path if path)
        environment: dict[str, Any] = {"env_vars": {"OMP_NUM_THREADS": str(threads), "PYTHONPATH": paths}}
        if python is not None:
            environment["py_executable"] = python
        remote = ray.remote(num_cpus=threads, max_restarts=0, runtime_env=environment)(_Actor)
        self.actor = remote.remote(recipe)
        self.here = self.actor.here.remote()
        self.owed = self.actor.start.remote()

    def give(self, group: Group) -> None:
        """See `Worker.give`."""
        self.owed = self.actor.ask.remote(group)

    def take(self) -> Any:
        """See `Worker.take`."""
        from ray.exceptions import RayError

        try:
            said = self._ray.get(self.owed)
        except RayError as error:
            raise WorkerLost(str(error).strip().splitlines()[-1][:200]) from error
        if isinstance(said, BaseException):
            raise said
        return said

    def dismiss(self) -> None:
        """End the actor."""
        self._ray.kill(self.actor)


@dataclass
class Actors:
    """Hires actors of the cluster at `address`; `local` starts one of this machine for the run.

    Raises `UsageError` where Ray is not installed or there is no cluster, and, from `speaking`, where a
    cluster starts no actor. An actor asks for as many processors as it has threads.
    """

    recipe: Recipe
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

    def worker(self) -> RayWorker:
        """A new actor."""
        # Ray puts the path of the interpreter into a shell's command as it is.
        python = shlex.quote(sys.executable) if self.address == "local" else None
        return RayWorker(self._ray, self.recipe, self._threads, python)

    def speaking(self, workers: Sequence[Worker]) -> Sequence[Worker]:
        """Those whose answer is there, or will never be."""
        actors = [one for one in workers if isinstance(one, RayWorker)]
        while True:
            awaited = {one.owed if one.here is None else one.here: one for one in actors}
            limit = None if all(one.here is None for one in actors) else SECONDS_TO_START
            ready, _ = self._ray.wait(list(awaited), num_returns=1, timeout=limit)
            if not ready:
                raise UsageError(
                    f"no worker started on the Ray cluster at {self.address} in {SECONDS_TO_START} s; see "
                    f"whether {self.workers} x {self._threads} processors are free there, and Ray's logs"
                )
            speaks = awaited[ready[0]]
            if speaks.here is None:
                return [speaks]
            speaks.here = None

    def close(self) -> None:
        """Leave the cluster, and end one that was started for the run."""
        if self._own:
            self._ray.shutdown()
