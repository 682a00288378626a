"""Sources by the names that people use for them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from kgqa.errors import UnknownSourceError, check_names
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import clean_name, fold_name
from kgqa.graph.naming import is_iri, local_name

__all__ = ["named_sources", "source_title"]

MOST_COMPARED = 20_000
"""Sources whose names are compared with one that is not known."""
SHOWN = 3


def named_sources(graph: IndexedGraph, names: Sequence[str]) -> list[str]:
    """The sources with these names, sorted; all that have an ambiguous one.

    A name is the identifier of a source, a label or an alias of the entity with this identifier, or the last
    part of an IRI (`films` for `http://example.org/films`). Raises `UnknownSourceError` for a name of none.

    >>> from kgqa.graph import GraphBuilder, Quad
    >>> graph = GraphBuilder.of([Quad("Kismet", "directed_by", "Dieterle", "http://example.org/films")])
    >>> named_sources(graph, ["films"])
    ['http://example.org/films']
    """
    check_names(names, "only_source")
    if not names:
        return []
    counts = graph.source_counts()
    by_end: dict[str, list[str]] = {}
    if not set(names) <= counts.keys():
        for source in counts:
            by_end.setdefault(fold_name(_short(source)), []).append(source)
    found: set[str] = set()
    for name in names:
        labelled = [entity for entity in graph.find(name) if entity in counts]
        meant = [name] if name in counts else labelled or by_end.get(fold_name(name), [])
        if not meant:
            raise UnknownSourceError(name, _hint(graph, name, list(counts)))
        found.update(meant)
    return sorted(found)


def source_title(graph: IndexedGraph, source: str) -> str:
    """A source for people, with the name that the graph has for it."""
    shown, name = clean_name(source), _label(graph, source)
    return f"{name} ({shown})" if name and name not in shown else shown


def _label(graph: IndexedGraph, source: str) -> str:
    return clean_name(graph.label(source) or "") if source in graph.entities else ""


def _short(source: str) -> str:
    return local_name(source) if is_iri(source) else source


def _hint(graph: IndexedGraph, name: str, sources: Sequence[str]) -> str:
    if not sources:
        return (
            "it keeps no sources of its facts, which are the named graphs of N-Quads, TriG and JSON-LD "
            "(build an index of an older kgqa again)"
        )
    some = sources[:MOST_COMPARED]
    texts: dict[str, str] = {}
    for source in some:
        for text in (_label(graph, source), _short(source), source):
            texts.setdefault(text.casefold(), source)
    near = [texts[text] for text in get_close_matches(name.casefold(), list(texts), SHOWN)]
    shown = list(dict.fromkeys([*near, *some]))[:SHOWN]
    more = len(sources) - len(shown)
    listed = ", ".join(source_title(graph, source) for source in shown)
    return f"it has {listed}" + (f" and {more:,} more" if more else "")
