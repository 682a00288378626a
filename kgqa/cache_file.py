"""A cache in one file, which threads and processes may use at once and be killed while doing so."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

__all__ = ["CacheFile"]

_LOG = logging.getLogger("kgqa")
_PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""


class CacheFile:
    """A file of SQLite with the tables that the statements of `tables` create; `holds` says what is in them.

    It never raises: a damaged file is moved aside, and a file that cannot be read or written is an empty
    cache. Either is logged once, as a warning of the logger `kgqa`.
    """

    def __init__(self, file: Path, tables: str, holds: str) -> None:
        self.file = file
        self._tables = tables
        self._holds = holds
        self._warned = False
        self._lock = threading.Lock()

    def attempt(self, statement: str, values: tuple[object, ...] = ()) -> tuple[Any, ...] | None:
        """The first row that a statement gives; `None` for none, and where the file cannot be used."""
        try:
            return self._run(statement, values)
        except sqlite3.OperationalError as error:  # no permission, a full disk, or locked for too long
            self._warn(f"{error}; continuing without it")
        except (sqlite3.DatabaseError, UnicodeError) as error:
            if isinstance(error, UnicodeError):  # a text that cannot be encoded
                return None
            self._move_aside(error)
        except OSError as error:
            self._warn(f"{error.strerror or error}; continuing without it")
        return None

    def _run(self, statement: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        with self._connection() as connection:
            row: tuple[Any, ...] | None = connection.execute(statement, values).fetchone()
            connection.commit()
            return row

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one statement, so that none is shared by threads or used after a fork."""
        if not self.file.exists():
            self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=_PATIENCE)) as connection:
            # a killed process does no harm, and damage by a power cut is noticed and moved aside
            connection.execute("PRAGMA synchronous = OFF")
            connection.executescript(self._tables)
            yield connection

    def _move_aside(self, error: Exception) -> None:
        """Rename a damaged file, unless another thread has done so already."""
        with self._lock:
            if not self._is_damaged():
                return
            aside = self.file.with_name(f"{self.file.name}.damaged")
            try:
                self.file.with_name(f"{self.file.name}-journal").unlink(missing_ok=True)
                self.file.replace(aside)
            except OSError as problem:
                self._warn(f"{error}, and cannot be moved aside ({problem.strerror}); continuing without it")
            else:
                self._warn(f"{error}; moved to {aside.name}, a new file is begun")

    def _is_damaged(self) -> bool:
        try:
            row = self._run("PRAGMA quick_check", ())
        except sqlite3.OperationalError:
            return False
        except sqlite3.DatabaseError:
            return True
        return row is None or row[0] != "ok"

    def _warn(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            _LOG.warning("the cache of %s %s: %s", self._holds, self.file, reason)
