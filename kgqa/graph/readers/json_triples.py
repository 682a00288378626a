"""Triples in JSON: a list of facts, or one fact a line, each a list of three or an object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError
from kgqa.graph.readers.columns import guessed_columns, header_columns
from kgqa.graph.readers.layout import missing_part
from kgqa.graph.readers.lines import open_bytes, read_lines, refuse_pipe
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.wikidata import is_wikidata_json
from kgqa.graph.statement import Triple

__all__ = ["json_format", "read_json_triples"]

START = 2**16
"""So many bytes tell what a JSON file holds."""
_LIST_OF_FACTS = re.compile(rb"\[\s*[\[{]")
_LINKED_DATA = re.compile(rb'"@(?:context|graph|id|type|value)"\s*:')
_KEY = re.compile(rb'"([^"\\]{1,40})"\s*:')
_SPACE = re.compile(r"[ \t\r\n]*")


class _Wrong(Exception):
    """An item that is no fact."""


def read_json_triples(path: Path, report: SkipReport) -> Iterator[Triple]:
    """The facts of a JSON list, or of JSON lines.

    A fact is a list of three, or an object with the keys `head`, `relation` and `tail`, `subject`,
    `predicate` and `object`, or the like; other keys are ignored. Numbers keep the text that they are
    written in. An item that is no fact is a bad line; JSON that is not whole raises `ParseError`.
    """
    items = _items(path) if _LIST_OF_FACTS.match(_start(path)) else _lines(path, report)
    for line, item in items:
        try:
            yield _triple(item)
        except _Wrong as wrong:
            report.add(path, line, str(wrong))


def json_format(path: Path, otherwise: str) -> str:
    """What a file with JSON in it holds, from its first bytes."""
    start = _start(path)
    if is_wikidata_json(start):
        return "wikidata"
    if _LINKED_DATA.search(start):
        return "jsonld"
    if start.startswith(b"["):
        return "json-triples" if re.match(rb'\[\s*[\[{"]', start) else otherwise
    keys = [key.decode("utf-8", "replace") for key in _KEY.findall(start.partition(b"}")[0])]
    return "json-triples" if _roles(tuple(keys)) else otherwise


def _start(path: Path) -> bytes:
    refuse_pipe(path)
    with open_bytes(path) as stream:
        return stream.read(START).removeprefix(b"\xef\xbb\xbf").lstrip()


def _decoder() -> json.JSONDecoder:
    return json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=_no_number)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _lines(path: Path, report: SkipReport) -> Iterator[tuple[int, Any]]:
    decoder = _decoder()
    for number, line in read_lines(path):
        if line.strip():
            try:
                yield number, decoder.decode(line)
            except (ValueError, RecursionError) as error:
                report.add(path, number, f"no JSON ({error})")


def _items(path: Path) -> Iterator[tuple[int, Any]]:
    """The items of a list, with the lines where they begin."""
    with open_bytes(path) as stream:
        content = stream.read()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(path, content.count(b"\n", 0, error.start) + 1, "not UTF-8") from error
    decoder = _decoder()
    line, counted, place = 1, 0, text.index("[") + 1

    def at(place: int) -> str:
        return text[place : place + 1]

    while True:
        place = _after_space(text, place)
        line, counted = line + text.count("\n", counted, place), place
        if at(place) == "]":  # also after a last comma, which is harmless
            break
        try:
            item, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError) as error:
            reason = str(getattr(error, "msg", error))
            raise ParseError(path, line, f"not JSON ({reason:.120})") from error
        yield line, item
        place = _after_space(text, place)
        if at(place) == ",":
            place += 1
        elif at(place) != "]":
            raise ParseError(path, line, "not JSON (no comma after an item)")
    if _after_space(text, place + 1) < len(text):
        raise ParseError(path, line, "not JSON (something follows the list)")


def _after_space(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return found.end() if found else place


def _triple(item: Any) -> Triple:
    if isinstance(item, dict):
        roles = _roles(tuple(item))
        if roles is None:
            raise _Wrong(f"the keys {list(item)!r:.80} are not those of head, relation and tail")
        values = list(item.values())
        item = [values[place] for place in roles]
    if not isinstance(item, list) or len(item) != 3:
        raise _Wrong(f"{item!r:.80} is no list of three and no object")
    triple = Triple(*map(_text, item))
    if wrong := missing_part(*triple):
        raise _Wrong(wrong)
    return triple


def _roles(keys: tuple[str, ...]) -> tuple[int, int, int] | None:
    return header_columns(keys) or guessed_columns(keys)


def _text(part: Any) -> str:
    if isinstance(part, bool):
        return "true" if part else "false"
    if not isinstance(part, str):
        raise _Wrong(f"{part!r:.80} is no text and no number")
    try:
        part.encode("utf-8")
    except UnicodeEncodeError as error:
        raise _Wrong("a lone surrogate cannot be stored") from error
    return part
