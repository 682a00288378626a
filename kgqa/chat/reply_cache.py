"""A cache of LLM replies on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from kgqa.cache_file import CacheFile
from kgqa.cache_folder import cache_folder
from kgqa.chat.protocol import Message

__all__ = ["ReplyCache", "reply_key"]

_VERSION = 1


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
    """Replies of LLMs in a file, which has a bound; it never raises, see `CacheFile`."""

    def __init__(self, file: str | Path | None = None) -> None:
        self.file = cache_folder() / "replies.sqlite" if file is None else Path(file)
        self._file = CacheFile(
            self.file, "replies", "text TEXT NOT NULL, finished INTEGER NOT NULL", "replies"
        )

    def get(self, key: str) -> tuple[str, bool] | None:
        """The text of a reply and whether it was finished; `None` where it is not cached."""
        row = self._file.attempt("SELECT text, finished FROM replies WHERE key = ?", (key,))
        if row is None or not isinstance(row[0], str):
            return None
        self._file.tell_used([key])
        return row[0], bool(row[1])

    def put(self, key: str, text: str, finished: bool) -> None:
        """Store a reply. A reply that is there already is kept."""
        self._file.attempt("INSERT OR IGNORE INTO replies VALUES (?, ?, ?)", (key, text, int(finished)))
        self._file.tell_used([key])
