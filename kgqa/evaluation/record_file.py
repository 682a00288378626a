"""The records of a run on disk: a line is there whole or not at all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Self

from kgqa.datasets.json_objects import parse_json_line
from kgqa.errors import DataError, ParseError, check_names
from kgqa.evaluation.record import Record
from kgqa.graph.readers.lines import open_bytes

__all__ = ["MANIFEST", "RECORDS", "RecordFile", "read_records", "records_of"]

RECORDS = "records.jsonl"
MANIFEST = "run.json"
"""The files of a run's folder: its records and its manifest."""

SECONDS_BETWEEN_SYNCS = 1.0
"""Every line is handed to the operating system at once, and forced to the disk this often."""


class RecordFile:
    """`records.jsonl`, open for appending.

    A run that was killed may leave half a line at the end: opening drops it. A line that is damaged
    anywhere else, or an id that comes twice, raises `ParseError`: that is no kill's doing. Writing
    raises `DataError` when the disk is full.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = path = Path(path)
        try:
            path.touch()
            self._stream = path.open("r+b", buffering=0)
        except OSError as error:
            raise DataError(f"{path}: cannot be written ({error.strerror})") from error
        self._synced = time.monotonic()
        try:
            self.records = self._recover()
        except ParseError:
            self._stream.close()
            raise

    def _recover(self) -> dict[str, Record]:
        """The whole records of the file by id; leaves the file ending after the last of them."""
        records, end = _parse(self._path, self._stream.readall())
        self._stream.seek(end)
        self._stream.truncate()
        return records

    def append(self, record: Record) -> None:
        """Write one record; once this returns, a kill of this process doesn't lose it."""
        try:
            line = record.to_json().encode("utf-8") + b"\n"
            while line:
                line = line[self._stream.write(line) :]
            if time.monotonic() - self._synced >= SECONDS_BETWEEN_SYNCS:
                self.sync()
        except OSError as error:
            raise DataError(
                f"{self._path}: cannot be written ({error.strerror}); run again to go on"
            ) from error
        self.records[record.id] = record

    def sync(self) -> None:
        """Force everything written to the disk."""
        os.fsync(self._stream.fileno())
        self._synced = time.monotonic()

    def put_in_order(self, ids: Iterable[str]) -> None:
        """Rewrite the file, in one step, if its records are in another order than these ids."""
        check_names(ids, "ids")
        order = list(ids)
        if order == list(self.records):
            return
        temporary = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as stream:
                stream.writelines(self.records[id_].to_json().encode("utf-8") + b"\n" for id_ in order)
                stream.flush()
                os.fsync(stream.fileno())
            self._stream.close()  # Windows does not replace a file that is open
            os.replace(temporary, self._path)
            self._stream = self._path.open("r+b", buffering=0)
            self._stream.seek(0, os.SEEK_END)
        except OSError as error:
            raise DataError(f"{self._path}: cannot be written ({error.strerror})") from error
        finally:
            temporary.unlink(missing_ok=True)
        self.records = {id_: self.records[id_] for id_ in order}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if not self._stream.closed:
                self.sync()
        finally:
            self._stream.close()


def read_records(path: str | Path) -> dict[str, Record]:
    """The records of a file, plain or gzip, by id; an unfinished line at the end is ignored.

    There are none where there is no file. Raises `ParseError` for damage.
    """
    path = Path(path)
    if not path.exists():
        return {}
    with open_bytes(path) as stream:
        content = stream.read()
    return _parse(path, content)[0]


def records_of(folder: str | Path) -> Path:
    """The records in the folder of a run: packed where they were exported, else as a run writes them."""
    folder = Path(folder)
    packed = folder / f"{RECORDS}.gz"
    return packed if packed.is_file() and not (folder / RECORDS).exists() else folder / RECORDS


def _parse(path: Path, content: bytes) -> tuple[dict[str, Record], int]:
    """The whole records by id, and where the last of them ends."""
    records: dict[str, Record] = {}
    lines = BytesIO(content).readlines()
    end = 0
    for number, line in enumerate(lines, 1):
        try:
            record = _parse_line(path, number, line)
        except ParseError:
            if number == len(lines) and not line.endswith(b"\n"):
                break
            raise
        if record.id in records:
            raise ParseError(path, number, f"a second record for the question {record.id[:80]!r}")
        records[record.id] = record
        end += len(line)
    return records, end


def _parse_line(path: Path, number: int, line: bytes) -> Record:
    if not line.endswith(b"\n"):
        raise ParseError(path, number, "the line is cut off")
    try:
        return Record.from_json(parse_json_line(path, number, line.decode("utf-8")))
    except UnicodeDecodeError as error:
        raise ParseError(path, number, "not UTF-8") from error
    except ValueError as error:
        raise ParseError(path, number, f"no record: {error}") from error
