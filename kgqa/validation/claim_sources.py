"""The sources of the facts that a claim uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kgqa.graph import IndexedGraph, Triple
from kgqa.validation.claim import Claim
from kgqa.validation.result import ChainResult

__all__ = ["with_sources"]


def with_sources(result: ChainResult, claim: Claim, graph: IndexedGraph) -> ChainResult:
    """The result with the sources of the facts of its chain, or of its proof, that the graph holds."""
    if graph.provenance is None:
        return result
    facts = dict.fromkeys((*result.chain, *_listed(claim.proof)))
    return replace(result, sources=tuple((fact, graph.sources(fact)) for fact in facts if fact in graph))


def _listed(proof: object) -> Iterator[Triple]:
    """The facts that the JSON form of a proof lists."""
    waiting = [proof]
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, list):
            waiting = [*part, *waiting]
        elif isinstance(part, dict):
            waiting = [*(value for key, value in part.items() if key != "chains"), *waiting]
            yield from _triples(part.get("chains"))


def _triples(chains: Any) -> Iterator[Triple]:
    for chain in chains if isinstance(chains, list) else ():
        for fact in chain if isinstance(chain, list) else ():
            match fact:
                case [str(head), str(relation), str(tail)]:
                    yield Triple(head, relation, tail)
