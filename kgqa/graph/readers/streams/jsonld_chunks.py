"""JSON-LD for a parser that reads it piece by piece, which wants the keys of an object in a certain order."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from kgqa.errors import ParseError

__all__ = ["jsonld_chunks"]

WHOLE = 4 * 2**20
"""Files of at most so many bytes are read as they are, by the parser that wants no order."""
CHUNK = 2**18
MOST = 64 * 2**20
"""Characters that one entry of a graph may have."""

_SPACES = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


def jsonld_chunks(stream: IO[bytes], path: Path) -> tuple[bool, Iterator[bytes]]:
    """Whether the pieces of a file are for a parser that reads them one by one, and the pieces.

    They are where a long file is a list, or an object that has its `@context` before its `@graph`, which
    is a list; the entries are then read one by one and written in the order that the parser wants.

    Raises `ParseError`, also between pieces, for what is no JSON, or has an entry of more than `MOST`
    characters.
    """
    start = stream.read(WHOLE + 1)
    if len(start) <= WHOLE:
        return False, iter([start.removeprefix(codecs.BOM_UTF8)])
    text = _Text(start, stream, path)
    first = text.peek()
    if first == "[":
        text.skip("[")
        return True, _entries(text, "[", "]", set(), is_last=True)
    head = _head(text) if first == "{" else None
    if head is None:
        return False, text.untouched()
    begin = json.dumps(_ordered(head, set()), ensure_ascii=False).removesuffix("}") + ', "@graph": ['
    return True, _entries(text, begin, "]}", _type_names(head["@context"]), is_last=False)


class _Text:
    """The text of a file, of which a part is held."""

    def __init__(self, start: bytes, stream: IO[bytes], path: Path) -> None:
        self.path = path
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._read: list[bytes] | None = [start]
        """What was read, until it is known that it is not needed as it is."""
        self._held = self._decode(start)
        self._place = 0
        self._line = 1

    @property
    def line(self) -> int:
        """The line that is read next."""
        return self._line + self._held.count("\n", 0, self._place)

    def untouched(self) -> Iterator[bytes]:
        """The file as it is."""
        assert self._read is not None
        yield b"".join(self._read).removeprefix(codecs.BOM_UTF8)
        while chunk := self._stream.read(CHUNK):
            yield chunk

    def forget(self) -> None:
        """Hold only what is still to be read."""
        self._read = None

    def peek(self) -> str:
        """The next character that is no space; empty at the end."""
        while True:
            found = _SPACES.match(self._held, self._place)
            self._place = found.end() if found else self._place
            if self._place < len(self._held):
                return self._held[self._place]
            if not self._more(CHUNK):
                return ""

    def skip(self, character: str) -> None:
        """Go on behind a character. Raises `ParseError` where another one is."""
        if (found := self.peek()) != character:
            raise self.error(f"{character!r} is missing before {found!r}" if found else "it is truncated")
        self._place += 1

    def value(self) -> Any:
        """The next value. Raises `ParseError`."""
        self.peek()
        wanted = CHUNK
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self._place)
            except (ValueError, RecursionError) as error:
                if len(self._held) - self._place > MOST:
                    raise self.error(f"no JSON, or an entry of more than {MOST >> 20} MiB") from error
                if not self._more(wanted):
                    reason = getattr(error, "msg", "too many brackets")
                    raise self.error(f"{reason} in the value that begins here") from error
                wanted *= 2
                continue
            if end == len(self._held) and self._more(CHUNK):  # a number may go on
                continue
            self._place = end
            return value

    def error(self, reason: str) -> ParseError:
        """An error in the line that is read next."""
        return ParseError(self.path, self.line, f"not jsonld ({reason})")

    def _more(self, size: int) -> bool:
        chunk = self._stream.read(size)
        if self._read is not None:
            self._read.append(chunk)
        self._line += self._held.count("\n", 0, self._place)
        self._held = self._held[self._place :] + self._decode(chunk)
        self._place = 0
        return bool(chunk)

    def _decode(self, content: bytes) -> str:
        try:
            return self._decoder.decode(content, final=not content)
        except UnicodeDecodeError as error:
            raise ParseError(self.path, 0, "not UTF-8") from error


def _head(text: _Text) -> dict[str, Any] | None:
    """What an object has before the entries of its graph; None where it cannot be read in pieces."""
    found: dict[str, Any] = {}
    text.skip("{")
    while text.peek() == '"':
        key = text.value()
        text.skip(":")
        if key == "@graph":
            if "@context" not in found or text.peek() != "[":
                return None
            text.skip("[")
            return found
        found[key] = text.value()
        if text.peek() != ",":
            return None
        text.skip(",")
    return None


def _entries(text: _Text, begin: str, end: str, types: set[str], *, is_last: bool) -> Iterator[bytes]:
    text.forget()
    yield begin.encode()
    if text.peek() != "]":
        for separator in _separators():
            entry = json.dumps(_ordered(text.value(), types), ensure_ascii=False)
            yield (separator + entry).encode("utf-8", "surrogatepass")
            if text.peek() == "]":
                break
            text.skip(",")
    text.skip("]")
    if not is_last:
        if text.peek() == ",":
            raise text.error("keys behind @graph in a long file; write them before it")
        text.skip("}")
    if rest := text.peek():
        raise text.error(f"{rest!r} behind its end")
    yield end.encode()


def _separators() -> Iterator[str]:
    yield "\n"
    while True:
        yield ",\n"


def _ordered(value: Any, types: set[str]) -> Any:
    """A value whose objects have their context first, then their types, and their graph last."""
    if isinstance(value, list):
        return [_ordered(part, types) for part in value]
    if not isinstance(value, dict):
        return value
    if "@context" in value:
        types = types | _type_names(value["@context"])

    def rank(key: str) -> int:
        if key == "@context":
            return 0
        return 1 if key == "@type" or key in types else 3 if key == "@graph" else 2

    return {
        key: value[key] if key == "@context" else _ordered(value[key], types)
        for key in sorted(value, key=rank)
    }


def _type_names(context: Any) -> set[str]:
    """The names that a context, or one inside of it, has for `@type`."""
    if isinstance(context, list):
        return set().union(*map(_type_names, context))
    if not isinstance(context, dict):
        return set()
    found = {
        name
        for name, meaning in context.items()
        if meaning == "@type" or (isinstance(meaning, dict) and meaning.get("@id") == "@type")
    }
    return found.union(*(_type_names(meaning) for meaning in context.values()))
