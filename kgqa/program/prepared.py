"""What programs need of a whole graph, computed before the first question."""

from __future__ import annotations

from kgqa.graph import IndexedGraph, ValueTable
from kgqa.graph.relation_facts import FactsByRelation
from kgqa.program.classes import Classes

__all__ = ["prepare"]


def prepare(graph: IndexedGraph) -> None:
    """Compute and store the values, the facts by relation and the classes of a graph that was just built."""
    ValueTable.of(graph)
    FactsByRelation.of_graph(graph)
    _ = Classes.of(graph).named
