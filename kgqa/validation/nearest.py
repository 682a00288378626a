"""The facts of a graph that are nearest to a missing one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import Literal

from rapidfuzz import fuzz, process

from kgqa.constraint import NameLookup
from kgqa.graph import IndexedGraph, Triple, fold_name
from kgqa.linking import SpellingIndex

__all__ = ["NearTriple", "Nearest", "Way"]

Way = Literal["other direction", "other spelling", "other relation", "other tail", "other head"]
LEAST_LIKENESS = 0.6
MOST_ENDS = 10_000
"""So many facts of a hub over one relation are compared with a missing one."""


@dataclass(frozen=True)
class NearTriple:
    """A triple of the graph, how it differs from the missing one, and its names."""

    triple: Triple
    way: Way
    names: Triple


@dataclass(frozen=True, eq=False)
class Nearest:
    """Finds the nearest triples; the spelling index is built on first use."""

    names: NameLookup

    @property
    def graph(self) -> IndexedGraph:
        """The graph that is searched."""
        return self.names.graph

    def search(self, triple: Triple, limit: int = 3) -> tuple[NearTriple, ...]:
        """Triples near one that the graph lacks, given by names; the nearest first, maybe none.

        Nearest is the same fact the other way round; then the same with an unknown name spelled
        as the graph spells it; then another relation between the two, the likest in spelling; then
        another tail of the head's relation, then another head of the tail's, the likest first.
        """
        found = chain(
            self._turned(triple),
            self._respelled(triple),
            self._other_relations(triple),
            self._other_ends(triple),
        )
        first: dict[Triple, NearTriple] = {}
        for near in found:
            first.setdefault(near.triple, near)
            if len(first) == limit:
                break
        return tuple(first.values())

    def _grounded(
        self, heads: Iterable[str], relations: Iterable[str], tails: Iterable[str]
    ) -> Iterator[Triple]:
        relations, tails = tuple(relations), tuple(tails)
        for head in heads:
            for relation in relations:
                for tail in tails:
                    if (head, relation, tail) in self.graph:
                        yield Triple(head, relation, tail)

    def _turned(self, triple: Triple) -> Iterator[NearTriple]:
        heads, tails = self.names.entities(triple.head), self.names.entities(triple.tail)
        for found in self._grounded(tails, self.names.relations(triple.relation), heads):
            yield self._near(found, "other direction")

    def _respelled(self, triple: Triple) -> Iterator[NearTriple]:
        heads, tails = self._spelled_entities(triple.head), self._spelled_entities(triple.tail)
        relations = self._spelled_relations(triple.relation)
        for found in self._grounded(heads, relations, tails):
            yield self._near(found, "other spelling")

    def _other_relations(self, triple: Triple) -> Iterator[NearTriple]:
        heads, tails = self._spelled_entities(triple.head), self._spelled_entities(triple.tail)
        pairs = [(h, t) for h in heads for t in tails]
        found = [x for h, t in pairs for x in self.graph.match(h, None, t)]
        found += [x for h, t in pairs for x in self.graph.match(t, None, h)]
        for near in _likest(triple.relation, {x: self.graph.relation_label(x.relation) for x in found}):
            yield self._near(near, "other relation")

    def _other_ends(self, triple: Triple) -> Iterator[NearTriple]:
        relations = self._spelled_relations(triple.relation)
        heads, tails = self._spelled_entities(triple.head), self._spelled_entities(triple.tail)
        forward = [x for h in heads for r in relations for x in islice(self.graph.match(h, r), MOST_ENDS)]
        for near in _likest(triple.tail, {x: self._name(x.tail) for x in forward}):
            yield self._near(near, "other tail")
        backward = [
            x for t in tails for r in relations for x in islice(self.graph.match(None, r, t), MOST_ENDS)
        ]
        for near in _likest(triple.head, {x: self._name(x.head) for x in backward}):
            yield self._near(near, "other head")

    def _near(self, triple: Triple, way: Way) -> NearTriple:
        relation = self.graph.relation_label(triple.relation)
        return NearTriple(triple, way, Triple(self._name(triple.head), relation, self._name(triple.tail)))

    def _name(self, entity: str) -> str:
        return self.graph.label(entity) or entity

    def _spelled_entities(self, name: str) -> tuple[str, ...]:
        """The entities of a name; for an unknown one those of the likest names."""
        if found := self.names.entities(name):
            return found
        hits = self._spellings.search(name, LEAST_LIKENESS, limit=3)
        return tuple(dict.fromkeys(entity for hit, _ in hits for entity in self.names.entities(hit)))

    def _spelled_relations(self, name: str) -> tuple[str, ...]:
        if found := self.names.relations(name):
            return found
        folded = {relation: fold_name(relation) for relation in self._relations}
        hits = process.extract(fold_name(name), folded, scorer=fuzz.WRatio, limit=3, score_cutoff=60)
        return tuple(relation for _, _, relation in hits)

    @cached_property
    def _spellings(self) -> SpellingIndex:
        return SpellingIndex.of(self.graph)

    @cached_property
    def _relations(self) -> tuple[str, ...]:
        return tuple(self.graph.relation(number) for number in range(self.graph.relation_count))


def _likest(name: str, found: dict[Triple, str], limit: int = 3) -> Iterator[Triple]:
    """The triples whose text is likest the name, ties by the triple."""
    folded = fold_name(name)
    likeness = {triple: fuzz.ratio(folded, fold_name(text)) for triple, text in found.items()}
    yield from islice(sorted(found, key=lambda triple: (-likeness[triple], triple)), limit)
