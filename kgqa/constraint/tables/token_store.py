"""Token tables stored in a graph's index folder."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.tokenizer import Tokenizer
from kgqa.graph import IndexedGraph
from kgqa.graph.arrays.array_folder import open_arrays, write_arrays

__all__ = ["Stored", "TokenStore"]

FORMAT, VERSION = "kgqa-tokens", 2


class Stored(NamedTuple):
    """Stored arrays; `is_current` says whether they belong to this graph or to an earlier version of it."""

    arrays: Mapping[str, NDArray[np.generic]]
    speakable: int
    is_current: bool


class TokenStore(NamedTuple):
    """A folder for token tables in a graph's index folder; None for a graph in memory, which stores none."""

    folder: Path | None
    facts: Mapping[str, Any]

    @classmethod
    def of(cls, graph: IndexedGraph, tokenizer: Tokenizer, kind: str) -> Self:
        """The store for one kind of arrays of a graph and a tokenizer."""
        facts = {
            "format": FORMAT,
            "version": VERSION,
            "tokenizer": tokenizer.fingerprint,
            "graph": graph.checksum,
        }
        if graph.folder is None:
            return cls(None, facts)
        return cls(graph.folder / f"{kind}-{_sixteen_digits(tokenizer.fingerprint)}", facts)

    def open(self, names: Collection[str]) -> Stored | None:
        """The stored arrays of this tokenizer; None if they are missing, damaged or have other names."""
        found = None if self.folder is None else open_arrays(self.folder)
        if found is None:
            return None
        facts, arrays = found
        graph, speakable = facts.pop("graph", None), facts.pop("speakable", None)
        if arrays.keys() != set(names) or not isinstance(speakable, int):
            return None
        if {**facts, "graph": self.facts["graph"]} != self.facts:
            return None
        return Stored(arrays, speakable, graph == self.facts["graph"])

    def write(self, arrays: Mapping[str, NDArray[Any]], speakable: int) -> None:
        """Store arrays if possible; without write access they are rebuilt in every process."""
        if self.folder is not None:
            write_arrays(self.folder, {**self.facts, "speakable": speakable}, dict(arrays))


def _sixteen_digits(fingerprint: str) -> str:
    digits = fingerprint[:16]
    if len(digits) == 16 and not set(digits) - set("0123456789abcdef"):
        return digits
    return hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
