"""A graph with only the facts that some sources say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np

from kgqa.graph.adjacency import Adjacency
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.sources.masked_names import MaskedDictionary, MaskedNames, MaskedTexts
from kgqa.graph.sources.named_sources import named_sources
from kgqa.graph.statement import NodeKind

__all__ = ["only_sources"]


def only_sources(graph: IndexedGraph, names: Sequence[str]) -> IndexedGraph:
    """A view of the graph with only the facts that one of the named sources says; all of it for no name,
    and where no fact is left out.

    Entities without such a fact are not found. Names have no source: those of the other entities stay. Takes
    time and memory for the facts that are left, and a few bytes for each entity and fact of the graph.

    Raises `UnknownSourceError` for a name of no source; see `named_sources` for what a name is.

    >>> from kgqa.graph import GraphBuilder, Quad
    >>> facts = [Quad("Emma", "author", "Jane Austen", "books"), Quad("Emma", "stars", "Gwyneth", "films")]
    >>> films = only_sources(GraphBuilder.of(facts), ["films"])
    >>> list(films), films.find("Jane Austen")
    ([Triple(head='Emma', relation='stars', tail='Gwyneth')], ())
    """
    if names and graph.facts_about.get("only_sources") == list(names):
        return graph  # it is this view already; what it is called by its entities may be hidden in it
    wanted = named_sources(graph, names)
    provenance = graph.provenance
    if not wanted or provenance is None:
        return graph
    said = provenance.said_by([provenance.number(source) for source in wanted])
    if said.all():
        return graph
    facts = np.flatnonzero(said)
    before = np.append(0, np.cumsum(said, dtype=np.int64))
    outward = Adjacency(
        before[graph.outward.offsets], graph.outward.relations[facts], graph.outward.targets[facts]
    )
    inward = _reversed(outward, graph.relation_count)
    kept = (np.diff(outward.offsets) > 0) | (np.diff(inward.offsets) > 0)
    return IndexedGraph(
        entities=MaskedDictionary(graph.entities, kept),
        relation_names=graph.relation_names,
        outward=outward,
        inward=inward,
        kinds=np.where(kept, graph.kinds, np.uint8(NodeKind.RESOURCE)),
        labels=MaskedTexts(graph.labels, kept),
        relation_labels=graph.relation_labels,
        aliases=graph.aliases,
        alias_offsets=graph.alias_offsets,
        names=MaskedNames(graph.names, kept),
        checksum=hashlib.sha256(json.dumps([graph.checksum, *wanted]).encode()).hexdigest(),
        facts_about={**graph.facts_about, "only_sources": list(names)},
        naming=graph.naming,
        changed_aliases=graph.changed_aliases,
        provenance=provenance.taken(facts, outward),
    )


def _reversed(outward: Adjacency, relations: int) -> Adjacency:
    """The same edges by their targets."""
    degrees = np.diff(outward.offsets)
    sources = np.repeat(np.arange(len(degrees), dtype=np.int32), degrees)
    keys = outward.targets.astype(np.int64) * relations + outward.relations
    order = np.argsort(keys, kind="stable")  # of one target and relation, sources stay sorted
    counts = np.bincount(outward.targets, minlength=len(degrees))
    return Adjacency(np.append(0, np.cumsum(counts)), outward.relations[order], sources[order])
