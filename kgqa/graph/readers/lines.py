"""Reading files: plain or gzip, by bytes or by lines; errors name the file and the line."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from kgqa.errors import ParseError

__all__ = ["open_bytes", "read_lines"]

GZIP_MAGIC = b"\x1f\x8b"
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)
"""What reading gzip data raises where the data is not whole."""

MAX_LINE_BYTES = 64 * 2**20
"""The longest line of a text file; the question graphs of RoG, a line each, have up to a few MiB."""
MAX_RATIO = 200
"""How many times larger than the file its unpacked content may be; texts of graphs reach about 50."""
FREE_BYTES = 64 * 2**20
"""Unpacked content of this size is read whatever its ratio."""


@contextmanager
def open_bytes(path: str | Path) -> Iterator[IO[bytes]]:
    """The content of a file, unpacked if it is gzip (told by its first bytes, not by its name).

    Raises `ParseError` for a file that is missing, a folder, truncated or damaged, and for gzip data that
    unpacks to more than 64 MiB and 200 times its size; also when that shows only while it is read.
    """
    try:
        with _open(path) as stream:
            yield stream
    except EOFError as error:
        raise ParseError(path, 0, "the gzip data ends too early, the file is truncated") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ParseError(path, 0, f"damaged gzip data ({error})") from error
    except FileNotFoundError as error:
        raise ParseError(path, 0, "no such file") from error
    except IsADirectoryError as error:
        raise ParseError(path, 0, "is a folder, a file is needed") from error
    except OSError as error:
        raise ParseError(path, 0, f"cannot be read ({error.strerror or error})") from error


def _open(path: str | Path) -> IO[bytes]:
    try:
        with open(path, "rb") as stream:
            packed = stream.read(2) == GZIP_MAGIC
    except ValueError as error:  # a NUL character
        raise ParseError(path, 0, f"is no path ({error})") from error
    if packed:
        return cast(IO[bytes], io.BufferedReader(_Unpacked(path), 2**17))
    return open(path, "rb")


class _Unpacked(io.RawIOBase):
    """The content of a gzip file, as long as it is in proportion to the file."""

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._stream = gzip.open(path)  # noqa: SIM115 - closed by `close`
        self._left = max(FREE_BYTES, MAX_RATIO * os.path.getsize(path))

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = self._stream.readinto(buffer)
        self._left -= count
        if self._left < 0:
            raise ParseError(
                self._path, 0, f"the gzip data unpacks to over {MAX_RATIO} times its size; unpack it yourself"
            )
        return count

    def close(self) -> None:
        self._stream.close()
        super().close()


def read_lines(path: str | Path) -> Iterator[tuple[int, str]]:
    r"""The lines of a UTF-8 file with their numbers, from 1, without their line ends.

    A byte order mark is dropped. Only `\n` and `\r\n` end a line, names may hold any other
    separator. Raises `ParseError` as `open_bytes` does, for what is not UTF-8, and for a line of more
    than 64 MiB.
    """
    number = 0
    try:
        with open_bytes(path) as stream:
            for number, line in enumerate(iter(partial(stream.readline, MAX_LINE_BYTES), b""), 1):
                if len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
                    raise ParseError(path, number, f"is longer than {MAX_LINE_BYTES >> 20} MiB")
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                yield number, text.removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise ParseError(path, number, f"not UTF-8 (byte {error.start + 1} of the line)") from error
    except ParseError as error:
        if isinstance(error.__cause__, _DAMAGE):
            raise ParseError(path, number + 1, error.reason) from error
        raise
