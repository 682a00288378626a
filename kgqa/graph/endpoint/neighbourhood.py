"""The facts around some nodes of an endpoint, hop by hop."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kgqa.counted import counted
from kgqa.graph.endpoint.blank_nodes import blank_facts, has_blank
from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.facts import FactFetch, chunks, counted_rows
from kgqa.graph.endpoint.facts_between import Pair, facts_between
from kgqa.graph.endpoint.limits import FetchLimits
from kgqa.graph.endpoint.query_text import RDFS_LABEL, TYPES, is_asked, name_query, property_name_query
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.readers.rdf import LABELS
from kgqa.graph.readers.rdf_term import Fact, Term
from kgqa.graph.statement import NodeKind

__all__ = ["Neighbourhood"]

DIRECT = "/prop/direct/"
"""A part of the relations of Wikidata, and of other graphs of its kind."""
_NAMED = 200
"""Nodes whose names are asked for by one request."""


@dataclass
class Neighbourhood:
    """Collects the facts on all walks of so many hops from some nodes, and the names of all nodes."""

    client: SparqlClient
    limits: FetchLimits
    usage: EndpointUsage
    languages: Sequence[str] = ("en",)
    facts: dict[Fact, None] = field(default_factory=dict)
    _facts_at: dict[str, list[Fact]] = field(default_factory=dict)
    _named: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._fetch = FactFetch(self.client, self.limits, self.usage)

    def grow(self, nodes: Iterable[Term], hops: int) -> None:
        """Add the facts around some nodes. Raises `EndpointError`."""
        layer = list(dict.fromkeys(nodes))
        seen = {node.identifier for node in layer}
        for hop in range(hops):
            layer = self._within(layer, hop)
            fresh: dict[Term, None] = {}
            for head, relation, tail in self._facts_of(layer):
                self.facts[head, relation, tail] = None
                if relation.identifier in LABELS and tail.kind is NodeKind.LITERAL:
                    continue
                for end in (head, tail):
                    if end.identifier not in seen:
                        seen.add(end.identifier)
                        fresh[end] = None
            layer = list(fresh)

    def between(self, pairs: Sequence[Pair]) -> None:
        """Add the facts between some nodes. Raises `EndpointError`."""
        self.facts.update(dict.fromkeys(facts_between(pairs, self.client, self.usage)))

    def knows(self, identifier: str) -> bool:
        """Whether the facts of a node were fetched."""
        return identifier in self._facts_at

    def name(self) -> None:
        """Add the names of all nodes and relations, and the classes of nodes, that are not known yet."""
        ends: dict[Term, None] = {}
        relations: dict[Term, None] = {}
        for head, relation, tail in self.facts:
            if relation.identifier in LABELS and tail.kind is NodeKind.LITERAL:
                continue
            relations[relation] = None
            ends[head] = ends[tail] = None
        self._name_properties([relation for relation in relations if DIRECT in relation.identifier])
        self._add_names(ends, types=True)
        classes = {tail: None for _, relation, tail in self.facts if relation.identifier in TYPES}
        self._add_names({**relations, **classes, **{Term(one, NodeKind.RESOURCE): None for one in TYPES}})

    def name_nodes(self, nodes: Iterable[Term]) -> list[Fact]:
        """Add the names of these nodes; the facts that say them."""
        wanted = {node.identifier for node in nodes}
        self._add_names(nodes)
        return [fact for fact in self.facts if fact[0].identifier in wanted and fact[1].identifier in LABELS]

    def _name_properties(self, relations: Sequence[Term]) -> None:
        """Add the names of Wikidata's relations, which only its properties have."""
        for some in chunks([one for one in relations if is_asked(one)], _NAMED):
            rows = self.client.select(property_name_query(some, self.languages), self.usage)
            label = Term(RDFS_LABEL, NodeKind.RESOURCE)
            self.facts.update(
                ((row["n"], label, row["o"]), None) for row in rows if "n" in row and "o" in row
            )

    def _within(self, layer: list[Term], hop: int) -> list[Term]:
        if len(layer) <= self.limits.nodes:
            return layer
        looked = f"{self.limits.nodes:,} of {len(layer):,} nodes were looked at"
        self.usage.note(f"{looked} that are {counted(hop, 'hop')} away.")
        return layer[: self.limits.nodes]

    def _facts_of(self, layer: Sequence[Term]) -> list[Fact]:
        """The facts of some nodes; those that are not known yet are asked for."""
        asked = [node for node in layer if is_asked(node) and node.identifier not in self._facts_at]
        odd = [node.identifier for node in layer if node.kind is NodeKind.RESOURCE and not is_asked(node)]
        if odd:
            self.usage.note(f"Nodes whose IRI is not valid were not looked at, such as {odd[0][:100]}.")
        self._facts_at.update((node.identifier, []) for node in asked)
        self._named |= {node.identifier for node in asked}
        fetched = self._fetch.of(asked)
        self._named -= {hub.node for hub in self.usage.hubs}
        wanted = {node.identifier for node in asked}
        beside: set[str] = set()
        for fact in fetched:
            ends = {fact[0].identifier, fact[2].identifier} & wanted
            if has_blank(fact):
                beside |= ends
            else:
                for end in ends:
                    self._facts_at[end].append(fact)
        near = [node for node in asked if node.identifier in beside and node.kind is not NodeKind.LITERAL]
        for batch in chunks(near, self.limits.batch):
            between, described = blank_facts(batch, self.client, self.usage)
            for fact in between:
                for end in {fact[0].identifier, fact[2].identifier} & wanted:
                    self._facts_at[end].append(fact)
            self._facts_at.update(described)
        return [fact for node in layer for fact in self._facts_at.get(node.identifier, ())]

    def _add_names(self, nodes: Iterable[Term], types: bool = False) -> None:
        fresh = [
            node
            for node in nodes
            if node.kind is NodeKind.RESOURCE and node.identifier not in self._named and is_asked(node)
        ]
        self._named |= {node.identifier for node in fresh}
        for facts in self._fetch.at_once(lambda batch: self._names(batch, types), chunks(fresh, _NAMED)):
            self.facts.update(dict.fromkeys(facts))

    def _names(self, nodes: Sequence[Term], types: bool) -> list[Fact]:
        rows = counted_rows(
            nodes,
            lambda some: name_query(some, types),
            lambda node: f"names of {node.identifier[:100]}",
            self.client,
            self.usage,
        )
        known = {node.identifier: node for node in nodes}
        return [
            (known[row["n"].identifier], row["p"], row["o"])
            for row in rows
            if "n" in row and "p" in row and "o" in row and row["n"].identifier in known
        ]
