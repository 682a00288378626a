"""What the stages of a run found, kept on disk, so that a later stage can be run again alone."""

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
    """A short name for a JSON value: the same for equal ones, however their keys are ordered."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


class StageCache:
    """Finds of one stage under one set of settings, each under a key.

    A file of lines, `KEY <tab> JSON`, in `folder`, named for the stage and all that decides what it
    finds (`decided_by`, JSON values). Several processes may append at once; a line is added in one
    step. A line that is cut off or damaged counts as one that is not there. Raises `CacheError` where
    the folder cannot be used.
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
