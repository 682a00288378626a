"""Queries over a graph as they are read from gold forms: trees of nodes with constraints."""

from __future__ import annotations

from dataclasses import dataclass, field

from kgqa.graph import Value
from kgqa.program import Aggregate, Comparator, Join, Nodes, OwnValue, Step, TextTest

__all__ = [
    "Aggregated",
    "Compared",
    "Grouped",
    "Matched",
    "Member",
    "Node",
    "Not",
    "Query",
    "Ranked",
    "Unreadable",
]


class Unreadable(Exception):
    """Says why a gold form cannot be a program; its text is the reason that is counted."""


@dataclass(frozen=True)
class Compared:
    """The node's value compares so; `average`: with the mean over the whole set."""

    comparator: Comparator
    operand: Value | OwnValue | None
    upper: Value | None = None
    negated: bool = False


@dataclass(frozen=True)
class Not:
    """The node is none with this name."""

    nodes: Nodes


@dataclass(frozen=True)
class Matched:
    """The node's name passes a test."""

    test: TextTest
    text: str
    negated: bool = False


@dataclass(frozen=True, eq=False)
class Member:
    """The node is one that another query finds, or (`negated`) none of them."""

    query: Query
    negated: bool = False


@dataclass(eq=False)
class Node:
    """What a row or a column of the query stands for."""

    classes: Nodes = ()
    names: list[Nodes] = field(default_factory=list)
    constraints: list[Compared | Not | Matched | Member] = field(default_factory=list)
    value: bool = False
    row: bool = False


@dataclass(frozen=True)
class Ranked:
    """The n-th and following by a value (a node), or of groups by an aggregate."""

    by: int
    least: bool
    rank: int = 1
    count: int = 1


@dataclass(frozen=True)
class Grouped:
    """Groups of rows by a key, ranked or compared by an aggregate of a node (`None`: of the rows)."""

    key: int
    aggregate: Aggregate
    of: int | None
    ranked: Ranked | None = None
    compared: Compared | None = None


@dataclass(frozen=True)
class Aggregated:
    """One number for the whole query: a count, or a summary of a node's values."""

    aggregate: Aggregate
    of: int | None
    distinct: bool = False


@dataclass(eq=False)
class Query:
    """Nodes, steps between them, and what is asked of them."""

    nodes: list[Node] = field(default_factory=list)
    edges: list[tuple[int, Step, int]] = field(default_factory=list)
    target: int = 0
    aggregated: Aggregated | None = None
    ranked: Ranked | None = None
    grouped: Grouped | None = None
    combined: list[tuple[Join, Query]] = field(default_factory=list)

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def around(self, place: int) -> list[tuple[int, Step, int]]:
        """The edges of a node: their place, the step away from it, and the other end."""
        found = []
        for at, (head, step, tail) in enumerate(self.edges):
            if head == place:
                found.append((at, step, tail))
            elif tail == place:
                found.append((at, step.turned(), head))
        return found

    def route(self, start: int, goal: int) -> list[tuple[int, Step, int]] | None:
        """The edges from one node to another, `None` where there is no way."""
        came: dict[int, tuple[int, tuple[int, Step, int]] | None] = {start: None}
        queue = [start]
        for node in queue:
            for edge in self.around(node):
                if edge[2] not in came:
                    came[edge[2]] = (node, edge)
                    queue.append(edge[2])
        if goal not in came:
            return None
        way: list[tuple[int, Step, int]] = []
        step = came[goal]
        while step is not None:
            way.append(step[1])
            step = came[step[0]]
        return way[::-1]

    def merge(self, kept: int, gone: int) -> None:
        """Make one node of two."""
        if kept == gone:
            return
        old, new = self.nodes[gone], self.nodes[kept]
        new.classes = new.classes or old.classes
        new.names += [names for names in old.names if names not in new.names]
        new.constraints += old.constraints
        new.value = new.value and old.value
        new.row = new.row or old.row
        self.nodes[gone] = Node()
        edges = []
        for head, step, tail in self.edges:
            edge = (kept if head == gone else head, step, kept if tail == gone else tail)
            if edge[0] != edge[2] and edge not in edges:
                edges.append(edge)
        self.edges = edges
