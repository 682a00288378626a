"""Names of an endpoint that are similar to words: by an index of its labels, or by its text index."""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kgqa.cache_folder import cache_folder
from kgqa.errors import EndpointDownError, EndpointError, IndexFolderError
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.download import Download
from kgqa.graph.endpoint.failure import RefusedError
from kgqa.graph.endpoint.text_search import (
    is_wikibase_query,
    jena_query,
    virtuoso_query,
    wikidata_query,
)
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.index_folder import is_index_folder, open_index
from kgqa.graph.index_writer import save_index
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.readers.rdf import LABELS, fact_statements
from kgqa.graph.readers.rdf_term import Fact, Term
from kgqa.graph.statement import NodeKind

__all__ = ["LooseNames"]

_LOG = logging.getLogger("kgqa")
MOST_LABELS = 200_000
"""Of graphs with more labels no index is made."""
MAX_AGE = 86400.0
"""Seconds after which an index of labels is made again."""
_MOST_FOUND = 500


@dataclass
class LooseNames:
    """Looks for names with some words in them; exact names are asked for elsewhere, and are never old."""

    client: SparqlClient
    languages: Sequence[str]
    _index: IndexedGraph | None = None
    _known: bool = False
    _is_wikidata: bool | None = None

    def by_text_index(self, words: Sequence[str], usage: EndpointUsage) -> list[Term]:
        """The entities that the endpoint's text index finds for any of these words; none without an index.

        Which index there is, is told by what the server says that it is (Virtuoso, Jena's Fuseki), else by
        whether its graph is Wikidata, which has a search service.
        """
        if not words:
            return []
        try:
            query = self._query(words, usage)
            rows = [] if query is None else self.client.select(query, usage)
        except RefusedError:  # it has no such index
            return []
        found = dict.fromkeys(row["n"] for row in rows if "n" in row)
        return [term for term in found if term.kind is NodeKind.RESOURCE]

    def _query(self, words: Sequence[str], usage: EndpointUsage) -> str | None:
        server = self.client.server
        if server.startswith("Virtuoso"):
            return virtuoso_query(words, _MOST_FOUND)
        if "Fuseki" in server:
            return jena_query(words, _MOST_FOUND)
        if self._is_wikidata is None:
            self._is_wikidata = bool(self.client.select(is_wikibase_query(), usage))
        return wikidata_query(words, self.languages, _MOST_FOUND) if self._is_wikidata else None

    def by_label_index(self, usage: EndpointUsage) -> IndexedGraph | None:
        """All names of the graph, without facts, kept for a day; `None` where there are too many."""
        if not self._known:
            self._index = self._opened(usage)
            self._known = True
        return self._index

    def _opened(self, usage: EndpointUsage) -> IndexedGraph | None:
        if (kept := self._kept()) is None:
            kept = self._made(usage)
            if self._is_offline:
                return kept if kept.entity_count else None
            try:
                save_index(kept, self._folder)
            except IndexFolderError:
                pass
            else:
                kept = open_index(self._folder)
        return kept if kept.entity_count else None

    def _made(self, usage: EndpointUsage) -> IndexedGraph:
        """The index; empty where there are too many labels, or where the endpoint does not give them all."""
        download = Download(self.client, usage)
        facts: list[Fact] = []
        gaps = len(usage.partial)
        try:
            if sum(download.counts(list(LABELS)).values()) <= MOST_LABELS:
                facts = list(download.facts(list(LABELS)))
        except EndpointDownError:
            raise
        except EndpointError as error:
            _LOG.warning("names are only found as they are written: %s", error)
        if len(usage.partial) > gaps:
            facts = []
        builder = GraphBuilder().add_all(fact_statements(facts, self.languages))
        return builder.build({"endpoint": self.client.access.url, "time": time.time()})

    def _kept(self) -> IndexedGraph | None:
        if not is_index_folder(self._folder):
            return None
        try:
            graph = open_index(self._folder)
        except IndexFolderError:
            return None
        then = graph.facts_about.get("time")
        fresh = isinstance(then, float) and 0 <= time.time() - then <= MAX_AGE
        return graph if fresh or self._is_offline else None

    @property
    def _is_offline(self) -> bool:
        """Whether nothing is asked: that a name is not known then says nothing of the endpoint."""
        return self.client.cache is not None and self.client.cache.offline

    @property
    def _folder(self) -> Path:
        version = "" if self.client.cache is None else self.client.cache.version or ""
        named = [self.client.access.url, *self.client.named_graphs, *self.languages, version]
        digest = hashlib.sha256(json.dumps(named).encode()).hexdigest()[:16]
        return cache_folder() / "graphs" / f"names-{digest}"
