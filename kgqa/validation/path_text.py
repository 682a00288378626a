"""Chains written as text: `e0 -> r1 -> e1 <- r2 <- e2`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import islice

from kgqa.constraint import NameLookup
from kgqa.graph import Triple

__all__ = ["PathReading", "path_pieces", "read_path"]

_ARROW = re.compile(r"(?<!\S)(->|<-)(?!\S)")
MOST_READINGS = 200
MOST_PIECES = 60


@dataclass(frozen=True)
class PathReading:
    """One way to read a path's text: its triples, by the names as written, its two ends."""

    triples: tuple[Triple, ...]
    start: str
    end: str


def read_path(text: str, names: NameLookup) -> tuple[PathReading, ...]:
    """The ways to read a path, the likeliest first; empty when its arrows do not pair up.

    `->` on both sides of a relation walks it from head to tail, `<-` on both sides from tail to
    head. Names that hold arrows themselves are told by the graph: first come the readings all of
    whose names it knows, last the one in which every arrow is an arrow. Nothing between two arrows
    is an unnamed entity.
    """
    parts = _ARROW.split(text)
    pieces, arrows = [part.strip() for part in parts[0::2]], parts[1::2]
    if len(pieces) > MOST_PIECES:
        return tuple(_plain(pieces, arrows))
    known = islice(_known(pieces, arrows, names), MOST_READINGS)
    return tuple(dict.fromkeys([*known, *_plain(pieces, arrows)]))


def path_pieces(text: str) -> list[str]:
    """What is between the arrows of a path: names and relations by turns.

    >>> path_pieces("Kismet -> directed_by -> William Dieterle")
    ['Kismet', 'directed_by', 'William Dieterle']
    """
    return [part.strip() for part in _ARROW.split(text)[0::2]]


def _plain(pieces: list[str], arrows: list[str]) -> Iterator[PathReading]:
    """The reading in which no name holds an arrow."""
    pairs = list(zip(arrows[0::2], arrows[1::2], strict=False))
    if len(arrows) >= 2 and len(arrows) % 2 == 0 and all(one == other for one, other in pairs):
        entities, relations = pieces[0::2], pieces[1::2]
        triples = tuple(
            _triple(source, relation, target, arrow)
            for source, relation, target, arrow in zip(
                entities, relations, entities[1:], arrows[0::2], strict=False
            )
        )
        yield PathReading(triples, entities[0], entities[-1])


def _known(pieces: list[str], arrows: list[str], names: NameLookup) -> Iterator[PathReading]:
    """The readings in which the graph knows every name, those of short names first."""

    def name(first: int, last: int) -> str:
        joined = pieces[first]
        for at in range(first, last):
            joined += f" {arrows[at]} {pieces[at + 1]}"
        return joined

    def spans(first: int, *, relation: bool) -> Iterator[tuple[int, str]]:
        for last in range(first, len(pieces)):
            text = name(first, last)
            known = names.relations(text) if relation else names.entities(text)
            if known or (not text and not relation and 0 < first == last < len(pieces) - 1):
                yield last, text

    def steps(at: int) -> Iterator[tuple[str, int, str]]:
        """The relations and targets that may follow an entity that ends at piece `at`."""
        for middle, relation in spans(at + 1, relation=True):
            if middle + 1 < len(pieces) and arrows[middle] == arrows[at]:
                for last, target in spans(middle + 1, relation=False):
                    yield relation, last, target

    @cache
    def leads_to_end(at: int) -> bool:
        return at == len(pieces) - 1 or any(leads_to_end(last) for _, last, _ in steps(at))

    def onward(at: int, source: str, triples: tuple[Triple, ...], start: str) -> Iterator[PathReading]:
        if at == len(pieces) - 1:
            if triples:
                yield PathReading(triples, start, source)
            return
        for relation, last, target in steps(at):
            if leads_to_end(last):
                step = _triple(source, relation, target, arrows[at])
                yield from onward(last, target, (*triples, step), start)

    for last, start in spans(0, relation=False):
        yield from onward(last, start, (), start)


def _triple(source: str, relation: str, target: str, arrow: str) -> Triple:
    return Triple(source, relation, target) if arrow == "->" else Triple(target, relation, source)
