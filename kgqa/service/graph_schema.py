"""The classes and the relations of a graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kgqa.drawing import DisplayNames
from kgqa.errors import check_count
from kgqa.graph import IndexedGraph
from kgqa.graph.relation_facts import fact_counts
from kgqa.program.classes import Classes

__all__ = ["ClassSize", "GraphSchema", "RelationSize", "class_name", "graph_schema"]

MOST_LISTED = 1000


@dataclass(frozen=True)
class ClassSize:
    """A class and how many instances it has, with those of its subclasses."""

    entity: str
    name: str
    members: int

    def to_dict(self) -> dict[str, object]:
        """The class for JSON."""
        return {"entity": self.entity, "name": self.name, "members": self.members}


@dataclass(frozen=True)
class RelationSize:
    """A relation and how many facts it has."""

    relation: str
    name: str
    facts: int

    def to_dict(self) -> dict[str, object]:
        """The relation for JSON."""
        return {"relation": self.relation, "name": self.name, "facts": self.facts}


@dataclass(frozen=True)
class GraphSchema:
    """The most frequent classes and relations of a graph, and how many there are of each."""

    classes: tuple[ClassSize, ...]
    class_total: int
    relations: tuple[RelationSize, ...]
    relation_total: int

    def to_dict(self) -> dict[str, object]:
        """The schema for JSON."""
        return {
            "classes": [found.to_dict() for found in self.classes],
            "class_total": self.class_total,
            "relations": [found.to_dict() for found in self.relations],
            "relation_total": self.relation_total,
        }


def graph_schema(graph: IndexedGraph, limit: int = 200) -> GraphSchema:
    """The `limit` largest classes and relations of a graph, at most 1,000; computed once per graph.

    Classes that share a name are one. Relations without facts are left out.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle"), ("Kismet", "type", "Film")])
    >>> schema = graph_schema(graph)
    >>> [(found.name, found.members) for found in schema.classes], schema.relation_total
    ([('Film', 1)], 2)
    """
    check_count(limit, "limit", most=MOST_LISTED)
    whole = graph.derive(_whole)
    return GraphSchema(
        whole.classes[:limit], whole.class_total, whole.relations[:limit], whole.relation_total
    )


def class_name(graph: IndexedGraph, number: int) -> str | None:
    """The name of the first named class that an entity (by number) is an instance of."""
    classes = Classes.of(graph)
    for relation in classes.type_relations:
        for node in graph.outward.over(number, relation)[:10].tolist():
            if name := classes.name(node):
                return name
    return None


def _whole(graph: IndexedGraph) -> GraphSchema:
    named = sorted(Classes.of(graph).named, key=lambda found: (-found.size, found.name))
    classes = (ClassSize(graph.entity(one.nodes[0]), one.name, one.size) for one in named[:MOST_LISTED])
    counts = fact_counts(graph)
    order = np.argsort(-counts, kind="stable")[: int((counts > 0).sum())].tolist()
    names = DisplayNames(graph=graph)
    relations = (
        RelationSize(relation, names.relation(relation), int(counts[number]))
        for number in order[:MOST_LISTED]
        if (relation := graph.relation(number))
    )
    return GraphSchema(tuple(classes), len(named), tuple(relations), len(order))
