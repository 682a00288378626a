"""Sources by the names that people use for them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from kgqa.errors import UnknownSourceError, check_names
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import fold_name
from kgqa.graph.naming import is_iri, local_name

__all__ = ["named_sources"]

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
    counts = graph.source_counts() if names else {}
    found: set[str] = set()
    for name in names:
        meant = _meant(graph, name, counts)
        if not meant:
            raise UnknownSourceError(name, _hint(name, list(counts)))
        found |= meant
    return sorted(found)


def _meant(graph: IndexedGraph, name: str, sources: Sequence[str] | dict[str, int]) -> set[str]:
    if name in sources:
        return {name}
    folded = fold_name(name)
    meant = {entity for entity in graph.find(name) if entity in sources}
    return meant or {source for source in sources if folded and fold_name(_short(source)) == folded}


def _short(source: str) -> str:
    return local_name(source) if is_iri(source) else source


def _hint(name: str, sources: Sequence[str]) -> str:
    if not sources:
        return (
            "it keeps no sources of its facts, which are the named graphs of N-Quads, TriG and JSON-LD "
            "(build an index of an older kgqa again)"
        )
    some = sources[:MOST_COMPARED]
    short = {_short(source).casefold(): source for source in reversed(some)}
    near = [short[text] for text in get_close_matches(name.casefold(), list(short), SHOWN)]
    near += [source for source in get_close_matches(name, some, SHOWN) if source not in near]
    shown = list(dict.fromkeys([*near, *some]))[: max(SHOWN, len(near))]
    more = len(sources) - len(shown)
    return f"it has {', '.join(shown)}" + (f" and {more:,} more" if more else "")
