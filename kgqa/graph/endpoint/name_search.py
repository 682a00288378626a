"""Entities of an endpoint by their names: exact labels, in the spellings that are usual."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.facts import chunks, counted_rows
from kgqa.graph.endpoint.query_text import is_asked, is_written, labelled_query
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.readers.rdf_term import XSD_STRING, Term, literal_term
from kgqa.graph.statement import NodeKind

__all__ = ["NameSearch"]

MOST_WORDS = 10
"""Words of the longest name that is looked for."""
_AT_ONCE = 1000
"""Texts in one request."""
_EDGES = ' \t\n\r?!.,;:"“”„()[]'
_SMALL = (
    "a",
    "an",
    "and",
    "at",
    "by",
    "de",
    "for",
    "from",
    "in",
    "la",
    "of",
    "on",
    "or",
    "the",
    "to",
    "with",
)


@dataclass(frozen=True)
class NameSearch:
    """Searches labels and aliases of an endpoint; languages are those that labels may be tagged with."""

    client: SparqlClient
    usage: EndpointUsage
    languages: Sequence[str]

    def in_text(self, text: str) -> list[Term]:
        """The entities whose label or alias stands in a text."""
        return self.named_exactly(list(_runs(text)))

    def iri(self, name: str) -> Term | None:
        """A name as an identifier, where it may be one."""
        term = Term(name, NodeKind.RESOURCE)
        return term if is_asked(term) else None

    def named_exactly(self, texts: Iterable[str]) -> list[Term]:
        """The entities with one of these texts as label or alias, in any of the usual spellings."""
        spelt = dict.fromkeys(spelling for text in texts for spelling in _spellings(text))
        terms = (
            literal_term(text, XSD_STRING, language) for text in spelt for language in (None, *self.languages)
        )
        values = [term for term in terms if is_written(term)]
        found: dict[Term, None] = {}
        for some in chunks(values, _AT_ONCE):
            found.update(dict.fromkeys(self._labelled(some)))
        return [term for term in found if term.kind is NodeKind.RESOURCE and is_asked(term)]

    def _labelled(self, texts: Sequence[Term]) -> list[Term]:
        """The nodes with one of these texts as a name."""
        rows = counted_rows(
            texts, labelled_query, lambda one: f"that is called {one.text[:100]}", self.client, self.usage
        )
        return [row["n"] for row in rows if "n" in row]


def _runs(text: str) -> Iterator[str]:
    """Runs of words of a text, without punctuation at their edges."""
    words = [(found.start(), found.end()) for found in re.finditer(r"\S+", text)]
    for first, (start, _) in enumerate(words):
        for _, end in words[first : first + MOST_WORDS]:
            run = text[start:end]
            for form in (run, run.strip(_EDGES), re.sub(r"['’]s?$", "", run.strip(_EDGES))):
                if form:
                    yield form
                    yield from _singular(form)


def _singular(run: str) -> Iterator[str]:
    """A run of words with its last word in the singular, where it may be a plural: classes are named so."""
    for ending, other in (("ies", "y"), ("es", ""), ("s", "")):
        if len(run) > 4 and run.endswith(ending):
            yield run.removesuffix(ending) + other


def _spellings(text: str) -> Iterator[str]:
    """A name as it stands, and with other capitals: all small, the first large, each word's, all large."""
    text = " ".join(text.split())
    yield text
    lower = text.lower()
    yield lower
    yield lower[:1].upper() + lower[1:]
    words = lower.split(" ")
    yield " ".join(word[:1].upper() + word[1:] for word in words)
    yield " ".join(
        word if place and word in _SMALL else word[:1].upper() + word[1:] for place, word in enumerate(words)
    )
    if len(text) <= 5:
        yield text.upper()
