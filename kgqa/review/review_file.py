"""The judgements of a run on disk: a line each, only ever added to."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock, Timeout

from kgqa.datasets.json_objects import parse_json_line
from kgqa.errors import DataError, ParseError
from kgqa.review.verdict import Judgement

__all__ = ["ReviewFile"]

NAME = "reviews.jsonl"
PATIENCE = 10.0
"""Seconds to wait for somebody else who adds to the file."""


class ReviewFile:
    """`reviews.jsonl` in the folder of a run; several reviewers may add to it at a time.

    Of several judgements of one reviewer on a question, the last one counts. A line that a kill left
    unfinished at the end is ignored, and dropped before the next one is added.
    """

    def __init__(self, folder: str | Path) -> None:
        self.path = Path(folder) / NAME
        self._lock = FileLock(f"{self.path}.lock", timeout=PATIENCE)

    def read(self) -> list[Judgement]:
        """The judgements, the earliest first. Raises `ParseError` for a damaged line, else `DataError`."""
        try:
            return self._parsed(self._content())[0]
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read ({error.strerror})") from error

    def latest(self) -> list[Judgement]:
        """Of each reviewer and question the last judgement, in the order of the questions' first ones."""
        return list({(one.reviewer, one.id): one for one in self.read()}.values())

    def add(self, judgements: Iterable[Judgement]) -> None:
        """Add judgements; once this returns, they are on the disk. Raises `DataError`, `ParseError`."""
        lines = b"".join(one.to_json().encode() + b"\n" for one in judgements)
        try:
            with self._lock, self.path.open("a+b") as stream:
                _, end = self._parsed(self._content())
                stream.truncate(end)
                stream.write(lines)
                stream.flush()
                os.fsync(stream.fileno())
        except Timeout as error:
            raise DataError(f"{self.path}: held by somebody else for {PATIENCE:g} seconds") from error
        except OSError as error:
            raise DataError(f"{self.path}: cannot be written ({error.strerror})") from error

    def _content(self) -> bytes:
        return self.path.read_bytes() if self.path.exists() else b""

    def _parsed(self, content: bytes) -> tuple[list[Judgement], int]:
        """The judgements in the whole lines, and where the last of these ends."""
        *lines, rest = content.split(b"\n")
        found = []
        for number, line in enumerate(lines, 1):
            try:
                text = line.decode("utf-8")
                found.append(Judgement.from_json(parse_json_line(self.path, number, text)))
            except UnicodeDecodeError as error:
                raise ParseError(self.path, number, "not UTF-8") from error
            except ValueError as error:
                raise ParseError(self.path, number, f"no judgement: {error}") from error
        return found, len(content) - len(rest)
