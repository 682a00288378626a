"""Packed files: gzip, bzip2, xz, Zstandard, and zip with one member, told by their first bytes.

Each may unpack to 64 MiB, or to 200 times its size if that is more, and with little memory.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from kgqa.errors import ParseError

__all__ = ["DAMAGE", "PACKED_SUFFIXES", "kind_of_packing", "only_member", "unpacked"]

PACKED_SUFFIXES = (".gz", ".bz2", ".xz", ".zst", ".zip")
"""The ends of names of packed files."""

MAX_RATIO = 200
"""How many times larger than the file its unpacked content may be; texts of graphs reach about 50."""
FREE_BYTES = 64 * 2**20
"""Unpacked content of this size is read whatever its ratio."""
XZ_MEMORY = 256 * 2**20
"""What unpacking xz data may take; `xz -9` needs 65 MiB, a hostile file may ask for 4 GiB."""
CHUNK = 2**16

_MAGIC = {
    "gzip": re.compile(rb"\x1f\x8b"),
    "bzip2": re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P)"),
    "xz": re.compile(rb"\xfd7zXZ\0"),
    "zstd": re.compile(rb"\x28\xb5\x2f\xfd"),
    "zip": re.compile(rb"PK(?:\x03\x04|\x05\x06)"),
}
_OF_ZIPFILE = (NotImplementedError, OverflowError, RuntimeError, ValueError, struct.error)
"""What reading a damaged zip file raises as well."""
_ZIP_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)


class _Broken(Exception):
    """Packed data that is damaged, for libraries that raise errors of the operating system."""


DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile, _Broken)
"""What reading packed data raises where the data is not whole."""


def kind_of_packing(start: bytes) -> str | None:
    """How a file is packed, by its first bytes; None for other files.

    >>> kind_of_packing(gzip.compress(b"")), kind_of_packing(b"a|r|b")
    ('gzip', None)
    """
    return next((kind for kind, magic in _MAGIC.items() if magic.match(start)), None)


def unpacked(path: str | Path, kind: str) -> IO[bytes]:
    """The content of a packed file. Raises `ParseError`, also while it is read, and `OSError`."""
    return cast(IO[bytes], io.BufferedReader(_Unpacked(path, kind), 2**17))


def only_member(path: str | Path) -> str:
    """The name of the only file in a zip file. Raises `ParseError`."""
    try:
        with _damage_named(path, "zip"), zipfile.ZipFile(path) as archive:
            return _member(path, archive).filename
    except OSError as error:
        raise ParseError(path, 0, f"cannot be read ({error.strerror or error})") from error


class _Unpacked(io.RawIOBase):
    """The content of a packed file, as long as it is in proportion to the file."""

    def __init__(self, path: str | Path, kind: str) -> None:
        self._path, self._kind = path, kind
        self._left = max(FREE_BYTES, MAX_RATIO * os.path.getsize(path))
        with _damage_named(path, kind):
            self._stream: IO[bytes] = _OPENERS[kind](path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with _damage_named(self._path, self._kind):
            content = self._stream.read(len(buffer))
        buffer[: len(content)] = content
        self._left -= len(content)
        if self._left < 0:
            raise ParseError(
                self._path,
                0,
                f"the {self._kind} data unpacks to over {MAX_RATIO} times its size; unpack it yourself",
            )
        return len(content)

    def close(self) -> None:
        if not self.closed and hasattr(self, "_stream"):
            self._stream.close()
        super().close()


class _Xz(io.RawIOBase):
    """xz data, one stream after the other, within `XZ_MEMORY`: `lzma.open` has no limit."""

    def __init__(self, path: str | Path) -> None:
        self._file = open(path, "rb")  # noqa: SIM115 - closed by `close`
        self._decoder = self._new_decoder()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while True:
            data = b""
            if self._decoder.eof:
                data = (self._decoder.unused_data or self._file.read(CHUNK)).lstrip(b"\0")  # padding
                if not data and not (data := self._file.read(CHUNK)):
                    return b""
                self._decoder = self._new_decoder()
            elif self._decoder.needs_input and not (data := self._file.read(CHUNK)):
                raise EOFError
            if content := self._decoder.decompress(data, size):
                return content

    def close(self) -> None:
        self._file.close()
        super().close()

    @staticmethod
    def _new_decoder() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)


class _Zstd(io.RawIOBase):
    """Zstandard data, by the library that reads parquet files."""

    def __init__(self, path: str | Path) -> None:
        import pyarrow

        self._file = open(path, "rb")  # noqa: SIM115 - closed by `close`
        self._stream: Any = pyarrow.CompressedInputStream(self._file, "zstd")

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        try:
            return bytes(self._stream.read(size))
        except OSError as error:
            if "runcated" in str(error):
                raise EOFError from error
            raise _Broken(str(error).partition("\n")[0]) from error

    def close(self) -> None:
        self._file.close()
        super().close()


class _Bzip2(bz2.BZ2File):
    def read(self, size: int | None = -1) -> bytes:
        try:
            return super().read(size)
        except OSError as error:
            if error.errno is not None:
                raise
            raise _Broken(str(error)) from error


def _open_zip(path: str | Path) -> IO[bytes]:
    archive = zipfile.ZipFile(path)
    try:
        member = _member(path, archive)
        if member.compress_type not in _ZIP_METHODS:
            raise ParseError(path, 0, "is packed by a method that is not read here; unpack it yourself")
        return archive.open(member)
    except RuntimeError as error:  # of zipfile, for members with a password
        raise ParseError(path, 0, "the zip file has a password; unpack it yourself") from error
    finally:
        archive.close()  # the file stays open as long as its member is


def _member(path: str | Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [info for info in archive.infolist() if not info.is_dir()]
    members = [info for info in members if not info.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        raise ParseError(path, 0, f"a zip file with {len(members)} files; one graph file is needed")
    return members[0]


_OPENERS: dict[str, Callable[[str | Path], IO[bytes]]] = {
    "gzip": cast(Callable[[str | Path], IO[bytes]], gzip.open),
    "bzip2": cast(Callable[[str | Path], IO[bytes]], _Bzip2),
    "xz": cast(Callable[[str | Path], IO[bytes]], _Xz),
    "zstd": cast(Callable[[str | Path], IO[bytes]], _Zstd),
    "zip": _open_zip,
}


@contextmanager
def _damage_named(path: str | Path, kind: str) -> Iterator[None]:
    try:
        yield
    except EOFError as error:
        raise ParseError(path, 0, f"the {kind} data ends too early, the file is truncated") from error
    except (*DAMAGE, *_OF_ZIPFILE) as error:
        raise ParseError(path, 0, f"damaged {kind} data ({' '.join(str(error).split()):.120})") from error
