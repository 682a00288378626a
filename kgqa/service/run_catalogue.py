"""The runs below a folder, by their names."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from kgqa.errors import DataError, UnknownRunError, check_path
from kgqa.report.run_folder import MANIFEST
from kgqa.service.hosted_run import HostedRun

__all__ = ["RunCatalogue"]

MOST_RUNS = 1000
LOOKS_EVERY = 2.0
"""Seconds in which a new run may go unseen."""


class RunCatalogue:
    """The runs at and below a folder; none where there is no folder.

    The name of a run is that of its folder, with those above it: `films~2026` is in `films/2026`. Only names
    that were found are looked up, so that a name cannot lead out of the folder.
    """

    def __init__(self, folder: str | Path | None = None) -> None:
        self._folder = None if folder is None else check_path(folder, "folder").resolve()
        if self._folder is not None and not self._folder.is_dir():
            raise DataError(f"{folder}: no such folder")
        self._found: Mapping[str, HostedRun] = {}
        self._looked = float("-inf")
        self._lock = threading.Lock()

    def all(self) -> list[HostedRun]:
        """The runs by name, at most 1,000."""
        with self._lock:
            if time.monotonic() - self._looked > LOOKS_EVERY:
                self._found = {run.name: run for run in self._look()}
                self._looked = time.monotonic()
            return list(self._found.values())

    def run(self, name: str) -> HostedRun:
        """A run by its name. Raises `UnknownRunError`."""
        found = next((run for run in self.all() if run.name == name), None)
        if found is None:
            raise UnknownRunError(name)
        return found

    def _look(self) -> list[HostedRun]:
        if self._folder is None:
            return []
        found = []
        for place, folders, files in os.walk(self._folder):
            folders.sort()
            if MANIFEST in files:
                found.append(HostedRun(self._name(Path(place)), Path(place)))
                folders.clear()
            if len(found) == MOST_RUNS:
                break
        return found

    def _name(self, place: Path) -> str:
        assert self._folder is not None
        parts = place.relative_to(self._folder).parts
        return "~".join(parts) or self._folder.name or "run"
