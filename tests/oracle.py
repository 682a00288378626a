"""Brute force: the languages of chains, read off a bare set of triples in the simplest way known.

Shares no code with the package: texts are written whole, and tokenised whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from kgqa.graph import Chain, Hop, Triple

Edge = tuple[str, str, bool, str]


@dataclass
class Oracle:
    """A graph as triples and two dictionaries of texts (no text: unnamed)."""

    triples: set[Triple]
    names: dict[str, str]
    relations: dict[str, str]
    inverse: bool = True
    allow_return: bool = False

    def edges(self) -> set[Edge]:
        along = {(t.head, t.relation, False, t.tail) for t in self.triples}
        against = {(t.tail, t.relation, True, t.head) for t in self.triples}
        return along | against if self.inverse else along

    def walks(self, hops: int, avoid: str | None) -> list[list[Edge]]:
        """Every sequence of 1 to `hops` edges, from wherever, that never enters `avoid`."""
        edges = [edge for edge in self.edges() if edge[3] != avoid]
        layers = [[[edge] for edge in edges]]
        for _ in range(hops - 1):
            layers.append([[*walk, e] for walk in layers[-1] for e in edges if e[0] == walk[-1][3]])
        return [walk for layer in layers for walk in layer]

    def verbalize(self, walk: Sequence[Edge]) -> str:
        text = ""
        for _, relation, inverse, entity in walk:
            pointer = "<-" if inverse else "->"
            text += f" {pointer} {self.relations[relation]}"
            if entity in self.names:
                text += f" {pointer} {self.names[entity]}"
        return text

    def paths(self, topics: Sequence[str], hops: int) -> Iterator[tuple[str, Chain]]:
        for topic in set(topics):
            for walk in self.walks(hops, None if self.allow_return else topic):
                if walk[0][0] == topic and walk[-1][3] in self.names:
                    yield " " + self.names.get(topic, topic) + self.verbalize(walk), _chain([walk])

    def relation_paths(self, topics: Sequence[str], hops: int) -> Iterator[tuple[str, Chain]]:
        for topic in set(topics):
            for walk in self.walks(hops, None if self.allow_return else topic):
                if walk[0][0] == topic and walk[-1][3] in self.names:
                    steps = [f" {'<-' if inv else '->'} {self.relations[r]}" for _, r, inv, _ in walk]
                    yield "".join(steps), _chain([walk])

    def chains(self, topics: Sequence[str], hops: int) -> Iterator[tuple[str, Chain]]:
        pending: list[list[list[Edge]]] = [[]]
        while pending:
            links = pending.pop()
            if links:
                text = "".join(
                    f" {n}. < {self.names.get(link[0][0], link[0][0])}{self.verbalize(link)} >"
                    for n, link in enumerate(links, 1)
                )
                yield text, _chain(links)
            pool = set(topics) | {link[-1][3] for link in links}
            left = hops - sum(map(len, links))
            for source in pool:
                start = links[0][0][0] if links else source
                for walk in self.walks(left, None if self.allow_return else start) if left else ():
                    silent = all(edge[3] not in self.names for edge in walk[:-1])
                    fresh = all(self.what(walk) not in (self.what(x), self.what(_back(x))) for x in links)
                    if walk[0][0] == source and walk[-1][3] in self.names and silent and fresh:
                        pending.append([*links, walk])

    def what(self, walk: Sequence[Edge]) -> object:
        steps = [(self.relations[relation], inverse) for _, relation, inverse, _ in walk]
        return walk[0][0], steps, walk[-1][3]

    def language(
        self, grammar: str, topics: Sequence[str], hops: int, encode: Callable[[str], tuple[int, ...]]
    ) -> dict[tuple[int, ...], Counter[Chain]]:
        listing = {"path": self.paths, "relations": self.relation_paths, "chain": self.chains}[grammar]
        found: dict[tuple[int, ...], Counter[Chain]] = defaultdict(Counter)
        for text, chain in listing(topics, hops):
            found[encode(text)][chain] += 1
        return dict(found)


def _back(walk: Sequence[Edge]) -> list[Edge]:
    return [(end, relation, not inverse, start) for start, relation, inverse, end in reversed(walk)]


def _chain(links: Sequence[Sequence[Edge]]) -> Chain:
    edges = [edge for link in links for edge in link]
    hops = tuple(Hop(relation, entity, inverse) for _, relation, inverse, entity in edges)
    return Chain(edges[0][0], hops, tuple(edge[0] for edge in edges))
