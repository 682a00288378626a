"""What the nodes and edges of a property graph say, whatever they are read from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kgqa.graph.readers.layout import missing_part
from kgqa.graph.readers.mediator import STATEMENT, statement_label
from kgqa.graph.statement import Name, Node, NodeKind, RelationName, Statement, Triple

__all__ = ["NAMES", "Properties", "edge_statements", "node_statements", "relation_names", "wrong_fact"]

TYPE = "type"
"""The relation from a node to its labels."""
NAMES = ("name", "title", "label", "fullname", "displayname")
"""Properties that name a node, best first."""

Properties = Sequence[tuple[str, str]]
"""Names and values; a list of values is several pairs."""


def node_statements(
    node: str, types: Iterable[str], properties: Properties, names: Sequence[str] = NAMES
) -> list[Statement]:
    """What a node says: its types, the first of `names` that it has as its name, the others as values.

    >>> node_statements("1", ["Person"], [("born", "1964"), ("name", "Ann")])[1:]
    [Name(entity='1', text='Ann', alias=False), Triple(head='1', relation='born', tail='1964')]
    """
    found: list[Statement] = [Triple(node, TYPE, one) for one in types if one.strip()]
    named = [pair for wanted in names for pair in properties if pair[0].lower() == wanted]
    found += [Name(node, text) for _, text in named[:1]]
    found += [Triple(node, name, text) for name, text in properties if (name, text) not in named[:1]]
    return found


def edge_statements(start: str, kind: str, end: str, properties: Properties, blank: str) -> list[Statement]:
    """What an edge says: a fact, and where it has properties a mediator, `blank`, that has them."""
    found: list[Statement] = [Triple(start, kind, end)]
    if properties:
        found += [
            Node(blank, NodeKind.BLANK),
            Triple(start, kind + STATEMENT, blank),
            Triple(blank, kind, end),
        ]
        found += [Triple(blank, name, text) for name, text in properties]
    return found


def wrong_fact(statements: Iterable[Statement]) -> str:
    """Why one of the facts cannot be stored; empty if all can."""
    triples = (one for one in statements if isinstance(one, Triple))
    return next(filter(None, (missing_part(*triple) for triple in triples)), "")


def relation_names(relations: Iterable[str]) -> Iterator[RelationName]:
    """The names of relations: ACTED_IN is called "acted in"."""
    for relation in relations:
        plain = relation.removesuffix(STATEMENT)
        words = plain.replace("_", " ").lower() if plain.isupper() else plain
        yield RelationName(relation, words if plain == relation else statement_label(words))
