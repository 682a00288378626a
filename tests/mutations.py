"""Damaged inputs: valid ones with random mutations, the same for the same seed.

A test of a reader takes valid inputs, mutates them some thousand times, and asserts that each outcome is
either success or an error of kgqa::

    for damaged in mutants(valid, count=20_000, seed=1):
        path.write_bytes(damaged)
        assert_reads_or_refuses(lambda: list(read(path)), path)
"""

from __future__ import annotations

import copy
import gzip
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from kgqa.errors import KgqaError

__all__ = ["assert_reads_or_refuses", "mutants", "with_anything"]

TOKENS = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",  # half a surrogate pair in UTF-8
    b"\xef\xbb\xbf",
    b"\\ud800",
    b"\\u0000",
    b"&#0;",
    b"&#xD800;",
    b"&unknown;",
    b'"',
    b"'",
    b"\\",
    b"\n",
    b"\r",
    b"\t",
    b"|",
    b",",
    b"null",
    b"true",
    b"{}",
    b"[]",
    b'""',
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"9" * 5000,
    b"-" + b"9" * 400,
    b"x" * 70_000,
    b"(" * 3000,
    b"[" * 3000,
    b'{"a":' * 3000,
    b"}}",
    b":",
    b"->",
    b"<-",
    b"1.5",
    b"-1",
    b"PAR1",
    b"\x1f\x8b",
    b"\xe2\x80\xa8",
    b"\xf4\x8f\xbf\xbf",
    b"<a>" * 3000,
    b"<![CDATA[",
    b"<!--",
    b"<!DOCTYPE x>",
    b"\xe2\x80\xae\xe2\x80\x8b",  # right-to-left override, zero-width space
)
"""What has broken parsers before."""


ANYTHING: tuple[Any, ...] = (
    *(None, True, 0, -1, 10**400, 3.5, float("nan"), float("inf")),
    *("x", "", "\0", "\ud800", [], {}, [[1]], [["a"]], {"a": [1]}),
)


def with_anything(form: Any, limit: int | None = None, seed: int = 0) -> Iterator[Any]:
    """Copies of JSON values that have something else in one place: each place in turn, or so many drawn."""
    cases = [(place, other) for place in _places(form) for other in ANYTHING]
    for place, other in cases if limit is None else random.Random(seed).sample(cases, min(limit, len(cases))):
        copied = {"": copy.deepcopy(form)}
        inner: Any = copied
        for key in ("", *place)[:-1]:
            inner = inner[key]
        inner[("", *place)[-1]] = copy.deepcopy(other)
        yield copied[""]


def _places(form: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where there is something in JSON values: keys and numbers from the outside inwards."""
    yield path
    items = form.items() if isinstance(form, dict) else enumerate(form) if isinstance(form, list) else ()
    for key, inner in items:
        yield from _places(inner, (*path, key))


def mutants(valid: bytes | Sequence[bytes], count: int, seed: int = 0) -> Iterator[bytes]:
    """`count` inputs, each a valid one after one to five random changes; a few are packed with gzip."""
    chance = random.Random(seed)
    contents = [valid] if isinstance(valid, bytes) else valid
    for _ in range(count):
        content = chance.choice(contents)
        for _ in range(min(chance.randint(1, 5), chance.randint(1, 5))):
            content = _mutated(content, chance, contents)
        if chance.random() < 0.02:
            packed = gzip.compress(content, 1)
            content = packed[: chance.randint(0, len(packed))] if chance.random() < 0.5 else packed
        yield content


def _mutated(content: bytes, chance: random.Random, valid: Sequence[bytes]) -> bytes:
    at = chance.randint(0, len(content))
    end = min(len(content), at + chance.choice((1, 1, 2, 4, 8, 40)))
    part = content[at:end]
    match chance.randrange(8):
        case 0:  # one bit
            if not part:
                return content
            return content[:at] + bytes((content[at] ^ 1 << chance.randrange(8),)) + content[at + 1 :]
        case 1:
            return content[:at] + chance.randbytes(len(part)) + content[end:]
        case 2:
            return content[:at] + content[end:]
        case 3:
            return content[:at] + part * chance.choice((2, 3, 50)) + content[end:]
        case 4:
            return content[:at] + chance.choice(TOKENS) + content[at:]
        case 5:
            return content[:at] + chance.choice(TOKENS) + content[end:]
        case 6:
            return content[:at] if chance.random() < 0.3 else content[: len(content) - chance.randint(1, 9)]
        case _:  # a part of a valid input somewhere else
            other = chance.choice(valid)
            start = chance.randint(0, len(other))
            return content[:at] + other[start : start + chance.choice((3, 20, 200))] + content[end:]


def assert_reads_or_refuses(read: Callable[[], object], path: Path) -> bool:
    """Whether a file is read; if not, the error must be one of kgqa, in one line that names the file."""
    try:
        read()
    except KgqaError as error:
        message = str(error)
        assert "\n" not in message, message
        assert str(path) in message, message
        assert len(message) < len(str(path)) + 1000, message
        return False
    return True
