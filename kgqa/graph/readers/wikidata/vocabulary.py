"""The predicates of Wikibase's RDF: what each one says."""

from __future__ import annotations

import re
from typing import NamedTuple

from kgqa.graph.readers.rdf_term import Term
from kgqa.graph.statement import NodeKind

__all__ = [
    "DROPPED",
    "WIKIDATA",
    "Role",
    "is_bookkeeping",
    "is_entity",
    "is_ontology",
    "is_page",
    "is_property",
    "is_unknown",
    "role_of",
]

WIKIDATA = "http://www.wikidata.org/"
_ONTOLOGY = re.compile(r"http://wikiba\.se/ontology(?:-beta)?#(.*)")
_OF_PROPERTY = re.compile(
    r"(.*/)prop/((?:direct|statement|qualifier|reference|novalue)(?:/value)?(?:-normalized)?/)?(P[1-9][0-9]*)"
)
_ENTITY = re.compile(r".*/entity/[A-Z][1-9][0-9]*(?:-[A-Z][1-9][0-9]*)?")
_UNKNOWN = re.compile(r"_:.*|.*/\.well-known/genid/.*")
_SCHEMA = re.compile(r"https?://schema\.org/(.*)")
_OF_SCHEMA = {
    "name": "name",
    "description": "description",
    **dict.fromkeys(("about", "isPartOf", "inLanguage"), "of page"),
    **dict.fromkeys(("version", "softwareVersion", "dateModified"), "of page"),
}
"""What Wikibase says in terms of schema.org about entities, pages and articles; anything else is a fact."""
_OTHER_DROPPED = ("http://www.w3.org/2002/07/owl#", "http://creativecommons.org/ns#")
_PAGE = re.compile(r"https?://[^/]+/wiki/.*")
_PAGE_TYPES = ("http://schema.org/Dataset", "http://schema.org/Article")
_OTHERS = {
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type": "type",
    "http://www.w3.org/2000/01/rdf-schema#label": "label",
    "http://www.w3.org/2004/02/skos/core#prefLabel": "label",
    "http://www.w3.org/2004/02/skos/core#altLabel": "alias",
    "http://www.w3.org/ns/prov#wasDerivedFrom": "dropped",
    "http://www.w3.org/2002/07/owl#sameAs": "redirect",
}
_OF_ONTOLOGY = ("rank", "timeValue", "timePrecision", "quantityAmount", "quantityUnit")
"""What is read of the ontology; the rest is bookkeeping."""
DROPPED = "dropped"
"""The role of predicates whose facts are left out."""


class Role(NamedTuple):
    """What a predicate says, and of which property (or of none)."""

    kind: str
    prop: str = ""


def role_of(predicate: str) -> Role | None:
    """What a predicate says where the graph is one of Wikibase; None for those that Wikibase does not have.

    >>> role_of("http://www.wikidata.org/prop/direct/P19")
    Role(kind='direct', prop='http://www.wikidata.org/entity/P19')
    >>> role_of("http://schema.org/version").kind
    'of page'
    """
    if found := _OF_PROPERTY.fullmatch(predicate):
        base, path, number = found.groups()
        kind = (path or "claim").removesuffix("/")
        if kind.startswith(("reference", "novalue")) or kind.endswith("-normalized"):
            kind = DROPPED
        return Role(kind, f"{base}entity/{number}")
    if found := _ONTOLOGY.fullmatch(predicate):
        name = found[1]
        return Role("label" if name == "lemma" else name if name in _OF_ONTOLOGY else DROPPED)
    if found := _SCHEMA.fullmatch(predicate):
        return Role(_OF_SCHEMA[found[1]]) if found[1] in _OF_SCHEMA else None
    if predicate in _OTHERS:
        return Role(_OTHERS[predicate])
    return Role(DROPPED) if predicate.startswith(_OTHER_DROPPED) else None


def is_ontology(iri: str) -> bool:
    """Whether an IRI belongs to the ontology of Wikibase."""
    return _ONTOLOGY.fullmatch(iri) is not None


def is_page(term: Term) -> bool:
    """Whether a term is an article, the page of an entity, or a dump itself."""
    return _PAGE.fullmatch(term.identifier) is not None or is_ontology(term.identifier)


def is_bookkeeping(subject: Term, kind: Term) -> bool:
    """Whether a type says something about Wikibase's own vocabulary or pages."""
    if kind.identifier.startswith("http://www.w3.org/2002/07/owl#"):
        return subject.kind is NodeKind.BLANK or role_of(subject.identifier) is not None or is_page(subject)
    return is_ontology(kind.identifier) or (kind.identifier in _PAGE_TYPES and is_page(subject))


def is_entity(term: Term) -> bool:
    """Whether a term is an item, a property, or another entity."""
    return term.kind is NodeKind.RESOURCE and _ENTITY.fullmatch(term.identifier) is not None


def is_property(term: Term) -> bool:
    """Whether a term is a property, as an entity."""
    return "/entity/P" in term.identifier and is_entity(term)


def is_unknown(value: Term) -> bool:
    """Whether a value is only known to exist."""
    return value.kind is not NodeKind.LITERAL and _UNKNOWN.fullmatch(value.identifier) is not None
