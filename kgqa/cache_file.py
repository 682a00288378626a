"""A cache in one file, which threads and processes may use at once and be killed while doing so."""

from __future__ import annotations

import json
import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

__all__ = ["CacheFile"]

_Given = TypeVar("_Given")
_LOG = logging.getLogger("kgqa")
_PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""
MOST_BYTES = 1 << 30
"""A file that holds more loses what was not used for longest, down to three quarters of this."""
_USED = "CREATE TABLE IF NOT EXISTS used (key TEXT PRIMARY KEY, time REAL NOT NULL) WITHOUT ROWID"
"""When an entry was read or written last, by its key in hexadecimal."""
_NOTE = "INSERT OR REPLACE INTO used SELECT value, ? FROM json_each(?)"
_SIZE = """SELECT (page_count - freelist_count) * page_size
    FROM pragma_page_count, pragma_freelist_count, pragma_page_size"""
_FORGET = """DELETE FROM {table} WHERE key IN (SELECT key FROM (
    SELECT entries.key AS key, sum(bytes) OVER (ORDER BY ifnull(time, 0), entries.key) - bytes AS older
    FROM (SELECT key, length(CAST({content} AS BLOB)) AS bytes FROM {table}) AS entries
    LEFT JOIN used ON used.key = hex(entries.key)) WHERE older < ?)"""
"""Forgets the entries that were used longest ago, of so many bytes."""


class CacheFile:
    """A table of SQLite in a file; `holds` says in words what it holds.

    Its entries have a `key` (`TEXT` or `BLOB`) and the `columns` given in SQL; what takes the room is in the
    first. The file has a bound, `MOST_BYTES`, beyond which entries that were used longest ago are forgotten;
    `tell_used` says which were used. It never raises: a damaged file is moved aside, and a file that cannot
    be read or written is an empty cache. Either is logged once, as a warning of the logger `kgqa`.
    """

    def __init__(self, file: Path, table: str, columns: str, holds: str, *, key: str = "TEXT") -> None:
        self.file = file
        self._create = f"CREATE TABLE IF NOT EXISTS {table} (key {key} PRIMARY KEY, {columns}) WITHOUT ROWID"
        self._forget = _FORGET.format(table=table, content=columns.split()[0])
        self._forget_used = f"DELETE FROM used WHERE key NOT IN (SELECT hex(key) FROM {table})"
        self._holds = holds
        self._warned = False
        self._lock = threading.Lock()

    def attempt(self, statement: str, values: tuple[object, ...] = ()) -> tuple[Any, ...] | None:
        """The first row that a statement gives; `None` for none, and where the file cannot be used."""

        def execute(connection: sqlite3.Connection) -> tuple[Any, ...] | None:
            row: tuple[Any, ...] | None = connection.execute(statement, values).fetchone()
            return row

        return self._attempt(execute)

    def tell_used(self, keys: Iterable[str | bytes]) -> None:
        """Note that entries were read or written now; in a file that is too large, forget the oldest.

        Where the file can only be read, or others write for too long, nothing is noted.
        """
        coded = (key.encode() if isinstance(key, str) else key for key in keys)
        used = json.dumps(sorted(key.hex().upper() for key in coded))

        def note(connection: sqlite3.Connection) -> None:
            with suppress(sqlite3.OperationalError):
                connection.execute(_USED)
                connection.execute(_NOTE, (time.time(), used))
                (size,) = connection.execute(_SIZE).fetchone()
                if size > MOST_BYTES:
                    connection.execute(self._forget, (size - MOST_BYTES * 3 // 4,))
                    connection.execute(self._forget_used)

        self._attempt(note)

    def _attempt(self, act: Callable[[sqlite3.Connection], _Given]) -> _Given | None:
        try:
            return self._run(act)
        except sqlite3.OperationalError as error:  # no permission, a full disk, or locked for too long
            self._warn(f"{error}; continuing without it")
        except (sqlite3.DatabaseError, UnicodeError) as error:
            if isinstance(error, UnicodeError):  # a text that cannot be encoded
                return None
            self._move_aside(error)
        except OSError as error:
            self._warn(f"{error.strerror or error}; continuing without it")
        return None

    def _run(self, act: Callable[[sqlite3.Connection], _Given]) -> _Given:
        with self._connection() as connection:
            given = act(connection)
            connection.commit()
            return given

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one act, so that none is shared by threads or used after a fork."""
        if not self.file.exists():
            self.file.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.file, timeout=_PATIENCE)) as connection:
            # a killed process does no harm, and damage by a power cut is noticed and moved aside
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute(self._create)
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
            row = self._run(lambda connection: connection.execute("PRAGMA quick_check").fetchone())
        except sqlite3.OperationalError:
            return False
        except sqlite3.DatabaseError:
            return True
        return row is None or row[0] != "ok"

    def _warn(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            _LOG.warning("the cache of %s %s: %s", self._holds, self.file, reason)
