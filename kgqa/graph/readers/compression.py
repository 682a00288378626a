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
from typing import TYPE_CHECKING, Any, Protocol

from kgqa.errors import ParseError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["DAMAGE", "MAGIC_BYTES", "PACKED_SUFFIXES", "kind_of_packing", "only_member", "unpacked"]

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
MAGIC_BYTES = 10
"""So many bytes tell how a file is packed."""
_OF_ZIPFILE = (OverflowError, RuntimeError, ValueError, struct.error)
"""What `zipfile` raises as well where a file is damaged; elsewhere they are errors of programs."""
_ENCRYPTED = 1
"""The bit of a member with a password."""
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


def unpacked(file: io.BufferedReader, path: str | Path, kind: str) -> io.BufferedReader:
    """The content of a packed file. Raises `ParseError`, also while it is read, and `OSError`."""
    most = max(FREE_BYTES, MAX_RATIO * os.fstat(file.fileno()).st_size)
    with _damage_named(path, kind):
        packed = _open_zip(path, file) if kind == "zip" else _OPENERS[kind](file)
    return io.BufferedReader(_Unpacked(path, kind, packed, most), 2**17)


def only_member(path: str | Path) -> str:
    """The name of the only file in a zip file. Raises `ParseError`."""
    try:
        with _damage_named(path, "zip"), zipfile.ZipFile(path) as archive:
            return _member(path, archive).filename
    except OSError as error:
        raise ParseError(path, 0, f"cannot be read ({error.strerror or error})") from error


class _Packed(Protocol):
    """Packed data that is unpacked as it is read."""

    def read(self, size: int, /) -> bytes: ...


class _Unpacked(io.RawIOBase):
    """The content of a packed file, as long as it is in proportion to the file."""

    def __init__(self, path: str | Path, kind: str, packed: _Packed, most: int) -> None:
        self._path, self._kind = path, kind
        self._packed, self._left = packed, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        room = memoryview(buffer)
        with _damage_named(self._path, self._kind):
            content = self._packed.read(len(room))
        room[: len(content)] = content
        self._left -= len(content)
        if self._left < 0:
            raise ParseError(
                self._path,
                0,
                f"the {self._kind} data unpacks to over {MAX_RATIO} times its size; unpack it yourself",
            )
        return len(content)


class _Xz:
    """xz data, one stream after the other, within `XZ_MEMORY`: `lzma.open` has no limit."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file
        self._decoder = self._new_decoder()

    def read(self, size: int) -> bytes:
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

    @staticmethod
    def _new_decoder() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)


class _Zstd:
    """Zstandard data, by the library that reads parquet files."""

    def __init__(self, file: io.BufferedReader) -> None:
        import pyarrow

        self._stream: Any = pyarrow.CompressedInputStream(file, "zstd")

    def read(self, size: int) -> bytes:
        try:
            return bytes(self._stream.read(size))
        except OSError as error:
            if "runcated" in str(error):
                raise EOFError from error
            raise _Broken(str(error).partition("\n")[0]) from error


class _Bzip2:
    def __init__(self, file: io.BufferedReader) -> None:
        self._stream = bz2.BZ2File(file)

    def read(self, size: int) -> bytes:
        try:
            return self._stream.read(size)
        except OSError as error:
            if error.errno is not None:
                raise
            raise _Broken(str(error)) from error


def _open_zip(path: str | Path, file: io.BufferedReader) -> _Packed:
    if not file.seekable():
        raise ParseError(path, 0, "a zip file cannot be read from a pipe; unpack it yourself")
    with zipfile.ZipFile(file) as archive:  # its member stays open
        member = _member(path, archive)
        if member.flag_bits & _ENCRYPTED:
            raise ParseError(path, 0, "the zip file has a password; unpack it yourself")
        if member.compress_type not in _ZIP_METHODS:
            raise ParseError(path, 0, "is packed by a method that is not read here; unpack it yourself")
        return archive.open(member)


def _member(path: str | Path, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    members = [info for info in archive.infolist() if not info.is_dir()]
    members = [info for info in members if not info.filename.startswith("__MACOSX/")]
    if len(members) != 1:
        raise ParseError(path, 0, f"a zip file with {len(members)} files; one graph file is needed")
    return members[0]


_OPENERS: dict[str, Callable[[io.BufferedReader], _Packed]] = {
    "gzip": lambda file: gzip.GzipFile(fileobj=file),
    "bzip2": _Bzip2,
    "xz": _Xz,
    "zstd": _Zstd,
}


@contextmanager
def _damage_named(path: str | Path, kind: str) -> Iterator[None]:
    damage = (*DAMAGE, *_OF_ZIPFILE) if kind == "zip" else DAMAGE
    try:
        yield
    except EOFError as error:
        raise ParseError(path, 0, f"the {kind} data ends too early, the file is truncated") from error
    except damage as error:
        raise ParseError(path, 0, f"damaged {kind} data ({' '.join(str(error).split()):.120})") from error
