"""The part of a graph that chains may use."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from kgqa.constraint.filters.edge_filters import EdgeFilter, Mask
from kgqa.constraint.filters.filter import Every, Filter
from kgqa.constraint.filters.filtered import Filtered
from kgqa.constraint.filters.pruned import BUDGET
from kgqa.constraint.protocol import Constraint
from kgqa.constraint.tables.reach import Reach
from kgqa.errors import UsageError
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Adjacency, Ids

__all__ = ["Scope", "restrict"]


@dataclass(frozen=True, eq=False)
class Scope:
    """A graph, whether its triples are followed in both directions, and the filters of chains.

    Filters of triples are applied to the graph once and cost nothing afterwards.
    """

    graph: IndexedGraph
    inverse: bool = True
    filters: tuple[Filter, ...] = ()

    @cached_property
    def reach(self) -> Reach:
        """The steps of the restricted graph.

        Raises `UnknownEntityError` or `UnknownRelationError` for names that the graph does not have.
        """
        of_edges = [part for part in Every(self.filters).parts if isinstance(part, EdgeFilter)]
        return Reach(restrict(self.graph, *of_edges) if of_edges else self.graph, self.inverse)

    def narrowed(self, constraint: Constraint, budget: int = BUDGET) -> Constraint:
        """The constraint with the remaining filters applied. Raises as `Filtered`, which has the budget."""
        of_chains = tuple(part for part in Every(self.filters).parts if not isinstance(part, EdgeFilter))
        return Filtered(constraint, Every(of_chains), budget) if of_chains else constraint


def restrict(graph: IndexedGraph, *filters: Filter) -> IndexedGraph:
    """A view of the graph with only the triples that all filters allow.

    Constraints over it obey the filters at no extra cost. Takes time and memory proportional to the
    number of triples, so restrict a graph once, not for each question. Entities, relations and names
    are shared with the graph, including those without triples.

    Raises `UnknownEntityError` or `UnknownRelationError` for names that the graph does not have, and
    `UsageError` for a filter of whole chains or their ends: use `Filtered`.

    >>> from kgqa.constraint import Without
    >>> from kgqa.graph import GraphBuilder, Triple
    >>> graph = GraphBuilder.of([Triple("Emma", "author", "Jane Austen"), Triple("Emma", "year", "1815")])
    >>> list(restrict(graph, Without(relations={"year"})))
    [Triple(head='Emma', relation='author', tail='Jane Austen')]
    """
    parts = [part for one in filters for part in one.parts]
    edge_filters = [part for part in parts if isinstance(part, EdgeFilter)]
    if len(edge_filters) < len(parts):
        other = next(part for part in parts if not isinstance(part, EdgeFilter))
        raise UsageError(f"a graph cannot be restricted to chains {other}; use Filtered(constraint, filter)")
    sources, targets = _sources(graph.outward), graph.outward.targets
    outward = np.ones(len(targets), dtype=np.bool_)
    inward = outward.copy()
    for part in edge_filters:
        outward &= part.mask(graph, (sources, graph.outward.relations, targets))
        inward &= part.mask(graph, (graph.inward.targets, graph.inward.relations, _sources(graph.inward)))
    kept = _kept(graph.outward, outward)
    return IndexedGraph(
        entities=graph.entities,
        relation_names=graph.relation_names,
        outward=kept,
        inward=_kept(graph.inward, inward),
        kinds=graph.kinds,
        labels=graph.labels,
        relation_labels=graph.relation_labels,
        aliases=graph.aliases,
        alias_offsets=graph.alias_offsets,
        changed_aliases=graph.changed_aliases,
        names=graph.names,
        checksum=hashlib.sha256(graph.checksum.encode() + np.packbits(outward).tobytes()).hexdigest(),
        facts_about={**graph.facts_about, "restricted": [str(part) for part in edge_filters]},
        provenance=graph.provenance and graph.provenance.taken(np.flatnonzero(outward), kept),
    )


def _sources(adjacency: Adjacency) -> Ids:
    entities = np.arange(len(adjacency.offsets) - 1, dtype=np.int32)
    return np.repeat(entities, np.diff(adjacency.offsets))


def _kept(adjacency: Adjacency, mask: Mask) -> Adjacency:
    before = np.append(0, np.cumsum(mask, dtype=np.int64))
    return Adjacency(before[adjacency.offsets], adjacency.relations[mask], adjacency.targets[mask])
