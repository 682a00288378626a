"""Configuration files, TOML and JSON: whatever is wrong with one is a single error that names the file."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from datetime import date, time
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError

__all__ = ["parse_toml", "read_json_object", "read_toml"]

_MAX_DEPTH = 32
_WHOLE_NUMBERS = range(-(2**63), 2**63)
_LINE = re.compile(r"\(at line (\d+)")
_LONG_NUMBER = re.compile(r"[0-9a-fA-F_]{16,}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read_toml(path: str | Path) -> tuple[dict[str, Any], str]:
    """The values of a TOML file, and its text.

    Raises `ParseError`, which does not quote the file's values, with the line where that is known.
    """
    text = _text(Path(path))
    return parse_toml(path, text), text


def parse_toml(source: str | Path, text: str) -> dict[str, Any]:
    """The values of a text in TOML. Raises `ParseError` as `read_toml` does."""
    values: dict[str, Any] = {}
    line, fault = 0, ""
    try:
        values = tomllib.loads(text)
    except RecursionError:
        fault = "it is nested too deeply"
    except tomllib.TOMLDecodeError as error:
        found = _LINE.search(str(error))
        line, fault = int(found[1]) if found else 0, f"not TOML: {str(error).split('(at ')[0].strip()}"
    except ValueError:  # Python converts no more than 4,300 digits
        fault = "a whole number does not fit into 64 bits"
    fault = fault or _fault(values)
    if fault:  # raised here, without the parser's error, which holds values of the file
        raise ParseError(source, line or (_line_of_number(text) if "64 bits" in fault else 0), fault)
    return values


def read_json_object(path: str | Path) -> dict[str, Any]:
    """The JSON object in a file. Raises `ParseError`, with the line where that is known."""
    text = _text(Path(path))
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise ParseError(path, error.lineno, f"not JSON: {error.msg}") from error
    except RecursionError as error:
        raise ParseError(path, 0, "it is nested too deeply") from error
    except ValueError as error:
        raise ParseError(path, _line_of_number(text), "a whole number does not fit into 64 bits") from error
    if not isinstance(value, dict):
        raise ParseError(path, 0, f"a JSON object is needed, not {type(value).__name__}")
    if fault := _fault(value):
        raise ParseError(path, _line_of_number(text) if "64 bits" in fault else 0, fault)
    return value


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # with or without the mark that Windows puts first
    except UnicodeDecodeError as error:
        raise ParseError(path, 0, "this is not UTF-8") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ParseError(path, 0, f"cannot be read ({reason})") from error


def _fault(values: Mapping[str, Any]) -> str:
    """What no setting may be, and what later could not be written or shown; "" where all is well."""
    waiting: list[tuple[object, int]] = [(values, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > _MAX_DEPTH:
            return "it is nested too deeply"
        if isinstance(value, dict):
            waiting += [(part, depth + 1) for pair in value.items() for part in pair]
        elif isinstance(value, list):
            waiting += [(part, depth + 1) for part in value]
        elif isinstance(value, int) and value not in _WHOLE_NUMBERS:
            return "a whole number does not fit into 64 bits"
        elif isinstance(value, str) and ("\0" in value or _SURROGATE.search(value)):
            return "a text holds a null character or half a surrogate pair"
        elif isinstance(value, date | time):
            return "a date or time, which no setting is"
    return ""


def _line_of_number(text: str) -> int:
    """The first line with a number of very many digits; 0 where there is none."""
    return next((at for at, line in enumerate(text.split("\n"), 1) if _LONG_NUMBER.search(line)), 0)
