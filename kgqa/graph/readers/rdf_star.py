"""RDF-star: statements about statements (RDF 1.2), as mediators.

`:ann :knows :bob {| :since 1990 |}` says that a node reifies the fact, and that it is since 1990. The node
becomes a mediator: `:ann -[:knows~statement]-> node`, `node -[rdf:object]-> :bob`, `node -[:since]-> 1990`.
The relation has another name than `:knows`, so that nobody is counted who is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from kgqa.graph.readers.rdf_term import Fact, NoFactError, Term, oxigraph_fact, oxigraph_term
from kgqa.graph.statement import NodeKind

__all__ = ["STATEMENT", "is_about_statements", "reified_facts"]

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
STATEMENT = "~statement"
"""The end of the relations that lead to statements."""


def is_about_statements(triple: Any) -> bool:
    """Whether a triple of pyoxigraph has a triple in it."""
    return type(triple.object).__name__ == "Triple"


def reified_facts(about: Sequence[Any], facts: Sequence[Fact]) -> tuple[list[Fact], int]:
    """The facts of mediators, from the triples about statements; and how many of these are left out.

    Left out are those about what the file does not state as a fact, and those that do not reify.
    """
    stated = set(facts)
    described = {fact[0] for fact in facts}
    found: list[Fact] = []
    left_out = 0
    for triple in about:
        try:
            node, reified = oxigraph_term(triple.subject), oxigraph_fact(triple.object)
        except NoFactError:  # a statement about a statement about a statement
            reified = None
        if triple.predicate.value != f"{RDF}reifies" or reified not in stated:
            left_out += 1
        elif node in described:
            found += _mediator(node, reified)
    return found, left_out


def _mediator(node: Term, reified: Fact) -> Iterator[Fact]:
    node = node._replace(kind=NodeKind.BLANK)
    subject, predicate, value = reified
    yield subject, Term(predicate.identifier + STATEMENT, NodeKind.RESOURCE), node
    yield node, Term(f"{RDF}object", NodeKind.RESOURCE), value
