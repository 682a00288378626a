"""Blank nodes of an endpoint, which have no identifier that it could be asked for.

They are asked for together with the node that they are a neighbour of, and identified by all that the
endpoint says about them: a blank node that is reached from two sides is one node.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence

from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.query_text import NODE_ID, term_text
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.readers.rdf_term import Fact, Term
from kgqa.graph.statement import NodeKind

__all__ = ["blank_facts", "has_blank", "is_hidden"]


def is_hidden(term: Term) -> bool:
    """Whether a term is a blank node that no request can name."""
    return term.kind is NodeKind.BLANK and not term.identifier.startswith(NODE_ID)


def has_blank(fact: Fact) -> bool:
    """Whether one end of a fact is a blank node that no request can name."""
    return is_hidden(fact[0]) or is_hidden(fact[2])


def blank_facts(
    nodes: Sequence[Term], client: SparqlClient, usage: EndpointUsage
) -> tuple[list[Fact], dict[str, list[Fact]]]:
    """The facts between nodes and their blank neighbours; all facts of each of these by its identifier."""
    rows = client.select(_query(nodes), usage)
    own: dict[str, set[Fact]] = defaultdict(set)
    for row in rows:
        blank = row.get("b")
        if blank is None or not is_hidden(blank) or "q" not in row:
            continue
        if "o" in row:
            own[blank.identifier].add((blank, row["q"], row["o"]))
        elif "s" in row:
            own[blank.identifier].add((row["s"], row["q"], blank))
    names = {label: _identity(facts) for label, facts in own.items()}
    described: dict[str, list[Fact]] = {}
    nested = False
    for label, facts in own.items():
        parent = names[label]
        renamed = []
        for head, relation, tail in sorted(facts):
            ends = []
            for end in (head, tail):
                if not is_hidden(end):
                    ends.append(end)
                elif end.identifier in names:
                    ends.append(end._replace(identifier=names[end.identifier]))
                else:
                    nested = True
                    ends.append(end._replace(identifier=_digest([parent, relation.identifier])))
            renamed.append((ends[0], relation, ends[1]))
        described[parent] = renamed
    if nested:
        usage.note("Blank nodes behind other blank nodes were not looked at.")
    asked = {node.identifier for node in nodes}
    between = [
        fact
        for facts in described.values()
        for fact in facts
        if fact[0].identifier in asked or fact[2].identifier in asked
    ]
    return between, described


def _query(nodes: Iterable[Term]) -> str:
    values = " ".join(term_text(node) for node in nodes if node.kind is not NodeKind.LITERAL)
    near = f"{{ VALUES ?n {{ {values} }} ?n ?p ?b }} UNION {{ VALUES ?n {{ {values} }} ?b ?p ?n }}"
    blank = f"{{ SELECT DISTINCT ?b WHERE {{ {near} FILTER(isBlank(?b)) }} }}"
    return f"SELECT ?b ?q ?o ?s WHERE {{ {blank} {{ ?b ?q ?o }} UNION {{ ?s ?q ?b }} }}"


def _identity(facts: Iterable[Fact]) -> str:
    """The identifier of a blank node, from its facts; blank ends in them count as any."""
    said = sorted(
        (
            "" if is_hidden(head) else head.identifier,
            relation.identifier,
            "" if is_hidden(tail) else tail.identifier,
        )
        for head, relation, tail in facts
    )
    return _digest([part for parts in said for part in parts])


def _digest(parts: Sequence[str]) -> str:
    return "_:" + hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
