"""A cache of LLM replies on disk."""

from __future__ import annotations

import hashlib
import json
import logging
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from kgqa.cache_folder import cache_folder
from kgqa.chat.protocol import Message

__all__ = ["ReplyCache", "reply_key"]

_LOG = logging.getLogger("kgqa")
_VERSION = 1
_PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""

_TABLE = """CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY, text TEXT NOT NULL, finished INTEGER NOT NULL
) WITHOUT ROWID"""


def reply_key(
    identity: Mapping[str, object],
    messages: Sequence[Message],
    schema: Mapping[str, Any] | None,
    max_tokens: int,
) -> str:
    """The cache key of a reply: a hash of everything it depends on; `identity` is that of the model."""
    turns = [[turn.role, turn.content] for turn in messages]
    parts = [_VERSION, sorted(identity.items()), turns, schema, max_tokens]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


class ReplyCache:
    """A file of replies, which threads and processes may use at once and be killed while doing so.

    It never raises: a damaged file is moved aside, and a file that cannot be read or written is an empty
    cache. Either is logged once, as a warning of the logger `kgqa`.
    """

    def __init__(self, file: str | Path | None = None) -> None:
        self.file = cache_folder() / "replies.sqlite" if file is None else Path(file)
        self._warned = False
        self._lock = threading.Lock()

    def get(self, key: str) -> tuple[str, bool] | None:
        """The text of a reply and whether it was finished; `None` where it is not cached."""
        row = self._attempt("SELECT text, finished FROM replies WHERE key = ?", (key,))
        if row is None or not isinstance(row[0], str):
            return None
        return row[0], bool(row[1])

    def put(self, key: str, text: str, finished: bool) -> None:
        """Store a reply. A reply that is there already is kept."""
        self._attempt("INSERT OR IGNORE INTO replies VALUES (?, ?, ?)", (key, text, int(finished)))

    def _attempt(self, statement: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
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
            connection.execute(_TABLE)
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
            self._run("SELECT count(*) FROM replies", ())
        except sqlite3.OperationalError:
            return False
        except sqlite3.DatabaseError:
            return True
        return False

    def _warn(self, reason: str) -> None:
        if not self._warned:
            self._warned = True
            _LOG.warning("the cache of replies %s: %s", self.file, reason)
