"""The queries that are sent to endpoints: all of them are SELECT."""

from __future__ import annotations

import re
from collections.abc import Iterable

from kgqa.graph.readers.rdf import LABELS
from kgqa.graph.readers.rdf_term import Term
from kgqa.graph.statement import NodeKind

__all__ = [
    "NODE_ID",
    "RDFS_LABEL",
    "TYPES",
    "between_query",
    "degree_query",
    "fact_query",
    "instance_query",
    "is_asked",
    "is_written",
    "labelled_query",
    "name_query",
    "page_query",
    "property_name_query",
    "relation_count_query",
    "relation_query",
    "string_text",
    "term_text",
    "version_query",
]

TYPES = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    "http://www.wikidata.org/prop/direct/P31",
)
"""The relations from something to its class that are asked for beside names."""

NODE_ID = "_:nodeID://"
"""The beginning of blank nodes of Virtuoso, which can be asked for by this identifier as an IRI."""

_VERSIONS = (
    "http://purl.org/dc/terms/modified",
    "http://purl.org/dc/terms/issued",
    "http://www.w3.org/2002/07/owl#versionInfo",
    "http://purl.org/pav/version",
)
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
_DIRECT_CLAIM = "http://wikiba.se/ontology#directClaim"
_IRI_TEXT = r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20<>\"{}|^`\\\ud800-\udfff]*"
_IRI = re.compile(_IRI_TEXT)
_LITERAL = re.compile(
    rf'"(?:[^"\\\n\r\ud800-\udfff]|\\.)*"(?:@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^<{_IRI_TEXT}>)?'
)
_LONGEST_VALUE = 300
"""Longer literals are texts that no two nodes share; they are not asked for what else has them."""


def term_text(term: Term) -> str:
    """A term as SPARQL has it; of a literal with the language as the endpoint wrote it.

    >>> term_text(Term("http://example.org/Paris", NodeKind.RESOURCE))
    '<http://example.org/Paris>'
    """
    if term.kind is NodeKind.RESOURCE:
        return f"<{term.identifier}>"
    if term.kind is NodeKind.BLANK:
        return f"<{term.identifier.removeprefix('_:')}>"
    form, at, _ = term.identifier.rpartition("@") if term.language else (term.identifier, "", "")
    return f"{form}{at}{term.language}"


def is_asked(term: Term) -> bool:
    """Whether an endpoint can be asked for the facts of a node."""
    return is_written(term) and (term.kind is not NodeKind.LITERAL or len(term.text) <= _LONGEST_VALUE)


def is_written(term: Term) -> bool:
    """Whether a query can hold a term: its text is one term, whatever an endpoint or a user put into it."""
    match term.kind:
        case NodeKind.RESOURCE:
            return _IRI.fullmatch(term.identifier) is not None
        case NodeKind.BLANK:
            identifier = term.identifier.removeprefix("_:")
            return term.identifier.startswith(NODE_ID) and _IRI.fullmatch(identifier) is not None
        case NodeKind.LITERAL:
            return _LITERAL.fullmatch(term_text(term)) is not None


def fact_query(nodes: Iterable[Term]) -> str:
    """All facts of some nodes: `?n ?p ?o` where they are heads, `?s ?p ?n` where they are tails."""
    return f"SELECT ?n ?p ?o ?s WHERE {{ {_both(nodes)} }}"


def between_query(pairs: Iterable[tuple[Term, Term | None, str]]) -> str:
    """The facts (`?s ?p ?o`) between heads and tails, or from heads to literals with a text, in any language.

    One more row counts them (`?c`).
    """
    parts = []
    for head, tail, text in pairs:
        if tail is not None:
            parts.append(f"{{ VALUES (?s ?o) {{ ({term_text(head)} {term_text(tail)}) }} ?s ?p ?o }}")
        else:
            literal = f"isLiteral(?o) && STR(?o) = {string_text(text)}"
            parts.append(f"{{ VALUES ?s {{ {term_text(head)} }} ?s ?p ?o FILTER({literal}) }}")
    pattern = " UNION ".join(parts)
    counted = f"{{ SELECT (COUNT(*) AS ?c) WHERE {{ {pattern} }} }}"
    return f"SELECT ?s ?p ?o ?c WHERE {{ {counted} UNION {pattern} }}"


def degree_query(nodes: Iterable[Term]) -> str:
    """The number of facts of some nodes (`?c`); those without facts are left out."""
    return f"SELECT ?n (COUNT(*) AS ?c) WHERE {{ {_both(nodes)} }} GROUP BY ?n"


def relation_count_query(node: Term) -> str:
    """The number of facts of a node (`?c`), by direction and relation."""
    return f"SELECT ?p ?d (COUNT(*) AS ?c) WHERE {{ {_both([node], named=True)} }} GROUP BY ?p ?d"


def relation_query(node: Term, relations: Iterable[str], inverse: bool, limit: int) -> str:
    """At most `limit` facts of a node over some relations, in one direction (`?p`, `?o`)."""
    values = " ".join(f"<{relation}>" for relation in relations)
    return f"SELECT ?p ?o WHERE {{ VALUES ?p {{ {values} }} {_one(node, inverse)} }} LIMIT {limit}"


def page_query(
    node: Term, relation: str | None, inverse: bool, limit: int, after: tuple[str, str] | None
) -> str:
    """The next facts of a node in one direction, by the texts of relation and other end; no blank nodes.

    `after` is where the last page ended; what has the same texts comes again.
    """
    kept = ["!isBlank(?o)"]
    if after is not None:
        relation_text, end = map(string_text, after)
        kept.append(f"(STR(?p) > {relation_text} || (STR(?p) = {relation_text} && STR(?o) >= {end}))")
    only = f"VALUES ?p {{ <{relation}> }} " if relation is not None else ""
    return (
        f"SELECT ?p ?o WHERE {{ {only}{_one(node, inverse)} FILTER({' && '.join(kept)}) }} "
        f"ORDER BY STR(?p) STR(?o) LIMIT {limit}"
    )


def name_query(nodes: Iterable[Term], types: bool) -> str:
    """Names of some nodes, and with `types` their classes; one more row counts them (`?c`)."""
    asked = ", ".join(f"<{one}>" for one in (*LABELS, *(TYPES if types else ())))
    pattern = f"VALUES ?n {{ {_values(nodes)} }} ?n ?p ?o FILTER(?p IN ({asked}))"
    counted = f"{{ SELECT (COUNT(*) AS ?c) WHERE {{ {pattern} }} }}"
    return f"SELECT ?n ?p ?o ?c WHERE {{ {counted} UNION {{ {pattern} }} }}"


def instance_query(nodes: Iterable[Term]) -> str:
    """Those of some nodes (`?n`) that something is an instance of."""
    some = " || ".join(f"EXISTS {{ ?s <{one}> ?n }}" for one in TYPES)
    return f"SELECT ?n WHERE {{ VALUES ?n {{ {_values(nodes)} }} FILTER({some}) }}"


def property_name_query(relations: Iterable[Term], languages: Iterable[str]) -> str:
    """The labels (`?o`) of Wikidata's properties, by the relations (`?n`) that they are facts with."""
    tags = ", ".join(string_text(tag) for tag in languages)
    return (
        f"SELECT ?n ?o WHERE {{ VALUES ?n {{ {_values(relations)} }} "
        f"?e <{_DIRECT_CLAIM}> ?n . ?e <{RDFS_LABEL}> ?o FILTER(LANG(?o) IN ({tags})) }}"
    )


def labelled_query(labels: Iterable[Term]) -> str:
    """The nodes (`?n`) that have one of these literals as a name; one more row counts them (`?c`)."""
    asked = ", ".join(f"<{one}>" for one in LABELS)
    pattern = f"VALUES ?l {{ {_values(labels)} }} ?n ?p ?l FILTER(?p IN ({asked}))"
    counted = f"{{ SELECT (COUNT(DISTINCT ?n) AS ?c) WHERE {{ {pattern} }} }}"
    return f"SELECT ?n ?c WHERE {{ {counted} UNION {{ SELECT DISTINCT ?n WHERE {{ {pattern} }} }} }}"


def _both(nodes: Iterable[Term], *, named: bool = False) -> str:
    """The facts of nodes in both directions; `named` binds the direction to `?d`.

    Literals are constants each: from a list of numbers Virtuoso 7 loses facts.
    """
    nodes = list(nodes)
    heads = [node for node in nodes if node.kind is not NodeKind.LITERAL]
    out, back = (' BIND("out" AS ?d)', ' BIND("in" AS ?d)') if named else ("", "")
    parts = []
    if heads:
        values = f"VALUES ?n {{ {_values(heads)} }}"
        parts += [f"{{ {values} ?n ?p ?o{out} }}", f"{{ {values} ?s ?p ?n{back} }}"]
    for text in map(term_text, (node for node in nodes if node.kind is NodeKind.LITERAL)):
        parts.append(f"{{ ?s ?p {text} BIND({text} AS ?n){back} }}")
    return " UNION ".join(parts)


def _one(node: Term, inverse: bool) -> str:
    text = term_text(node)
    return f"?o ?p {text}" if inverse else f"{text} ?p ?o"


def _values(nodes: Iterable[Term]) -> str:
    return " ".join(map(term_text, nodes))


def string_text(text: str) -> str:
    """A text as a string of SPARQL."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def version_query() -> str:
    """What a graph says of its own version (`?v`): when it was changed, which release it is."""
    wikidata = "{ <http://www.wikidata.org> <http://schema.org/dateModified> ?v }"
    asked = ", ".join(f"<{one}>" for one in _VERSIONS)
    described = f"{{ ?d a <http://rdfs.org/ns/void#Dataset> . ?d ?p ?v FILTER(?p IN ({asked})) }}"
    return f"SELECT ?v WHERE {{ {wikidata} UNION {described} }} LIMIT 20"
