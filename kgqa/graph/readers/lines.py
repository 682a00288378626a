"""Reading files, plain or packed, by bytes or by lines; errors name the file and the line."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING

from kgqa.errors import ParseError
from kgqa.graph.readers.compression import DAMAGE, MAGIC_BYTES, kind_of_packing, unpacked

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = [
    "MAX_LINE_BYTES",
    "BytesRead",
    "counting_bytes",
    "decoded_lines",
    "open_bytes",
    "read_byte_lines",
    "read_lines",
    "refuse_pipe",
]

_BUFFER = 2**17
"""Bytes that are read at a time of a file whose bytes are counted."""
MAX_LINE_BYTES = 64 * 2**20
"""The longest line of a text file; the question graphs of RoG, a line each, have up to a few MiB."""


@contextmanager
def open_bytes(path: str | Path) -> Iterator[IO[bytes]]:
    """The content of a file, unpacked if it is packed (told by its first bytes, not by its name).

    Raises `ParseError` for a file that is missing, a folder, truncated or damaged, and for packed data that
    unpacks to more than 64 MiB and 200 times its size; also when that shows only while it is read.
    """
    try:
        with _open(path) as file:
            kind = kind_of_packing(file.peek(MAGIC_BYTES))  # a pipe can be read only once
            if kind is None:
                yield file
            else:
                with unpacked(file, path, kind) as stream:
                    yield stream
    except FileNotFoundError as error:
        raise ParseError(path, 0, "no such file") from error
    except IsADirectoryError as error:
        raise ParseError(path, 0, "is a folder, a file is needed") from error
    except OSError as error:
        raise ParseError(path, 0, f"cannot be read ({error.strerror or error})") from error


@dataclass
class BytesRead:
    """How far files, packed or not, have been read: a beginning that is read again counts once."""

    places: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """In bytes, of all files."""
        return sum(self.places.values())


@contextmanager
def counting_bytes(count: BytesRead) -> Iterator[None]:
    """Count what is read of files that are opened meanwhile by this thread."""
    token = _COUNT.set(count)
    try:
        yield
    finally:
        _COUNT.reset(token)


_COUNT: ContextVar[BytesRead | None] = ContextVar("bytes read", default=None)


class _CountedFile(io.FileIO):
    """A file that says how far it is read."""

    def __init__(self, path: str | Path, count: BytesRead) -> None:
        super().__init__(path, "rb")
        self._count = count

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        read, name = super().readinto(buffer), str(self.name)
        self._count.places[name] = max(self._count.places.get(name, 0), self.tell())
        return read


def _open(path: str | Path) -> io.BufferedReader:
    try:
        count = _COUNT.get()
        return open(path, "rb") if count is None else io.BufferedReader(_CountedFile(path, count), _BUFFER)
    except ValueError as error:  # a NUL character
        raise ParseError(path, 0, f"is no path ({error})") from error


def refuse_pipe(path: Path) -> None:
    """Refuse what can be read only once, where its first bytes must tell what it is. Raises `ParseError`."""
    if os.path.exists(path) and stat.S_ISFIFO(os.stat(path).st_mode):
        raise ParseError(
            path, 0, "is a pipe, whose format is not found out: give it (not json-triples), or write a file"
        )


def read_byte_lines(path: str | Path) -> Iterator[tuple[int, bytes]]:
    r"""The lines of a file with their numbers, from 1, as they are, with their line ends.

    Only `\n` ends a line. Raises `ParseError` as `open_bytes` does, and for a line of more than 64 MiB.
    """
    number = 0
    try:
        with open_bytes(path) as stream:
            for number, line in enumerate(iter(partial(stream.readline, MAX_LINE_BYTES), b""), 1):
                if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                    raise ParseError(path, number, f"is longer than {MAX_LINE_BYTES >> 20} MiB")
                yield number, line
    except ParseError as error:
        if isinstance(error.__cause__, DAMAGE):
            raise ParseError(path, number + 1, error.reason) from error
        raise


def read_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    r"""The lines of a UTF-8 file with their numbers, from 1, without their line ends.

    A byte order mark is dropped. Only `\n` and `\r\n` end a line, names may hold any other
    separator. Raises `ParseError` as `read_byte_lines` does, and for what is not UTF-8.
    """
    return decoded_lines(path, read_byte_lines(path))


def decoded_lines(path: str | Path, lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, str]]:
    """Lines of a file as texts without their line ends. Raises `ParseError` for what is not UTF-8."""
    for number, line in lines:
        try:
            text = line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            is_utf16 = number == 1 and line.startswith((b"\xff\xfe", b"\xfe\xff"))
            form = "it is UTF-16" if is_utf16 else f"byte {error.start + 1} of the line"
            raise ParseError(path, number, f"not UTF-8 ({form})") from error
        yield number, text.removesuffix("\n").removesuffix("\r")
