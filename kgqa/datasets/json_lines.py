"""JSON objects, one a line, plain or gzip."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError

__all__ = ["parse_json_line", "read_json_lines", "read_lines"]

GZIP_MAGIC = b"\x1f\x8b"


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    r"""The lines of a UTF-8 file with their numbers, from 1, without their line ends.

    Gzip is told by the file's first bytes, not by its name; a byte order mark is dropped. Only
    `\n` and `\r\n` end a line. Raises `ParseError` for a file that is missing, truncated or not
    UTF-8.
    """
    number = 0
    try:
        with path.open("rb") as stream:
            packed = stream.read(2) == GZIP_MAGIC
        with gzip.open(path) if packed else path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                text = line.decode("utf-8-sig" if number == 1 else "utf-8")
                yield number, text.removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise ParseError(path, number, f"not UTF-8 (byte {error.start} of the line)") from error
    except EOFError as error:
        raise ParseError(path, number + 1, "the gzip data ends here, the file is truncated") from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise ParseError(path, number + 1, f"damaged gzip data ({error})") from error
    except IsADirectoryError as error:
        raise ParseError(path, 0, "is a folder, a file is needed") from error
    except OSError as error:
        raise ParseError(path, 0, f"cannot be read ({error.strerror or error})") from error


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


def read_json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file with their line numbers; blank lines are passed over.

    Raises `ParseError` as `read_lines` and `parse_json_line` do.
    """
    for number, text in read_lines(path):
        if text.strip():
            yield number, parse_json_line(path, number, text)
