"""The names of a graph by the beginnings of their words, the most connected first."""

from __future__ import annotations

import hashlib
import re
import threading
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import IndexedGraph, NodeKind, fold_name
from kgqa.graph.arrays.array_folder import open_arrays, write_arrays
from kgqa.linking.name_index import MOST_INDEXED

__all__ = ["Beginning", "BeginningIndex"]

FORMAT, VERSION = "kgqa-beginnings", 1
FOLDER = f"beginnings-{hashlib.sha256(FORMAT.encode()).hexdigest()[:16]}"
"""The folder of the arrays in an index folder; replaced when it is of another graph."""
LEAST_STORED = 100_000
"""The names of fewer entities are sorted anew: that takes a second."""
COMPARED = 32
"""Bytes by which beginnings are sorted; longer texts are compared one by one."""
MOST_WORDS = 8
"""Words of a name at which it is found."""
MOST_READ = 20_000
"""Names of a large graph that are compared, and those that begin with as many bytes as are sorted."""
BLOCK = 1024
_PARTS = ("places", "owners", "degrees")
_MARKS = re.compile("[\u0300-\u036f]+")
_SIGNS = re.compile(r"[^\w\s\x00-\x7f]")
_PLAIN = np.array(
    [code if code >= 128 or code == 10 or chr(code).isalnum() else 32 for code in range(256)], dtype=np.uint8
)
_BUILDING = threading.Lock()

Column = NDArray[Any]


class Beginning(NamedTuple):
    """An entity found by a beginning: at a later word of its name or not, minus its facts, its number."""

    later_word: bool
    rank: int
    entity: int


class BeginningIndex:
    """Where the words of names begin, sorted by what follows there: once for first words, once for others.

    Case, accents and punctuation are ignored. A beginning is a range of the sorted places, which two binary
    searches find; the most connected names of a range come from the blocks with the largest degrees, so that
    a search reads some thousand numbers, whatever the size of the graph. Literals are left out: a text is no
    name.

    A million names are sorted once, in 8 seconds (eval/results/names.md); those of an index folder are stored
    there and memory-mapped.
    """

    def __init__(self, data: Column, columns: tuple[tuple[Column, Column, Column], ...]) -> None:
        self._data = data
        self._columns = columns
        self._maxima = tuple(
            np.maximum.reduceat(degrees, np.arange(0, len(degrees), BLOCK)) if len(degrees) else degrees
            for _, _, degrees in columns
        )

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self | None:
        """The index of a graph without changes, kept with it; none of one with very many entities."""
        if graph.entity_count > MOST_INDEXED:
            return None
        if cls._opened not in graph.derived:
            with _BUILDING:  # of requests at the same time, one builds it
                graph.derive(cls._opened)
        return graph.derive(cls._opened)

    @classmethod
    def of_entities(cls, graph: IndexedGraph, numbers: Column) -> Self:
        """The index over the names of some entities."""
        names: list[str] = []
        owners: list[int] = []
        for number in numbers.tolist():
            texts = {
                fold_name(text) for text in (graph.labels[number], *graph.alias_texts(graph.entity(number)))
            }
            own = sorted(filter(None, texts))
            names += own
            owners += [number] * len(own)
        return cls._made(graph, names, owners)

    def search(self, text: str) -> Iterator[Beginning]:
        """The entities with a name that begins so, then those with a word that does; some of them again.

        Each are ordered by their facts, the most connected first, then by what follows in the name.
        """
        words = _plain(" ".join(text.split())).tobytes().strip()
        for which in range(len(self._columns)):
            yield from self._found(which, words)

    def _found(self, which: int, words: bytes) -> Iterator[Beginning]:
        places, owners, degrees = self._columns[which]
        start = words[:COMPARED]

        def beginning(place: int) -> bytes:
            return self._data[place : place + len(start)].tobytes()

        low = bisect_left(places, start, key=beginning)
        high = bisect_right(places, start, lo=low, key=beginning)
        found = self._most_connected(which, low, high)
        if len(words) > COMPARED:
            found = (
                row
                for row in islice(found, MOST_READ)
                if self._data[places[row] : places[row] + len(words)].tobytes() == words
            )
        return (Beginning(which > 0, -int(degrees[row]), int(owners[row])) for row in found)

    def _most_connected(self, which: int, low: int, high: int) -> Iterator[int]:
        done, count = 0, 64
        while done < high - low:
            rows = self._top(which, low, high, count)
            yield from rows[done:].tolist()
            done, count = len(rows), 8 * count

    def _top(self, which: int, low: int, high: int, count: int) -> Column:
        """The rows of a range with the largest degrees, in their order."""
        degrees, maxima = self._columns[which][2], self._maxima[which]
        first, last = -(-low // BLOCK), high // BLOCK
        if last - first <= count:
            rows = np.arange(low, high)
        else:
            blocks = first + np.argsort(-maxima[first:last], kind="stable")[:count]
            inner = (np.sort(blocks)[:, None] * BLOCK + np.arange(BLOCK)).ravel()
            rows = np.concatenate([np.arange(low, first * BLOCK), inner, np.arange(last * BLOCK, high)])
        return rows[np.argsort(-degrees[rows], kind="stable")[:count]]

    @classmethod
    def _opened(cls, graph: IndexedGraph) -> Self:
        facts = {"format": FORMAT, "version": VERSION, "graph": graph.checksum}
        stored = graph.folder is not None and graph.entity_count >= LEAST_STORED and not graph.changed
        folder = graph.folder / FOLDER if graph.folder is not None and stored else None
        found = open_arrays(folder) if folder else None
        if found and found[0] == facts:
            return cls._of_arrays(found[1])
        names: list[str] = []
        owners: list[int] = []
        for name in dict.fromkeys(graph.names.iterkeys()):
            for number, _ in graph.names.get(name):
                names.append(name)
                owners.append(number)
        made = cls._made(graph, names, owners)
        if folder:
            write_arrays(folder, facts, made._arrays())
        return made

    @classmethod
    def _made(cls, graph: IndexedGraph, names: list[str], owners: list[int]) -> Self:
        entities = np.array(owners, dtype=np.int64)
        degrees = graph.outward.degrees(entities) + graph.inward.degrees(entities)
        text = graph.kinds[entities] == NodeKind.LITERAL.value
        data = _plain("\n".join(names))
        starts, lines, words = _word_starts(data)
        kept = ~text[lines] & (words < MOST_WORDS)
        columns = []
        for chosen in (kept & (words == 0), kept & (words > 0)):
            places, owner = starts[chosen], lines[chosen]
            order = _order(data, places)
            row = owner[order]
            columns.append((places[order], entities[row].astype(np.int32), degrees[row].astype(np.int32)))
        return cls(data, tuple(columns))

    @classmethod
    def _of_arrays(cls, arrays: dict[str, Column]) -> Self:
        columns = tuple(
            (arrays[f"places_{which}"], arrays[f"owners_{which}"], arrays[f"degrees_{which}"])
            for which in (0, 1)
        )
        return cls(arrays["data"], columns)

    def _arrays(self) -> dict[str, Column]:
        columns = {
            f"{part}_{which}": column
            for which, found in enumerate(self._columns)
            for part, column in zip(_PARTS, found, strict=True)
        }
        return {"data": self._data, **columns}


def _plain(text: str) -> NDArray[np.uint8]:
    """Lines as bytes of UTF-8 without case, accents and punctuation; each ends in a line break."""
    folded = text.casefold()
    if not folded.isascii():
        folded = _SIGNS.sub(" ", _MARKS.sub("", unicodedata.normalize("NFKD", folded)))
    data = _PLAIN[np.frombuffer(f"{folded}\n".encode("utf-8", "replace"), dtype=np.uint8)]
    before, after = np.roll(data, 1), np.roll(data, -1)
    idle = (data == 32) & ((before == 32) | (before == 10) | (after == 10))
    kept: NDArray[np.uint8] = data[~idle]
    return kept


def _word_starts(data: Column) -> tuple[Column, Column, Column]:
    """Where words begin, the line that each is in, and which word of its line it is."""
    gap = (data == 32) | (data == 10)
    before = np.concatenate([[True], gap[:-1]])
    starts = np.flatnonzero(before & ~gap)
    lines = np.searchsorted(np.flatnonzero(data == 10), starts)
    first = np.searchsorted(lines, lines)
    return starts.astype(np.int32 if len(data) < 2**31 else np.int64), lines, np.arange(len(starts)) - first


def _order(data: Column, places: Column) -> Column:
    """The order of places by the bytes that follow there."""
    padded = np.concatenate([data, np.zeros(COMPARED, dtype=np.uint8)])
    window = np.lib.stride_tricks.sliding_window_view(padded, COMPARED)[places]
    keys = np.ascontiguousarray(window).view(">u8").astype(np.uint64)
    return np.lexsort(tuple(keys[:, part] for part in reversed(range(keys.shape[1]))))
