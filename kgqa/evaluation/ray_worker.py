"""Workers that are actors of a Ray cluster."""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kgqa.errors import KgqaError, UsageError
from kgqa.evaluation.crew import Group, Recipe
from kgqa.evaluation.staff import Worker, WorkerLost

__all__ = ["Actors", "RayWorker"]


class _Actor:
    """What runs in the cluster."""

    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def start(self) -> object:
        """The facts, or what keeps it from working."""
        try:
            self._asker = self._recipe()
        except KgqaError as error:
            return _Refusal(str(error), isinstance(error, UsageError))
        return self._asker.facts

    def ask(self, group: Group) -> object:
        """The records of a group, or what keeps it from going on."""
        try:
            return list(self._asker.ask(group))
        except KgqaError as error:
            return _Refusal(str(error), isinstance(error, UsageError))


@dataclass(frozen=True)
class _Refusal:
    message: str
    usage: bool


class RayWorker:
    """An actor, and the answer that it owes."""

    def __init__(self, ray: Any, recipe: Recipe, threads: int) -> None:
        self._ray = ray
        # What can be imported here can be imported there, if it is on the same machine.
        paths = os.pathsep.join(path for path in sys.path if path)
        environment = {"env_vars": {"OMP_NUM_THREADS": str(threads), "PYTHONPATH": paths}}
        remote = ray.remote(num_cpus=threads, max_restarts=0, runtime_env=environment)(_Actor)
        self.actor = remote.remote(recipe)
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
        if isinstance(said, _Refusal):
            raise UsageError(said.message) if said.usage else KgqaError(said.message)
        return said

    def dismiss(self) -> None:
        """End the actor."""
        self._ray.kill(self.actor)


@dataclass
class Actors:
    """Hires actors of the cluster at `address`; `local` starts one of this machine for the run.

    Raises `UsageError` where Ray is not installed or there is no cluster. An actor asks for as many
    processors as it has threads.
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
        return RayWorker(self._ray, self.recipe, self._threads)

    def speaking(self, workers: Sequence[Worker]) -> Sequence[Worker]:
        """Those whose answer is there, or will never be."""
        by_answer = {one.owed: one for one in workers if isinstance(one, RayWorker)}
        ready, _ = self._ray.wait(list(by_answer), num_returns=1)
        return [by_answer[answer] for answer in ready]

    def close(self) -> None:
        """Leave the cluster, and end one that was started for the run."""
        if self._own:
            self._ray.shutdown()
