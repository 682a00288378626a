"""Writes made-up facts of any number to a file of tab-separated values, always the same for a seed.

    .venv/bin/python eval/bench/synthetic_facts.py 1000000 facts.tsv

Three tenths as many names as facts, each the head of a fact at least; one fact in a hundred leads to one
hub; 5,000 relations, few of them in most facts (a thousandth as many as facts where that is less).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SyntheticFacts"]

BLOCK = 500_000
MOST_RELATIONS = 5_000
SYLLABLES = np.array([list((c + v).encode()) for c in "bdfgjklmnprstvwzcqxh" for v in "aeiou"], np.uint8)
ENDINGS = np.array(
    [list(ending) for ending in (b"no", b"ra", b"li", b"ma", b"so", b"ti", b"ve", b"ko")], np.uint8
)
SPREAD, ROOM = 41_234_567, 100_000_000
"""Numbers become names by way of `number * SPREAD % ROOM`, so that names do not come in their order."""
WIDTH = 15


@dataclass(frozen=True)
class SyntheticFacts:
    """Facts `head TAB relation TAB tail`, made in blocks: memory does not grow with their number."""

    facts: int
    seed: int = 0

    @property
    def names(self) -> int:
        """The number of names; the hub has the first."""
        return max(10, 3 * self.facts // 10)

    @property
    def relations(self) -> int:
        """The number of relations."""
        return max(5, min(MOST_RELATIONS, self.facts // 1000))

    def write(self, path: Path) -> None:
        """Write all facts to a file."""
        with path.open("wb") as stream:
            for block in self._blocks():
                stream.write(block)

    def name(self, number: int) -> str:
        """The name of a number, such as `Bavino Lojesura`."""
        return bytes(_names(np.array([number]))[0]).decode()

    def relation(self, number: int) -> str:
        """The name of a relation, such as `baba_of`."""
        return bytes(_relations(np.array([number]))[0]).decode()

    def triples(self, block: int) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
        """The numbers of heads, relations and tails of a block of facts."""
        chance = np.random.default_rng([self.seed, block])
        first = block * BLOCK
        count = min(BLOCK, self.facts - first)
        fact = np.arange(first, first + count)
        heads = np.where(fact < self.names, fact, chance.integers(0, self.names, count))
        relations = (self.relations * chance.random(count) ** 3).astype(np.int64)
        tails = (self.names * chance.random(count) ** 2).astype(np.int64)
        tails[fact % 100 == 99] = 0
        return heads, relations, tails

    def _blocks(self) -> Iterator[bytes]:
        for block in range(-(-self.facts // BLOCK)):
            heads, relations, tails = self.triples(block)
            parts = (_names(heads), _relations(relations), _names(tails))
            tab, end = (np.full((len(heads), 1), ord(c), np.uint8) for c in "\t\n")
            yield np.hstack([parts[0], tab, parts[1], tab, parts[2], end]).tobytes()


def _names(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    """One name a row: two words of fixed length with a capital each."""
    rest = numbers * SPREAD % ROOM
    row = np.empty((len(numbers), WIDTH), np.uint8)
    for place in (0, 2, 7, 9):
        row[:, place : place + 2] = SYLLABLES[rest % 100]
        rest = rest // 100
    row[:, 4:6], row[:, 11:13], row[:, 13:15] = (ENDINGS[numbers // by % 8] for by in (1, 8, 64))
    row[:, 6] = ord(" ")
    row[:, [0, 7]] -= ord("a") - ord("A")
    return row


def _relations(numbers: NDArray[Any]) -> NDArray[np.uint8]:
    row = np.empty((len(numbers), 7), np.uint8)
    row[:, 0:2], row[:, 2:4] = SYLLABLES[numbers % 100], SYLLABLES[numbers // 100]
    row[:, 4:] = np.frombuffer(b"_of", np.uint8)
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("facts", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    SyntheticFacts(arguments.facts, arguments.seed).write(arguments.file)


if __name__ == "__main__":
    main()
