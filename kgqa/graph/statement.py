"""What a graph file says: triples, names, and the kinds of nodes."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from kgqa.errors import StatementError
from kgqa.graph.name import clean_name

__all__ = ["Name", "Node", "NodeKind", "Quad", "RelationName", "Statement", "Triple", "as_triples"]


class Triple(NamedTuple):
    """A fact of the graph in the graph's own direction.

    >>> print(Triple("Kismet", "directed_by", "William Dieterle"))
    Kismet -[directed_by]-> William Dieterle
    """

    head: str
    relation: str
    tail: str

    def __str__(self) -> str:
        head, relation, tail = (clean_name(part) or "·" for part in self)
        return f"{head} -[{relation}]-> {tail}"


class Quad(NamedTuple):
    """A fact with a source that says it, such as the named graph that it is in.

    >>> Quad("Kismet", "directed_by", "William Dieterle", "http://example.org/films").triple
    Triple(head='Kismet', relation='directed_by', tail='William Dieterle')
    """

    head: str
    relation: str
    tail: str
    source: str

    @property
    def triple(self) -> Triple:
        """The fact alone."""
        return Triple(self.head, self.relation, self.tail)


class NodeKind(IntEnum):
    """The kind of a node; stored as one byte."""

    RESOURCE = 0
    """Something with an identifier of its own."""
    LITERAL = 1
    """A value: a number, a date, a text."""
    BLANK = 2
    """A node without an identifier outside its file; unnamed unless the file labels it."""


class Name(NamedTuple):
    """A label of an entity; `alias` for any other name it goes by."""

    entity: str
    text: str
    alias: bool = False


class RelationName(NamedTuple):
    """A label of a relation."""

    relation: str
    text: str


class Node(NamedTuple):
    """The kind of an entity that is no plain resource."""

    entity: str
    kind: NodeKind


Statement = Triple | Quad | Name | RelationName | Node


_TRIPLE = frozenset({Triple})


def as_triples(facts: Iterable[Triple | Quad | tuple[str, str, str]]) -> tuple[Triple, ...]:
    """Triples, from triples, quads or plain tuples of three texts. Raises `StatementError` for anything else.

    >>> as_triples([("Kismet", "directed_by", "William Dieterle")])
    (Triple(head='Kismet', relation='directed_by', tail='William Dieterle'),)
    """
    found = tuple(facts)
    return found if _TRIPLE.issuperset(map(type, found)) else tuple(map(_as_triple, found))  # type: ignore[return-value]


def _as_triple(fact: object) -> Triple:
    match fact:
        case Quad():
            return fact.triple
        case (str(head), str(relation), str(tail)) if isinstance(fact, tuple):
            return Triple(head, relation, tail)
    raise StatementError(f"a triple is a tuple of three texts (head, relation, tail), not {fact!r:.80}")
