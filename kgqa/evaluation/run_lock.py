"""One run at a time in a folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kgqa.errors import DataError, UsageError

__all__ = ["run_lock"]

NAME = ".lock"


@contextmanager
def run_lock(out: Path) -> Iterator[None]:
    """Hold the folder of a run, which is made if it is missing; a process that dies lets go of it.

    Raises `UsageError` when another run holds it, `DataError` when it cannot be used.
    """
    path = out / NAME
    try:
        out.mkdir(parents=True, exist_ok=True)
        stream = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise DataError(f"{out}: cannot be used ({error.strerror})") from error
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            stream.seek(0)
            who = stream.read(20).strip() or "?"
            raise UsageError(
                f"{out}: another run (process {who}) is at work here; wait for it, or choose another folder"
            ) from error
        stream.truncate(0)
        stream.write(f"{os.getpid()}\n")
        stream.flush()
        yield
