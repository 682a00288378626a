"""Claims of an entity: which of them are facts, and which are facts of a mediator."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kgqa.graph.readers.rdf_term import Fact, Term
from kgqa.graph.readers.wikidata.left_out import LeftOut
from kgqa.graph.statement import NodeKind

__all__ = ["DEPRECATED", "NORMAL", "PREFERRED", "Claim", "Predicates", "claim_facts"]

DEPRECATED, NORMAL, PREFERRED = 0, 1, 2
"""The ranks of claims."""


@dataclass
class Claim:
    """A statement about an entity: a property and its value, with what holds of this fact only."""

    prop: str
    """The IRI of the property."""
    node: str
    """The IRI of the statement."""
    value: Term | None = None
    """None where it is unknown, or that there is none is said, or it cannot be read."""
    rank: int = NORMAL
    qualifiers: list[tuple[str, Term]] = field(default_factory=list)


class Predicates:
    """The relations of properties, each term made once; which of them are used."""

    def __init__(self) -> None:
        self.used: dict[str, str] = {}
        """Relations with a fact, each with the property that it is of."""
        self._terms: dict[tuple[str, str], Term] = {}

    def of(self, role: str, prop: str) -> Term:
        """The relation `prop/ROLE/P69` of `entity/P69`; an empty role leads to statements."""
        term = self._terms.get((role, prop))
        if term is None:
            base, _, number = prop.rpartition("entity/")
            iri = f"{base}prop/{role}/{number}" if role else f"{base}prop/{number}"
            term = self._terms[role, prop] = Term(iri, NodeKind.RESOURCE)
            self.used[iri] = prop
        return term


def claim_facts(
    entity: Term, claims: Sequence[Claim], predicates: Predicates, left_out: LeftOut
) -> Iterator[Fact]:
    """The facts of claims about one entity.

    The claims of the best rank of each property are facts, as in the truthy dumps; where the best one says
    that the value is unknown, none is. A claim with qualifiers, or with a rank below the best, is a mediator.
    Deprecated claims are left out.
    """
    best: dict[str, int] = {}
    for claim in claims:
        best[claim.prop] = max(claim.rank, best.get(claim.prop, NORMAL))
    for claim in claims:
        if claim.value is None:
            continue
        if claim.rank == DEPRECATED:
            left_out.deprecated += 1
            continue
        is_best = claim.rank == best[claim.prop]
        if is_best:
            yield entity, predicates.of("direct", claim.prop), claim.value
        if claim.qualifiers or not is_best:
            yield from _mediator(entity, claim, claim.value, predicates)


def _mediator(entity: Term, claim: Claim, value: Term, predicates: Predicates) -> Iterator[Fact]:
    node = Term(claim.node, NodeKind.BLANK)
    yield entity, predicates.of("", claim.prop), node
    yield node, predicates.of("statement", claim.prop), value
    for prop, term in _distinct(claim.qualifiers):
        yield node, predicates.of("qualifier", prop), term


def _distinct(qualifiers: Iterable[tuple[str, Term]]) -> Iterable[tuple[str, Term]]:
    return dict.fromkeys(qualifiers)
