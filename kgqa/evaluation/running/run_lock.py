"""A lock, so that only one process runs in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from kgqa.errors import DataError, UsageError

__all__ = ["run_lock"]

NAME = ".lock"
HOLDER = ".lock-holder"
"""The id of the process that holds the lock, in a file of its own: Windows forbids reading a locked one."""


@contextmanager
def run_lock(out: Path) -> Iterator[None]:
    """Lock the folder of a run, which is created if it is missing; the lock of a killed process is free.

    Raises `UsageError` when another run holds the lock, `DataError` when the folder cannot be used.
    """
    holder = out / HOLDER
    lock = FileLock(out / NAME, timeout=0)
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as error:
        raise UsageError(
            f"{out}: another run (process {_process(holder)}) writes to this folder; wait for it, or choose "
            "another folder"
        ) from error
    except OSError as error:
        raise DataError(f"{out}: cannot be used ({error.strerror})") from error
    try:
        holder.write_text(f"{os.getpid()}\n", "utf-8")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _process(holder: Path) -> str:
    try:
        return holder.read_text("utf-8").strip() or "?"
    except OSError:
        return "?"
