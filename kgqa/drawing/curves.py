"""The curves of a drawing's arrows and the places of their labels."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.drawing.chain_graph import ChainGraph
from kgqa.graph import shorten

__all__ = [
    "LABEL_HEIGHT",
    "LABEL_LETTER",
    "LONGEST_RELATION",
    "Curve",
    "NodeBox",
    "curves_of",
    "fitted",
    "text_width",
]

NAME_LETTER, LABEL_LETTER = 7.2, 6.5
"""Pixels that a letter of a node's name (13 pixels high) and of an arrow's label (12) takes."""

LABEL_HEIGHT, BOW = 15.0, 36.0
LONGEST_RELATION = 26


@dataclass(frozen=True)
class NodeBox:
    """A node's centre and size and the width of its column (pixels), and its name as it fits."""

    x: float
    y: float
    width: float
    height: float
    column: float
    text: str


@dataclass(frozen=True)
class Curve:
    """An arrow as an SVG path from head to tail; its label's centre and its text as it fits."""

    path: str
    x: float
    y: float
    text: str


def curves_of(graph: ChainGraph, distances: Sequence[int], places: Sequence[NodeBox]) -> tuple[Curve, ...]:
    """A curve for each arrow, in their order; no label lies on another."""
    side_by_side = Counter(frozenset((arrow.head, arrow.tail)) for arrow in graph.arrows)
    busy = Counter(node for pair in side_by_side for node in pair)
    drawn: Counter[frozenset[int]] = Counter()
    curves = []
    for arrow in graph.arrows:
        pair = frozenset((arrow.head, arrow.tail))
        number = drawn[pair]
        drawn[pair] += 1
        head, tail = places[arrow.head], places[arrow.tail]
        text = fitted(arrow.words, LONGEST_RELATION)
        if distances[arrow.head] == distances[arrow.tail]:
            curves.append(_beside(head, tail, text, number))
        else:
            bow = BOW * (number - (side_by_side[pair] - 1) / 2)
            more = busy[arrow.head] - busy[arrow.tail]
            curves.append(_across(head, tail, text, bow, 0.5 if not more else 0.66 if more > 0 else 0.34))
    return _apart(curves)


def _across(head: NodeBox, tail: NodeBox, text: str, bow: float, at: float) -> Curve:
    """From one column to the next: level within columns, curved between them.

    `bow` keeps parallel arrows apart; `at` (0 to 1) is where on the curve the label stands, nearer to
    the end with fewer arrows.
    """
    way = 1 if tail.x > head.x else -1
    x1, x2 = head.x + way * head.column / 2, tail.x - way * (tail.column / 2 + 3)
    bend = (x2 - x1) / 2
    curve = f"C{x1 + bend:.1f} {head.y + bow:.1f} {x2 - bend:.1f} {tail.y + bow:.1f} {x2:.1f} {tail.y:.1f}"
    out = f"M{head.x + way * head.width / 2:.1f} {head.y:.1f}" + (f"H{x1:.1f}" * (head.width < head.column))
    arrival = f"H{tail.x - way * (tail.width / 2 + 3):.1f}" * (tail.width < tail.column)
    x = x1 + (x2 - x1) * (1.5 * at * (1 - at) + at**3)
    y = head.y + (tail.y - head.y) * at * at * (3 - 2 * at) + bow * 3 * at * (1 - at)
    return Curve(out + curve + arrival, x, y, text)


def _beside(head: NodeBox, tail: NodeBox, text: str, number: int) -> Curve:
    """Within a column, out to the right and back; of a node to itself, a small loop."""
    x1, x2 = head.x + head.width / 2, tail.x + tail.width / 2 + 3
    y1, y2 = (head.y - 6, tail.y + 6) if head is tail else (head.y, tail.y)
    edge = head.x + head.column / 2
    out = edge + 22 + 14 * number
    path = f"M{x1:.1f} {y1:.1f}C{out:.1f} {y1:.1f} {out:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    furthest = max((x1 + 6 * out + x2) / 8, edge)
    return Curve(path, furthest + 5 + text_width(text, LABEL_LETTER) / 2, (y1 + y2) / 2, text)


def _apart(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """The curves with their labels moved down until none lies on another."""
    moved: list[Curve | None] = [None] * len(curves)
    put: list[tuple[float, float, float]] = []
    for place in sorted(range(len(curves)), key=lambda at: (curves[at].y, at)):
        curve = curves[place]
        half = text_width(curve.text, LABEL_LETTER) / 2
        y = max(curve.y, LABEL_HEIGHT / 2)
        while below := [
            other
            for x, other, reach in put
            if abs(x - curve.x) < half + reach and y - other < LABEL_HEIGHT - 0.01
        ]:
            y = max(below) + LABEL_HEIGHT
        put.append((curve.x, y, half))
        moved[place] = Curve(curve.path, curve.x, y, curve.text)
    return tuple(curve for curve in moved if curve)


def text_width(text: str, letter: float = NAME_LETTER) -> float:
    """About how wide a text is in pixels; letters of wide scripts take nearly twice the room.

    >>> text_width("東京", 10), text_width("ab", 10)
    (38.0, 20.0)
    """
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return letter * (len(text) + 0.9 * wide)


def fitted(text: str, letters: int) -> str:
    """A text cut to the width of so many letters."""
    while text_width(text, 1) > letters:
        text = shorten(text, len(text) - 1)
    return text
