"""Results of one stage of the line on disk, so that a later stage can be run again alone."""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kgqa.errors import CacheError

__all__ = ["StageCache", "digest"]


def digest(value: object) -> str:
    """A hash of a JSON value; the order of keys does not matter."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class StageCache:
    """The results of one stage under one set of settings, by key.

    They are lines, `KEY <tab> JSON`, of a file in `folder` whose name holds the stage and a hash of the
    settings that decide its results (`decided_by`, JSON values). Several processes may append at once: a line
    is written in one step. Incomplete and damaged lines are ignored. Raises `CacheError` where the folder
    cannot be used.
    """

    def __init__(self, folder: Path, stage: str, decided_by: Mapping[str, object]) -> None:
        self.path = folder / f"{stage}-{digest(dict(decided_by))}.tsv"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.path.touch()
            self._lines = _lines(self.path.read_bytes())
            if self._lines.pop("", b""):
                self._append(b"\n")
        except OSError as error:
            raise self._unusable(error) from error

    def __len__(self) -> int:
        return len(self._lines)

    def __contains__(self, key: str) -> bool:
        return key in self._lines

    def get(self, key: str) -> dict[str, Any] | None:
        """What was put under a key; `None` for nothing, or nothing that can be read."""
        try:
            value = json.loads(self._lines.get(key, b"null"))
        except ValueError:
            return None
        return value if isinstance(value, dict) else None

    def put(self, key: str, value: Mapping[str, object]) -> None:
        """Keep a JSON object. Raises `CacheError` when the disk is full."""
        text = json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()
        try:
            self._append(b"%s\t%s\n" % (key.encode(), text))
        except OSError as error:
            raise self._unusable(error) from error
        self._lines[key] = text

    def _append(self, line: bytes) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        try:
            if os.write(file, line) != len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(file)

    def _unusable(self, error: OSError) -> CacheError:
        reason = error.strerror or error
        return CacheError(f"{self.path}: cannot be written ({reason}); name another folder with --cache")


def _lines(content: bytes) -> dict[str, bytes]:
    """The values by their keys, not parsed; what is cut off at the end under the empty key."""
    *whole, rest = content.split(b"\n")
    found = {"": rest} if rest else {}
    for line in whole:
        key, tab, value = line.partition(b"\t")
        if tab and len(key) == 32:
            found[key.decode("ascii", "replace")] = value
    return found
