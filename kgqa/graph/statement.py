"""What a reader reads: facts, names, and what kind of thing a node is."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from kgqa.graph.triple import Triple

__all__ = ["Name", "Node", "NodeKind", "RelationName", "Statement"]


class NodeKind(IntEnum):
    """What a node of the graph is; stored as one byte."""

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
    """Says that an entity is something else than a plain resource."""

    entity: str
    kind: NodeKind


Statement = Triple | Name | RelationName | Node
