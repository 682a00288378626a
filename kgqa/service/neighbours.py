"""What an entity is connected with, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from kgqa.drawing import DisplayNames
from kgqa.errors import UsageError, check_count
from kgqa.graph import IndexedGraph, degree_of
from kgqa.graph.adjacency import Ids, search

__all__ = ["Direction", "Neighbour", "Neighbours", "RelationGroup", "neighbours"]

Direction = Literal["out", "in"]
MOST_NEIGHBOURS = 1000
MOST_RELATIONS = 1000


@dataclass(frozen=True)
class RelationGroup:
    """The facts of an entity over one relation in one direction: how many there are."""

    relation: str
    name: str
    direction: Direction
    facts: int

    def to_dict(self) -> dict[str, object]:
        """The group for JSON."""
        return {
            "relation": self.relation,
            "name": self.name,
            "direction": self.direction,
            "facts": self.facts,
        }


@dataclass(frozen=True)
class Neighbour:
    """One fact of an entity, seen from there; `name` is `None` for a mediator."""

    relation: str
    relation_name: str
    direction: Direction
    entity: str
    name: str | None
    kind: str
    degree: int

    def to_dict(self) -> dict[str, object]:
        """The neighbour for JSON."""
        return {
            "relation": self.relation,
            "relation_name": self.relation_name,
            "direction": self.direction,
            "entity": self.entity,
            "name": self.name,
            "kind": self.kind,
            "degree": self.degree,
        }


@dataclass(frozen=True)
class Neighbours:
    """An entity, its relations (those with most facts first), and a page of its neighbours.

    `degree` is the number of all its facts, `total` of those that were asked for, `next` the offset of the
    page after this one, `None` at the end.
    """

    entity: str
    name: str | None
    kind: str
    degree: int
    relations: tuple[RelationGroup, ...]
    neighbours: tuple[Neighbour, ...]
    total: int
    next: int | None

    def to_dict(self) -> dict[str, object]:
        """The page for JSON."""
        return {
            "entity": self.entity,
            "name": self.name,
            "kind": self.kind,
            "degree": self.degree,
            "relations": [group.to_dict() for group in self.relations],
            "neighbours": [neighbour.to_dict() for neighbour in self.neighbours],
            "total": self.total,
            "next": self.next,
        }


@dataclass(frozen=True)
class _Run:
    """The facts of an entity over one relation (a number) in one direction."""

    relation: int
    direction: Direction
    targets: Ids


def neighbours(
    graph: IndexedGraph,
    entity: str,
    *,
    relation: str | None = None,
    direction: Direction | None = None,
    offset: int = 0,
    limit: int = 50,
) -> Neighbours:
    """The facts of an entity from `offset` on: outgoing ones first, by relation.

    Only those of a page are read, also of a hub with a million. `relation` and `direction` leave out others.
    Raises `UnknownEntityError`, `UnknownRelationError`, and `UsageError` for a bad number.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle"), ("Kismet", "year", "1944")])
    >>> page = neighbours(graph, "Kismet", limit=1)
    >>> page.total, page.next, [(found.relation_name, found.name) for found in page.neighbours]
    (2, 1, [('directed by', 'William Dieterle')])
    """
    check_count(offset, "offset", 0)
    check_count(limit, "limit", most=MOST_NEIGHBOURS)
    if direction not in (None, "out", "in"):
        raise UsageError(f"direction must be 'out' or 'in', not {direction!r:.80}")
    number = graph.entity_id(entity)
    wanted = None if relation is None else graph.relation_id(relation)
    runs = list(_runs(graph, number))
    chosen = [
        run
        for run in runs
        if (wanted is None or run.relation == wanted) and direction in (None, run.direction)
    ]
    names = DisplayNames(graph=graph)
    total = sum(len(run.targets) for run in chosen)
    page = tuple(islice(_described(graph, chosen, offset, limit, names), limit))
    after = offset + len(page)
    largest = sorted(runs, key=lambda run: -len(run.targets))[:MOST_RELATIONS]
    return Neighbours(
        entity,
        names.entity(entity),
        graph.kind(entity).name.lower(),
        degree_of(graph, number),
        tuple(_group(graph, run, names) for run in largest),
        page,
        total,
        after if after < total else None,
    )


def _runs(graph: IndexedGraph, number: int) -> Iterator[_Run]:
    """The facts of an entity by relation: each end is searched for, none are counted one by one."""
    directions: tuple[Direction, Direction] = ("out", "in")
    for direction, adjacency in zip(directions, (graph.outward, graph.inward), strict=True):
        relations, targets = adjacency.row(number)
        start = 0
        while start < len(relations):
            relation = int(relations[start])
            stop = start + search(relations[start:], relation, "right")
            yield _Run(relation, direction, targets[start:stop])
            start = stop


def _described(
    graph: IndexedGraph, runs: list[_Run], offset: int, limit: int, names: DisplayNames
) -> Iterator[Neighbour]:
    for run in runs:
        relation = graph.relation(run.relation)
        for target in run.targets[offset : offset + limit].tolist():
            entity = graph.entity(target)
            yield Neighbour(
                relation,
                names.relation(relation),
                run.direction,
                entity,
                names.entity(entity),
                graph.kind(entity).name.lower(),
                degree_of(graph, target),
            )
        offset = max(0, offset - len(run.targets))


def _group(graph: IndexedGraph, run: _Run, names: DisplayNames) -> RelationGroup:
    relation = graph.relation(run.relation)
    return RelationGroup(relation, names.relation(relation), run.direction, len(run.targets))
