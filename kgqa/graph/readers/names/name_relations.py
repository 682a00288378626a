"""The relations that say names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from kgqa.errors import check_names

__all__ = ["NAME_RELATIONS", "NameRelations"]

_SKOS = "http://www.w3.org/2004/02/skos/core#"
_OBO = "http://www.geneontology.org/formats/oboInOwl#"


@dataclass(frozen=True)
class NameRelations:
    """The relations of RDF whose texts are labels, best first, and those whose texts are other names.

    >>> names = NAME_RELATIONS.with_more(labels=["http://example.org/called"])
    >>> names.labels[0], len(names.labels) - len(NAME_RELATIONS.labels)
    ('http://example.org/called', 1)
    """

    labels: tuple[str, ...]
    aliases: tuple[str, ...]

    def with_more(self, labels: Sequence[str] = (), aliases: Sequence[str] = ()) -> NameRelations:
        """These relations, and some that come before them; a relation is of the kind that is given here."""
        check_names(labels, "labels")
        check_names(aliases, "aliases")
        given = {*labels, *aliases}
        return NameRelations(
            (*labels, *(iri for iri in self.labels if iri not in given)),
            (*aliases, *(iri for iri in self.aliases if iri not in given)),
        )

    @cached_property
    def ranks(self) -> Mapping[str, tuple[bool, int]]:
        """Of each relation, whether it says aliases, and its place among those of its kind."""
        found = {iri: (True, place) for place, iri in enumerate(self.aliases)}
        return found | {iri: (False, place) for place, iri in enumerate(self.labels)}


NAME_RELATIONS = NameRelations(
    labels=(
        "http://www.w3.org/2000/01/rdf-schema#label",
        f"{_SKOS}prefLabel",
        "http://schema.org/name",
        "https://schema.org/name",
        "http://xmlns.com/foaf/0.1/name",
        "http://rdf.freebase.com/ns/type.object.name",
        "http://purl.org/dc/terms/title",
        "http://purl.org/dc/elements/1.1/title",
    ),
    aliases=(
        f"{_SKOS}altLabel",
        "http://schema.org/alternateName",
        "https://schema.org/alternateName",
        "http://xmlns.com/foaf/0.1/nick",
        "http://rdf.freebase.com/ns/common.topic.alias",
        f"{_OBO}hasExactSynonym",
        f"{_OBO}hasRelatedSynonym",
        f"{_OBO}hasBroadSynonym",
        f"{_OBO}hasNarrowSynonym",
        "http://purl.obolibrary.org/obo/IAO_0000118",
    ),
)
"""The relations that are read as names."""
