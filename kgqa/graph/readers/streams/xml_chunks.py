"""XML for a parser that reads it piece by piece: in UTF-8, and with bounds on its entities."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO

from kgqa.errors import ParseError
from kgqa.graph.readers.streams.xml_entities import check_expansion, check_inside, entities_at

__all__ = ["xml_chunks"]

HEAD = 2**20
"""What an XML file declares has to be in its first bytes, so many of them."""
CHUNK = 2**16
_OVERLAP = 16
"""Bytes of a piece that are looked at again with the next one; no declaration begins with more."""

_BOM = b"\xef\xbb\xbf"
_ENCODING = re.compile(rb"(?:\xef\xbb\xbf)?<\?xml[^>]*\bencoding\s*=\s*[\"']([A-Za-z][\w.-]{0,39})[\"']")
_DECLARATION = re.compile(r"\ufeff?\s*<\?xml[^>]*\?>")


def xml_chunks(stream: IO[bytes], path: Path) -> Iterator[bytes]:
    """The content of an XML file in pieces, in UTF-8 whatever it declares to be in.

    Raises `ParseError`, also between pieces, for entities that are external, nested or long, for those that
    come late or expand to too much, and for what is not in the encoding that it declares.
    """
    head = stream.read(HEAD)
    entities, end = entities_at(head, path)
    body = _checked(_pieces(head[end:], stream), entities, path)
    return _in_utf8(_joined(head[:end], body), _encoding(head), path)


def _pieces(first: bytes, stream: IO[bytes]) -> Iterator[bytes]:
    yield first
    while piece := stream.read(CHUNK):
        yield piece


def _joined(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _checked(pieces: Iterator[bytes], entities: Mapping[str, str], path: Path) -> Iterator[bytes]:
    """The pieces after the first element began, as long as they declare nothing and stay in proportion."""
    marks = {mark.encode(): len(text) for mark, text in entities.items()}
    longest = max([_OVERLAP, *map(len, marks)])
    before, added, size = b"", 0, 0
    for piece in pieces:
        size += len(piece)
        joined = before + piece
        check_inside(joined, path)
        added += sum((joined.count(mark) - before.count(mark)) * length for mark, length in marks.items())
        check_expansion(added, size, path)
        before = joined[-longest + 1 :]
        yield piece


def _encoding(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    declared = _ENCODING.match(head)
    encoding = declared[1].decode() if declared else "utf-8"
    return "utf-8" if encoding.lower().replace("_", "-") in ("utf8", "ascii", "us-ascii") else encoding


def _in_utf8(pieces: Iterator[bytes], encoding: str, path: Path) -> Iterator[bytes]:
    if encoding.lower().replace("_", "-") == "utf-8":
        first = next(pieces)
        return _joined(first.removeprefix(_BOM), pieces)
    return _recoded(pieces, encoding, path)


def _recoded(pieces: Iterator[bytes], encoding: str, path: Path) -> Iterator[bytes]:
    is_first = True
    try:
        decoder = codecs.getincrementaldecoder(encoding)()
        for piece in pieces:
            text = decoder.decode(piece)
            if is_first and text:
                text, is_first = _DECLARATION.sub("", text, count=1), False
            yield text.encode()
        yield decoder.decode(b"", final=True).encode()
    except (LookupError, ValueError) as error:
        raise ParseError(path, 0, f"not {encoding:.40} as it declares to be") from error
