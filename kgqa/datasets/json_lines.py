"""JSON objects, one a line, plain or gzip."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError
from kgqa.graph.readers.lines import read_lines

__all__ = ["parse_json_line", "read_json_lines"]


def parse_json_line(path: Path, line: int, text: str) -> dict[str, Any]:
    """The object on one line. Raises `ParseError` for anything else."""
    try:
        value = json.loads(text)
        if "\\u" in text:
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ParseError(path, line, "holds half a surrogate pair, which is no character") from error
    except ValueError as error:
        raise ParseError(path, line, f"not JSON ({error})") from error
    except RecursionError as error:
        raise ParseError(path, line, "JSON nested too deeply") from error
    if not isinstance(value, dict):
        raise ParseError(path, line, f"a JSON object is needed, not {type(value).__name__}")
    return value


def read_json_lines(path: str | Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their line numbers, from 1; blank lines are skipped.

    Raises `ParseError` as `read_lines` and `parse_json_line` do.
    """
    path = Path(path)
    for number, text in read_lines(path):
        if text.strip():
            yield number, parse_json_line(path, number, text)
