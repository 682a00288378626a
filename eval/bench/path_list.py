"""The paths of one topic, as texts and as tokens, and by brute force what may follow a prefix."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

from published import Limit, Neighbours, listed

__all__ = ["Language", "PathList", "Verdict", "chosen"]


class Language(NamedTuple):
    """The paths of at most `hops` hops from one entity, and how many they are."""

    topic: str
    hops: int
    paths: int


class Verdict(NamedTuple):
    """A set of tokens held against the truth.

    `lacks`: tokens of paths that are missing; `other`: tokens that spell the beginning of a path,
    but not as the tokenizer splits it; `wrong`: tokens that lead out of the paths.
    """

    lacks: int
    other: int
    wrong: int


@dataclass(frozen=True, eq=False)
class PathList:
    """Texts with the token ids of each; a path ends with the token `end`."""

    texts: list[str]
    sequences: list[tuple[int, ...]]
    token_bytes: list[bytes | None]
    end: int

    @classmethod
    def of(cls, neighbours: Neighbours, language: Language, tokenizer: Any, end: int) -> PathList:
        """List and tokenise the paths of a topic, each text once."""
        texts = sorted(set(listed(neighbours, [language.topic], language.hops, Limit(10**9))))
        rows = tokenizer(texts, add_special_tokens=False, return_attention_mask=False)["input_ids"]
        return cls(texts, [tuple(row) for row in rows], token_bytes(tokenizer), end)

    def expected(self, prefix: Sequence[int]) -> frozenset[int]:
        """The tokens that may follow a prefix, the end among them: by going through the paths."""
        found: frozenset[int] = self._expected(tuple(prefix))
        return found

    def judge(self, prefix: Sequence[int], allowed: Iterable[int]) -> Verdict:
        """What is wrong with a set of tokens behind a prefix."""
        given, right = frozenset(allowed), self.expected(prefix)
        said = b"".join(self.token_bytes[token] or b"" for token in prefix)
        spelling = sum(self._begins(said, token) for token in given - right)
        return Verdict(len(right - given), spelling, len(given - right) - spelling)

    def _begins(self, said: bytes, token: int) -> bool:
        if token == self.end:
            at = bisect_left(self._encoded, said)
            return at < len(self._encoded) and self._encoded[at] == said
        own = self.token_bytes[token]
        if not own:
            return False
        at = bisect_left(self._encoded, said + own)
        return at < len(self._encoded) and self._encoded[at].startswith(said + own)

    @cached_property
    def _ranked(self) -> list[tuple[int, ...]]:
        return sorted(self.sequences)

    @cached_property
    def _encoded(self) -> list[bytes]:
        return sorted(text.encode() for text in self.texts)

    @cached_property
    def _expected(self) -> Any:
        @cache
        def expected(prefix: tuple[int, ...]) -> frozenset[int]:
            return frozenset(self._following(prefix))

        return expected

    def _following(self, prefix: tuple[int, ...]) -> Iterator[int]:
        for at in range(bisect_left(self._ranked, prefix), len(self._ranked)):
            sequence = self._ranked[at]
            if sequence[: len(prefix)] != prefix:
                return
            yield sequence[len(prefix)] if len(sequence) > len(prefix) else self.end


def chosen(neighbours: Neighbours, topics: Iterable[str], sizes: Sequence[int]) -> list[Language]:
    """For each size the language, over 2 or 3 hops from one of the topics, that is nearest to it."""
    found = [Language(topic, hops, count) for topic in topics for hops, count in counts(neighbours, topic)]
    return [min(found, key=lambda one: (abs(math.log(max(1, one.paths) / size)), one)) for size in sizes]


def counts(neighbours: Neighbours, topic: str) -> Iterator[tuple[int, int]]:
    """How many paths of at most 2 and 3 hops there are."""

    @cache
    def after(entity: str) -> tuple[str, ...]:
        return tuple(following for _, following in neighbours[entity] if following != topic)

    first = after(topic)
    second = [entity for one in first for entity in after(one)]
    yield 2, len(first) + len(second)
    yield 3, len(first) + len(second) + sum(len(after(entity)) for entity in second)


def token_bytes(tokenizer: Any) -> list[bytes | None]:
    """The bytes that each token of a byte-level tokenizer stands for; None for special tokens."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    values = {chr(byte): byte for byte in printable}
    values |= {chr(256 + at): byte for at, byte in enumerate(others)}
    special = set(tokenizer.added_tokens_decoder)
    return [
        None if number in special else bytes(values[character] for character in text)
        for number, text in enumerate(tokenizer.convert_ids_to_tokens(range(len(tokenizer))))
    ]
