"""Files as they come: plain or gzip, lines with their numbers, errors with the line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from kgqa.errors import ParseError

__all__ = ["open_bytes", "read_lines"]

GZIP_MAGIC = b"\x1f\x8b"
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error)
"""What reading gzip data raises where the data is not whole."""


@contextmanager
def open_bytes(path: Path) -> Iterator[IO[bytes]]:
    """The content of a file, unpacked if it is gzip (told by its first bytes, not by its name).

    Raises `ParseError` for a file that is missing, a folder, truncated or damaged, also when that
    shows only while it is read.
    """
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == GZIP_MAGIC
        with gzip.open(path) if packed else path.open("rb") as stream:
            yield cast(IO[bytes], stream)
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


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""The lines of a UTF-8 file with their numbers, from 1, without their line ends.

    A byte order mark is dropped. Only `\n` and `\r\n` end a line, names may hold any other
    separator. Raises `ParseError` as `open_bytes` does, and for what is not UTF-8.
    """
    number = 0
    try:
        with open_bytes(path) as stream:
            for number, line in enumerate(stream, 1):
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                yield number, text.removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise ParseError(path, number, f"not UTF-8 (byte {error.start + 1} of the line)") from error
    except ParseError as error:
        if isinstance(error.__cause__, _DAMAGE):
            raise ParseError(path, number + 1, error.reason) from error
        raise
