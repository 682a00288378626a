"""Relation paths in files: whether they lead somewhere from the topics of their question."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import NameLookup
from kgqa.graph import IndexedGraph, Triple
from kgqa.validation.claim import Claim
from kgqa.validation.result import ChainResult, Problem

__all__ = ["check_relation_path"]

Ids = NDArray[np.int32]


def check_relation_path(claim: Claim, names: NameLookup) -> ChainResult:
    """Check that the relations lead somewhere from a topic, each over triples in either direction.

    As RoG (ICLR 2024) grounds its plans, which do not say directions. The result has one walk as its chain.
    """
    graph = names.graph
    topics = sorted({entity for topic in claim.topics or () for entity in names.entities(topic)})
    relations = claim.relations or ()

    def failed(problem: Problem) -> ChainResult:
        return ChainResult(claim.line, claim.id, (), (problem,))

    if not relations:
        return failed(Problem("empty", 0))
    if not topics:
        return failed(Problem("no topic entity", 0, unknown=claim.topics or ()))
    numbers = [[graph.relation_id(one) for one in names.relations(said)] for said in relations]
    layers = [np.array([graph.entity_id(topic) for topic in topics], dtype=np.int32)]
    for at, wanted in enumerate(numbers):
        reached = _reached(graph, layers[-1], wanted)
        if not len(reached):
            said = " -> ".join(relations[: at + 1])
            return failed(
                Problem("leads nowhere", at, unknown=() if wanted else (relations[at],), detail=said)
            )
        layers.append(reached)
    return ChainResult(claim.line, claim.id, _walk(graph, layers, numbers))


def _reached(graph: IndexedGraph, entities: Ids, relations: Iterable[int]) -> Ids:
    """The entities that are one triple with one of the relations away, sorted."""
    found = []
    for rows in (graph.outward, graph.inward):
        _, over, targets = rows.gather(entities)
        found.append(targets[np.isin(over, list(relations))])
    reached: Ids = np.unique(np.concatenate(found))
    return reached


def _walk(graph: IndexedGraph, layers: list[Ids], relations: list[list[int]]) -> tuple[Triple, ...]:
    """A walk over the layers, to the first entity of the last one."""
    here, triples = int(layers[-1][0]), []
    for before, wanted in zip(reversed(layers[:-1]), reversed(relations), strict=True):
        source, relation, inverse = next(
            (int(source), relation, inverse)
            for rows, inverse in ((graph.inward, False), (graph.outward, True))
            for relation in wanted
            for source in np.intersect1d(rows.over(here, relation), before)
        )
        head, tail = (here, source) if inverse else (source, here)
        triples.append(Triple(graph.entity(head), graph.relation(relation), graph.entity(tail)))
        here = source
    return tuple(reversed(triples))
