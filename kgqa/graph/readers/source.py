"""A file to read: plain or gzip, always UTF-8."""

from __future__ import annotations

import gzip
import io
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from kgqa.errors import ParseError, UsageError
from kgqa.graph.readers.skip_report import OnBadLine, refuse

__all__ = ["STDIN", "Source"]

STDIN = "-"
_GZIP = b"\x1f\x8b"
_BOM = b"\xef\xbb\xbf"
_OTHER_ARCHIVES = {
    b"PK\x03\x04": "a zip archive",
    b"BZh": "compressed by bzip2",
    b"\xfd7zXZ": "compressed by xz",
    b"\x28\xb5\x2f\xfd": "compressed by zstd",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}


class Source:
    """A file, or standard input for `-`, that knows its name for messages.

    Gzip is recognised by content. Whatever keeps the bytes from being read (no such file, a folder,
    a gzip stream that is cut off or damaged) is a `ParseError`.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.is_stdin = str(path) == STDIN
        self.name = "standard input" if self.is_stdin else str(path)

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """The content as bytes, unpacked. Raises `ParseError`, also while it is read in the block."""
        position = _Position()
        try:
            raw = sys.stdin.buffer if self.is_stdin else self.path.open("rb")
            with raw:
                head = cast(io.BufferedReader, raw).peek(8)
                self._refuse_archives(head)
                if head.startswith(_GZIP):
                    with gzip.GzipFile(fileobj=raw) as unpacked:
                        yield cast(BinaryIO, position.watch(cast(BinaryIO, unpacked)))
                else:
                    yield cast(BinaryIO, position.watch(cast(BinaryIO, raw)))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise ParseError(self.name, position.line, f"damaged or cut off gzip ({error})") from error
        except IsADirectoryError as error:
            raise ParseError(self.name, 0, "is a folder, a file was expected") from error
        except OSError as error:
            raise ParseError(self.name, 0, f"cannot be read ({error.strerror or error})") from error

    def lines(self, on_bad: OnBadLine = refuse) -> Iterator[tuple[int, str]]:
        r"""The lines with their numbers, from 1, without "\n" or "\r\n".

        Only "\n" ends a line. A line that is not UTF-8 is a bad line; a NUL byte, which no text
        has, is a `ParseError` at once.
        """
        with self.open() as stream:
            for number, raw in enumerate(stream, 1):
                if b"\0" in raw:
                    raise ParseError(self.name, number, "a NUL byte: this is no text file")
                if number == 1:
                    raw = raw.removeprefix(_BOM)
                try:
                    text = raw.decode("utf-8")
                except UnicodeDecodeError as error:
                    on_bad(self.name, number, f"not UTF-8 (byte 0x{raw[error.start]:02x} at {error.start})")
                    continue
                yield number, text.removesuffix("\n").removesuffix("\r")

    def head(self, size: int) -> bytes:
        """The first bytes, to guess a format from. Raises `UsageError` for what can be read only once."""
        if self.is_stdin or (self.path.exists() and not self.path.is_file() and not self.path.is_dir()):
            raise UsageError(f"{self.name}: can be read only once, so its format must be named")
        with self.open() as stream:
            return stream.read(size).removeprefix(_BOM)

    def suffix(self) -> str:
        """The file name's extension in lower case, looking through `.gz`; empty when there is none."""
        suffixes = [suffix.lower() for suffix in self.path.suffixes]
        if suffixes and suffixes[-1] == ".gz":
            suffixes.pop()
        return suffixes[-1] if suffixes else ""

    def _refuse_archives(self, head: bytes) -> None:
        for magic, what in _OTHER_ARCHIVES.items():
            if head.startswith(magic):
                raise ParseError(self.name, 0, f"is {what}; give it as plain UTF-8 or gzip")


class _Position:
    """Counts the lines that went by, so that an error of the stream can say where it was."""

    def __init__(self) -> None:
        self.line = 0
        self._stream: BinaryIO | None = None

    def watch(self, stream: BinaryIO) -> BinaryIO:
        self._stream = stream
        return cast(BinaryIO, self)

    def __iter__(self) -> Iterator[bytes]:
        assert self._stream is not None
        self.line = 1
        for raw in self._stream:
            yield raw
            self.line += 1

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)
