"""Queries of the text indexes that servers have, each in a language of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kgqa.graph.endpoint.query_text import string_text
from kgqa.graph.readers.rdf import LABELS

__all__ = ["is_wikibase_query", "jena_query", "virtuoso_query", "wikidata_query"]

_WIKIBASE = "http://wikiba.se/ontology#"
_PARAMETER = "http://www.bigdata.com/rdf#serviceParam"
"""The subject of what a service is told, as Blazegraph has it."""
_API = "https://www.mediawiki.org/ontology#API/"
_JENA = "http://jena.apache.org/text#query"
_LUCENE = set('+-&|!(){}[]^"~*?:\\/')
_MOST_RUNS = 12
_LONGEST_RUN = 3
_LEAST_FUZZY = 4
"""Letters of a word of which one may be wrong."""


def virtuoso_query(words: Iterable[str], limit: int) -> str:
    """The nodes (`?n`) with a name that has one of these words, by the text index of Virtuoso."""
    asked = ", ".join(f"<{one}>" for one in LABELS)
    text = string_text(" OR ".join(f"'{word}'" for word in words))
    pattern = f"?n ?p ?l . ?l <bif:contains> {text} FILTER(?p IN ({asked}))"
    return f"SELECT DISTINCT ?n WHERE {{ {pattern} }} LIMIT {limit}"


def jena_query(words: Iterable[str], limit: int) -> str:
    """The nodes (`?n`) with a name that has a word like one of these, by Jena's text index.

    Which relations are indexed is set up there; a server without an index finds nothing.
    """
    text = " OR ".join(map(_fuzzy, words))
    return f"SELECT DISTINCT ?n WHERE {{ ?n <{_JENA}> ({string_text(text)} {limit}) }}"


def wikidata_query(words: Sequence[str], languages: Sequence[str], limit: int) -> str:
    """The entities (`?n`) of Wikidata with a name that begins with words that stand together.

    The search service of Wikidata takes one text at a time: the longest runs of words come first.
    """
    texts = list(_runs(words))[:_MOST_RUNS]
    each = max(1, limit // max(1, len(texts)))
    parts = []
    for text in texts:
        given = {
            f"{_WIKIBASE}endpoint": "www.wikidata.org",
            f"{_WIKIBASE}api": "EntitySearch",
            f"{_API}search": text,
            f"{_API}language": languages[0],
        }
        parameters = " ; ".join(f"<{name}> {string_text(value)}" for name, value in given.items())
        parts.append(
            f"{{ SERVICE <{_WIKIBASE}mwapi> {{ <{_PARAMETER}> {parameters} ; <{_WIKIBASE}limit> {each} . "
            f"?n <{_WIKIBASE}apiOutputItem> <{_API}item> . }} }}"
        )
    return f"SELECT DISTINCT ?n WHERE {{ {' UNION '.join(parts)} }}"


def is_wikibase_query() -> str:
    """A row (`?n`) where a graph is Wikidata: the relation of its property P31."""
    return f"SELECT ?n WHERE {{ <http://www.wikidata.org/entity/P31> <{_WIKIBASE}directClaim> ?n }} LIMIT 1"


def _fuzzy(word: str) -> str:
    escaped = "".join(f"\\{letter}" if letter in _LUCENE else letter for letter in word)
    return f"{escaped}~1" if len(word) >= _LEAST_FUZZY else escaped


def _runs(words: Sequence[str]) -> Iterator[str]:
    for length in range(min(_LONGEST_RUN, len(words)), 0, -1):
        for first in range(len(words) - length + 1):
            yield " ".join(words[first : first + length])
