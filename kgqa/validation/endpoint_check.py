"""Checking chains against the graph of a SPARQL endpoint, of which only what they claim is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from kgqa.constraint import NameLookup
from kgqa.errors import UsageError
from kgqa.graph import Triple
from kgqa.graph.endpoint import EndpointGraph, EndpointPart, EndpointUsage
from kgqa.validation.chain_file import read_claims
from kgqa.validation.check import check_chain, check_claim, own_graph
from kgqa.validation.claim import Claim
from kgqa.validation.nearest import Nearest
from kgqa.validation.path_text import path_pieces
from kgqa.validation.result import ChainResult

__all__ = ["check_chains_at"]

_AT_ONCE = 50
"""Chains that are looked up together."""
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


def check_chains_at(
    path: str | Path,
    endpoint: EndpointGraph,
    usage: EndpointUsage | None = None,
    questions: str | Path | None = None,
) -> Iterator[ChainResult]:
    """Check the chains of a file as `check_chains` does, against an endpoint.

    Asked are the names, and the facts between the entities that a chain names; of a chain that does not hold
    also the facts around these entities, for the nearest ones. What was not looked at is in `usage`.

    Raises `EndpointError` where the endpoint does not answer as it should, `UsageError` for a program or a
    relation path, which need a whole graph.
    """
    usage = EndpointUsage() if usage is None else usage
    claims = read_claims(path, questions)
    while some := list(islice(claims, _AT_ONCE)):
        yield from _Batch(path, endpoint, usage, some).results()


class _Batch:
    def __init__(
        self, path: str | Path, endpoint: EndpointGraph, usage: EndpointUsage, claims: Sequence[Claim]
    ) -> None:
        self._path = path
        self._url = endpoint.url
        self._claims = claims
        self._part = endpoint.part(usage)

    def results(self) -> list[ChainResult]:
        found = {at: self._own(claim) for at, claim in enumerate(self._claims) if claim.graph is not None}
        asked = {at: claim for at, claim in enumerate(self._claims) if claim.graph is None}
        for claim in asked.values():
            if claim.is_program or claim.relations is not None:
                raise self._no_program(claim)
        if asked:
            named = self._part.find(dict.fromkeys(name for one in asked.values() for name in _names(one)))
            self._part.between(_pairs(asked.values(), named))
            found |= self._checked(asked, self._part)
        failed = {at: claim for at, claim in asked.items() if not found[at].holds}
        if failed:
            for claim in failed.values():
                entities = dict.fromkeys(entity for name in _names(claim) for entity in named[name])
                self._part.grow(entities, _hops(claim))
            found |= self._checked(failed, self._part)
        for at, claim in failed.items():
            if claim.text is not None and " | " in claim.text and not found[at].holds:
                raise self._no_program(claim)
        return [found[at] for at in range(len(self._claims))]

    def _own(self, claim: Claim) -> ChainResult:
        return check_claim(claim, Nearest(NameLookup(own_graph(self._path, claim))))

    @staticmethod
    def _checked(claims: Mapping[int, Claim], part: EndpointPart) -> dict[int, ChainResult]:
        nearest = Nearest(NameLookup(part.graph()))
        return {at: check_chain(claim, nearest) for at, claim in claims.items()}

    def _no_program(self, claim: Claim) -> UsageError:
        kind = "program" if claim.relations is None else "relation path"
        return UsageError(
            f"{self._path}, line {claim.line}: a {kind} is checked against a whole graph, and this is a "
            f"SPARQL endpoint; make an index of it: kgqa build --from {self._url}"
        )


def _names(claim: Claim) -> list[str]:
    """All that may be the name of an entity in a chain."""
    if claim.text is not None:
        found: Iterable[str] = path_pieces(claim.text)
    else:
        found = (name for triple in claim.triples for name in (triple.head, triple.tail))
    return [name for name in (*found, *(claim.topics or ()), *(claim.answers or ())) if name]


def _triples(claim: Claim) -> list[Triple]:
    """The facts that a chain may claim, by names."""
    if claim.text is None:
        return list(claim.triples)
    pieces = path_pieces(claim.text)
    return [Triple(*pieces[at : at + 3]) for at in range(0, len(pieces) - 2, 2)]


def _pairs(
    claims: Iterable[Claim], named: Mapping[str, Sequence[str]]
) -> Iterator[tuple[Sequence[str], Sequence[str], str]]:
    """The ends of all facts that are claimed, in both directions: entities, or the text of a literal."""
    for claim in claims:
        for head, _, tail in _triples(claim):
            yield named.get(head, ()), named.get(tail, ()), _text(tail)
            yield named.get(tail, ()), named.get(head, ()), _text(head)


def _text(name: str) -> str:
    """The text of a literal, of which a name is the identifier or the text."""
    found = re.fullmatch(r'"((?:[^"\\]|\\.)*)"(?:@[\w-]+|\^\^<[^>]*>)?', name, re.DOTALL)
    if found is None:
        return name
    return re.sub(r"\\(.)", lambda escape: _ESCAPES.get(escape[1], escape[1]), found[1])


def _hops(claim: Claim) -> int:
    """How far the facts of a chain are from its names: nodes without a name are between them."""
    return 2 if any(not triple.head and not triple.tail for triple in _triples(claim)) else 1
