"""Labels of Wikidata, which has them in hundreds of languages: those that are wanted, and of relations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kgqa.graph.readers.mediator import statement_label
from kgqa.graph.readers.names.held_names import ANY_LANGUAGE
from kgqa.graph.readers.rdf_term import Fact, Term
from kgqa.graph.statement import NodeKind

__all__ = ["ALT_LABEL", "LABEL", "PropertyLabels", "chosen_names"]

LABEL = Term("http://www.w3.org/2000/01/rdf-schema#label", NodeKind.RESOURCE)
ALT_LABEL = Term("http://www.w3.org/2004/02/skos/core#altLabel", NodeKind.RESOURCE)
FALLBACK = "en"


def chosen_names(
    labels: Iterable[Term], aliases: Iterable[Term], languages: Sequence[str]
) -> tuple[list[Term], list[Term]]:
    """The labels and aliases in some languages, and those of all languages.

    Without any label in them, the English one, else any one of the others, the same every time.
    """
    labels = list(labels)
    wanted = {language.lower() for language in languages} | {ANY_LANGUAGE}

    def is_wanted(term: Term) -> bool:
        tag = term.language.lower()
        return not tag or tag in wanted or tag.partition("-")[0] in wanted

    chosen = list(dict.fromkeys(term for term in labels if is_wanted(term)))  # RDF says each one three times
    if not chosen and labels:
        chosen = [min(labels, key=lambda term: (term.language != FALLBACK, term.language, term.text))]
    return chosen, [term for term in aliases if is_wanted(term)]


class PropertyLabels:
    """The labels of properties, kept until it is known which relations the file has."""

    def __init__(self, languages: Sequence[str]) -> None:
        self._languages = languages
        self._labels: dict[str, list[Term]] = {}

    def add(self, prop: str, labels: Iterable[Term]) -> None:
        """Labels of a property, in any languages."""
        known = self._labels.get(prop, [])
        self._labels[prop] = chosen_names([*known, *labels], (), self._languages)[0]

    def facts(self, used: Mapping[str, str]) -> Iterator[Fact]:
        """The labels of relations, each given with its property."""
        for iri, prop in used.items():
            is_statement = iri == prop.replace("/entity/", "/prop/")
            for label in self._labels.get(prop, ()):
                text = statement_label(label.text) if is_statement else label.text
                yield Term(iri, NodeKind.RESOURCE), LABEL, label._replace(text=text)

    def count_unnamed(self, used: Mapping[str, str]) -> int:
        """How many of these properties have no label."""
        return sum(not self._labels.get(prop) for prop in set(used.values()))
