"""Packed graph files: read by their first bytes, bounded, and named where they are damaged."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import threading
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from mutations import assert_reads_or_refuses, mutants

from kgqa.errors import ParseError, UsageError
from kgqa.graph import Triple
from kgqa.graph.readers import detect_format, read

FACTS = "".join(f"entity {i}\tr\t{i * 7919 % 1000}\n" for i in range(5000)).encode()


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return bytes(sink.getvalue())


def zipped(content: bytes, *names: str, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name in names:
            archive.writestr(name, content)
    return stream.getvalue()


PACKED: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    ".gz": ("gzip", gzip.compress),
    ".bz2": ("bzip2", bz2.compress),
    ".xz": ("xz", lzma.compress),
    ".zst": ("zstd", zstd),
    ".zip": ("zip", lambda content: zipped(content, "kb.tsv")),
}


@pytest.mark.parametrize("suffix", PACKED)
def test_a_packed_file_is_read_by_name_and_by_content(tmp_path: Path, suffix: str) -> None:
    content = PACKED[suffix][1](FACTS)
    expected = [Triple(*line.split("\t")) for line in FACTS.decode().splitlines()]
    for name in (f"kb.tsv{suffix}", "kb.tsv", f"kb{suffix}"):
        (tmp_path / name).write_bytes(content)
        assert detect_format(tmp_path / name) == "tsv"
        assert list(read(tmp_path / name)) == expected


@pytest.mark.parametrize("suffix", [".gz", ".bz2", ".xz", ".zst"])
def test_packed_data_may_be_appended(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"kb.tsv{suffix}"
    content = PACKED[suffix][1](FACTS)
    path.write_bytes(content + (b"\0" * 8 if suffix == ".xz" else b"") + content)
    assert sum(1 for _ in read(path)) == 10_000
    path.write_bytes(PACKED[suffix][1](b""))
    assert list(read(path, "tsv")) == []


@pytest.mark.parametrize("suffix", PACKED)
def test_a_packed_file_that_is_cut_off_or_damaged_is_named(tmp_path: Path, suffix: str) -> None:
    kind, pack = PACKED[suffix]
    content = pack(FACTS)
    flipped = bytearray(content)
    flipped[12 if kind == "zstd" else len(content) // 2] ^= 0xFF
    path = tmp_path / f"kb.tsv{suffix}"
    for broken in (content[: len(content) // 2], content[:-1], bytes(flipped)):
        path.write_bytes(broken)
        with pytest.raises(ParseError, match=rf"{kind} data") as raised:
            list(read(path, skip_bad=10**9))
        assert raised.value.source == str(path)
        assert "\n" not in str(raised.value)


@pytest.mark.parametrize("suffix", PACKED)
def test_damaged_packed_files_are_read_or_refused_in_one_line(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"kb.tsv{suffix}"
    for content in mutants(PACKED[suffix][1](FACTS[:2000]), 120):
        path.write_bytes(content)
        assert_reads_or_refuses(lambda: list(read(path)), path)


@pytest.mark.parametrize("suffix", PACKED)
def test_packed_data_is_bounded_by_the_size_of_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    monkeypatch.setattr("kgqa.graph.readers.compression.FREE_BYTES", 1000)
    path = tmp_path / f"kb.tsv{suffix}"
    path.write_bytes(PACKED[suffix][1](FACTS))
    assert sum(1 for _ in read(path)) == 5000
    path.write_bytes(PACKED[suffix][1](b"a\tr\tb\n" * 100_000))
    with pytest.raises(ParseError, match="unpacks to over 200 times its size"):
        list(read(path))


def test_xz_data_that_asks_for_much_memory_is_refused(tmp_path: Path) -> None:
    content = bytearray(lzma.compress(FACTS, preset=0))
    content[content.index(b"\x21\x01") + 2] = 38  # the size of the dictionary: 2 GiB
    header, length = 12, (content[12] + 1) * 4
    checksum = zlib.crc32(content[header : header + length - 4])
    content[header + length - 4 : header + length] = checksum.to_bytes(4, "little")
    (tmp_path / "kb.tsv.xz").write_bytes(bytes(content))
    with pytest.raises(ParseError, match="Memory usage limit"):
        list(read(tmp_path / "kb.tsv.xz"))


def test_a_zip_file_has_one_graph_file(tmp_path: Path) -> None:
    path = tmp_path / "graph.zip"
    path.write_bytes(zipped(FACTS, "folder/kb.tsv", "__MACOSX/folder/._kb.tsv"))
    assert sum(1 for _ in read(path)) == 5000
    for names in ((), ("a.tsv", "b.tsv")):
        path.write_bytes(zipped(FACTS, *names))
        with pytest.raises(ParseError, match=rf"a zip file with {len(names)} files"):
            list(read(path, "tsv"))


def test_a_zip_file_tells_its_format_by_its_member(tmp_path: Path) -> None:
    path = tmp_path / "graph.zip"
    path.write_bytes(zipped(b"<urn:a> <urn:r> <urn:b> .\n", "kb.ttl"))
    assert detect_format(path) == "turtle"
    assert list(read(path)) == [Triple("urn:a", "urn:r", "urn:b")]
    path.write_bytes(zipped(b"what\n", "readme"))
    with pytest.raises(UsageError, match="cannot detect its format"):
        detect_format(path)


def test_a_zip_file_of_an_unusual_method_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "kb.tsv.zip"
    path.write_bytes(zipped(FACTS, "kb.tsv", method=zipfile.ZIP_LZMA))
    with pytest.raises(ParseError, match="a method that is not read here"):
        list(read(path))
    content = bytearray(zipped(FACTS, "kb.tsv"))
    content[6] |= 1  # the member is encrypted, says its header, and the directory
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ParseError, match="password"):
        list(read(path))


@pytest.mark.parametrize("suffix", ["", *PACKED])
def test_a_pipe_is_read_whole(tmp_path: Path, suffix: str) -> None:
    pipe = tmp_path / "kb.tsv"
    os.mkfifo(pipe)
    content = PACKED[suffix][1](FACTS) if suffix else FACTS
    writer = threading.Thread(target=pipe.write_bytes, args=(content,))
    writer.start()
    if suffix == ".zip":
        with pytest.raises(ParseError, match="cannot be read from a pipe"):
            list(read(pipe))
    else:
        assert sum(1 for _ in read(pipe)) == 5000
    writer.join(timeout=60)
    assert not writer.is_alive()


@pytest.mark.parametrize("form", [None, "json-triples"])
def test_a_pipe_is_refused_where_its_content_must_tell_what_it_is(tmp_path: Path, form: str | None) -> None:
    pipe = tmp_path / "kb"
    os.mkfifo(pipe)
    with pytest.raises(ParseError, match="is a pipe, whose format is not found out"):
        list(read(pipe, form))
