"""How far a build has read, kept with each of its runs, so that it can go on after it was stopped."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from kgqa.graph.building.fact_run import FactRun
from kgqa.graph.readers import Skip, SkipReport

__all__ = ["Checkpoint", "ReadBefore", "fingerprint", "run_folder", "stopped_build"]

FORM = 1
"""To be raised when runs are written in another way: then nothing that was kept before is used."""
_FILE = "checkpoint.json"


@dataclass(frozen=True)
class ReadBefore:
    """The files before number `file` (from 0) were read; the report on them has these skips and notes."""

    file: int = 0
    skips: Sequence[Skip] = ()
    notes: Sequence[str] = ()

    @classmethod
    def of(cls, file: int, report: SkipReport) -> Self:
        """With what a report has by now."""
        return cls(file, tuple(report.skips), tuple(report.notes))

    def restore(self, report: SkipReport) -> None:
        """Add these skips and notes to a report. Raises `ParseError` where they are more than it takes."""
        for skip in self.skips:
            report.add(skip.source, skip.line, skip.reason)
        report.notes.extend(self.notes)


@dataclass(frozen=True)
class Checkpoint:
    """What a build had read when it wrote a run.

    That is, of the file behind those `read`, the first `items` that its reader gives; together these are
    `facts`. `relations`, `sources` and `labels` (of relations) have come since the run before.
    """

    read: ReadBefore
    items: int
    facts: int
    relations: Sequence[str]
    sources: Sequence[str]
    labels: Mapping[str, str]

    @classmethod
    def of(cls, run: Path) -> Self | None:
        """The one that was written with a run; `None` where it is not whole."""
        try:
            said: dict[str, Any] = json.loads((run / _FILE).read_text("utf-8"))
            read = said.pop("read")
            skips = [Skip(**skip) for skip in read.pop("skips")]
            return cls(ReadBefore(skips=skips, **read), **said)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, run: FactRun) -> None:
        """Write it with its run, after all else of the run is on disk."""
        temporary = run.folder / f".{_FILE}"
        temporary.write_text(json.dumps(asdict(self)), "utf-8")
        for path in run.folder.iterdir():
            with path.open("r+b") as stream:  # Windows flushes only what is open for writing
                os.fsync(stream.fileno())
        temporary.rename(run.folder / _FILE)


def run_folder(workspace: Path, number: int) -> Path:
    """Where a build has a run."""
    return workspace / f"run-{number}"


def stopped_build(workspace: Path) -> Iterator[tuple[FactRun, Checkpoint]]:
    """The runs that a build has left where it worked; all else there is removed."""
    kept: list[tuple[FactRun, Checkpoint]] = []
    while checkpoint := Checkpoint.of(folder := run_folder(workspace, len(kept))):
        kept.append((FactRun(folder), checkpoint))
    folders = [run.folder for run, _ in kept]
    for path in workspace.iterdir():
        if path not in folders:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    for run, _ in kept:
        run.forget_ranks()
    return iter(kept)


def fingerprint(paths: Sequence[Path], *settings: object) -> str | None:
    """Names files as they are now, and how they are read; `None` where one of them is no plain file."""
    said: list[object] = [FORM, *map(repr, settings)]
    for path in paths:
        try:
            status = os.stat(path)
        except (OSError, ValueError):
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        said.append([str(path.resolve()), status.st_size, status.st_mtime_ns])
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
