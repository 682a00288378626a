"""Literals whose text their datatype does not allow."""

from __future__ import annotations

import numpy as np

from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.statement import NodeKind
from kgqa.graph.values.literal import XSD, literal_reader
from kgqa.graph.values.value import ValueKind

__all__ = ["count_ill_typed"]

_NO_NUMBERS = frozenset({"NaN", "INF", "+INF", "-INF"})


def count_ill_typed(graph: IndexedGraph) -> int:
    """How many literals have a type of XSD that does not allow their text; they are texts without a value.

    Counted are the types that `read_value` reads, such as `integer`, `date` and `boolean`.

    >>> from kgqa.graph import GraphBuilder, Node, Triple
    >>> form = '"abc"^^<http://www.w3.org/2001/XMLSchema#integer>'
    >>> count_ill_typed(GraphBuilder.of([Node(form, NodeKind.LITERAL), Triple("a", "age", form)]))
    1
    """
    literals = np.flatnonzero(graph.kinds == NodeKind.LITERAL)
    return sum(_is_ill_typed(graph.entity(node)) for node in literals.tolist())


def _is_ill_typed(identifier: str) -> bool:
    text, _, suffix = identifier.rpartition('"')
    if not suffix.startswith(f"^^<{XSD}"):
        return False
    datatype = suffix[3:-1]
    kind, read, _ = literal_reader(datatype)
    if kind is ValueKind.TEXT or read(text[1:]) is not None:
        return False
    return not (datatype.endswith(("#double", "#float")) and text[1:].strip() in _NO_NUMBERS)
