"""JSON objects from files: one a line, or in one array."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError
from kgqa.graph.readers.lines import read_lines

__all__ = ["check_characters", "parse_json_line", "read_json_lines", "read_json_objects"]

_HOLDERS = ("questions", "Questions")
_ARRAY = re.compile(r'\A\s*\[|\A\s*\{.*?"[Qq]uestions"\s*:\s*\[', re.DOTALL)
_BETWEEN = re.compile(r"[ \n\r\t,]*")


def parse_json_line(path: Path, line: int, text: str) -> dict[str, Any]:
    """The object on one line. Raises `ParseError` for anything else."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_json(path, line, error) from error
    return _checked(path, line, value, "\\u" in text)


def _checked(path: Path, line: int, value: object, has_escapes: bool) -> dict[str, Any]:
    """A value that is an object, and whose texts are all of whole characters."""
    if has_escapes:
        check_characters(path, line, value)
    if not isinstance(value, dict):
        raise ParseError(path, line, f"a JSON object is needed, not {type(value).__name__}")
    return value


def check_characters(path: str | Path, line: int, value: object) -> None:
    """Raise `ParseError` for a value of JSON with half a surrogate pair in it, such as `"\\ud83d"`."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ParseError(path, line, "holds half a surrogate pair, which is no character") from error


def _no_json(path: Path, line: int, error: Exception) -> ParseError:
    """The error for a text that `json` refused; the lines that it counts are not those of the file."""
    if isinstance(error, RecursionError):
        return ParseError(path, line, "JSON nested too deeply")
    told = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else str(error)
    return ParseError(path, line, f"not JSON ({told})")


def read_json_lines(path: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their line numbers, from 1; blank lines are skipped.

    Raises `ParseError` as `read_lines` and `parse_json_line` do.
    """
    path = Path(path)
    for number, text in read_lines(path):
        if text.strip():
            yield number, parse_json_line(path, number, text)


def read_json_objects(path: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON file, each with the line where it begins.

    One object a line; or all of them in one array, which may be the `questions` of an object, as in QALD and
    WebQSP. Plain or packed. Raises `ParseError` for anything else, and as `read_json_lines`.
    """
    path = Path(path)
    first = next((text for _, text in read_lines(path) if text.strip()), "").lstrip("\ufeff \t")
    if not (first.startswith("[") or _opens_document(first)):
        yield from read_json_lines(path)
        return
    text = "\n".join(line for _, line in read_lines(path))
    opening = _ARRAY.search(text)
    if opening is None:
        raise ParseError(path, 1, "not one JSON object a line, and no array of objects")
    yield from _array(path, text, opening.end(), held=not first.startswith("["))


def _opens_document(first: str) -> bool:
    """Whether the first line of a file begins an object that holds all others."""
    if not first.startswith("{"):
        return False
    try:
        whole = json.loads(first)
    except (ValueError, RecursionError):
        return _ARRAY.search(first) is not None or first.rstrip() == "{"
    return "question" not in whole and any(isinstance(whole.get(name), list) for name in _HOLDERS)


def _array(path: Path, text: str, at: int, *, held: bool) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of an array in a text, from behind its bracket; `held` by an object, which has more."""
    decoder, line, counted = json.JSONDecoder(), 1, 0
    while True:
        at = _past_space(text, at)
        line, counted = line + text.count("\n", counted, at), at
        if text.startswith("]", at):
            if not held and (rest := _past_space(text, at + 1)) < len(text):
                behind = text.count("\n", 0, rest) + 1
                raise ParseError(path, behind, "something follows the array, which must hold all objects")
            return
        try:
            record, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            raise _no_json(path, getattr(error, "lineno", line), error) from error
        yield line, _checked(path, line, record, text.find("\\u", at, end) >= 0)
        at = end


def _past_space(text: str, at: int) -> int:
    """Where what follows commas and white space begins."""
    found = _BETWEEN.match(text, at)
    assert found is not None, "the pattern fits nothing, too"
    return found.end()
