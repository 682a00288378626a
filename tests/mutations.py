"""Damaged versions of valid files, as editors, disks and other programs leave them."""

from __future__ import annotations

import gzip
import random
from collections.abc import Iterator

__all__ = ["mutants"]

TOKENS = (
    b"null", b"true", b"-1", b"1e999", b"NaN", b"-Infinity", b"9" * 5000, b"1.5", b'""', b"[]", b"{}", b"[[",
    b"}}", b"[" * 2000, b'{"a":' * 500, b'"', b"\\", b"\\ud800", b"\\u0000", b"\x00", b"\xff", b"\r", b"\n",
    b"\xef\xbb\xbf", b"\xe2\x80\xa8", b",", b":", b"\t", b"->", b"<-", b"\xf4\x8f\xbf\xbf", b"PAR1",
    b"\x1f\x8b",
)  # fmt: skip
"""What is put into a file or in the place of a part of it."""


def mutants(content: bytes, count: int, seed: int = 0) -> Iterator[bytes]:
    """`count` mutations of a content: bits turned, parts cut out, doubled, moved or replaced; some packed."""
    chance = random.Random(seed)
    for _ in range(count):
        data = bytearray(content)
        for _ in range(chance.choice((1, 1, 1, 2, 3, 8))):
            _mutate(data, chance)
        made = bytes(data)
        if chance.random() < 0.02:
            packed = gzip.compress(made, 1)
            made = packed[: chance.randint(0, len(packed))] if chance.random() < 0.5 else packed
        yield made


def _mutate(data: bytearray, chance: random.Random) -> None:
    start = chance.randint(0, len(data))
    end = min(len(data), start + chance.choice((1, 2, 5, 20, len(data))))
    match chance.randrange(6):
        case 0 if start < len(data):
            data[start] ^= 1 << chance.randrange(8)
        case 1:
            del data[start:end]
        case 2:
            data[start:start] = data[start:end]
        case 3:
            data[start:start] = chance.choice(TOKENS)
        case 4:
            data[start:end] = chance.choice(TOKENS)
        case _:
            at = chance.randint(0, len(data))
            data[at:at] = data[start : min(end, start + 200)]
