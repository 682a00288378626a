"""Chains as one graph for drawing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kgqa.drawing.display_names import DisplayNames

__all__ = ["Arrow", "ChainGraph", "Node", "arrows_of", "select_triples"]

Fact = tuple[str, str, str]


@dataclass(frozen=True)
class Node:
    """An entity of the chains; `name` is `None` for a mediator.

    `gold` says whether it is a gold answer (which need not be an `answer`), `None` where that is unknown.
    """

    entity: str
    name: str | None
    topic: bool
    answer: bool
    gold: bool | None = None


@dataclass(frozen=True)
class Arrow:
    """A triple, from its head to its tail (places among the nodes), with its words and whole name."""

    head: int
    tail: int
    words: str
    relation: str


@dataclass(frozen=True)
class ChainGraph:
    """Nodes in the order in which chains reach them; `left_out` triples have no arrow."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    left_out: int = 0

    def __str__(self) -> str:
        """The triples as text: the alternative text of the drawing."""
        return "; ".join(
            f"{self.nodes[arrow.head].name or '·'} → {arrow.words} → {self.nodes[arrow.tail].name or '·'}"
            for arrow in self.arrows
        )


def select_triples(chains: Iterable[Sequence[Fact]], most: int) -> tuple[list[Fact], set[int]]:
    """The triples of as many whole chains as fit into `most`, and the places of these chains.

    The first chain is always among them, if need be cut.
    """
    triples: dict[Fact, None] = {}
    taken: set[int] = set()
    for place, chain in enumerate(chains):
        new = [triple for triple in chain if triple not in triples]
        if not triples or len(triples) + len(new) <= most:
            triples |= dict.fromkeys(new[:most])
            taken.add(place)
    return list(triples), taken


def arrows_of(triples: Iterable[Fact], names: DisplayNames) -> tuple[list[str], tuple[Arrow, ...]]:
    """The entities of triples in the order in which they occur, and an arrow for each triple."""
    place: dict[str, int] = {}
    arrows = []
    for head, relation, tail in triples:
        ends = place.setdefault(head, len(place)), place.setdefault(tail, len(place))
        arrows.append(Arrow(*ends, names.relation(relation), relation))
    return list(place), tuple(arrows)
