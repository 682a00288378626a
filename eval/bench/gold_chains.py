"""The gold chains of question sets, and what they become when one part is changed."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from kgqa.constraint.verbalize import arrow
from kgqa.datasets import Question
from kgqa.graph import Chain, Hop, IndexedGraph, RelationPath, Triple, clean_name, ground

__all__ = ["CORRUPTIONS", "Facts", "Said", "SaidHop", "corrupted", "gold_chains", "said"]

CORRUPTIONS = ("relation swapped", "tail swapped", "direction flipped", "made-up relation")
CHAINS_A_QUESTION = 3
MADE_UP = "no such relation"


class SaidHop(NamedTuple):
    """A hop by names; an unnamed entity is not said."""

    relation: str
    inverse: bool
    name: str


@dataclass(frozen=True)
class Said:
    """A path by names, from an entity of the graph."""

    start: str
    name: str
    hops: tuple[SaidHop, ...]

    def segments(self, grammar: str) -> list[str]:
        """The segments of its text, of a path or of its relations alone."""
        parts = [] if grammar == "relations" else [" " + self.name]
        for hop in self.hops:
            parts += [arrow(hop.inverse), " " + hop.relation]
            if hop.name and grammar != "relations":
                parts += [arrow(hop.inverse), " " + hop.name]
        return parts


@dataclass(frozen=True, eq=False)
class Facts:
    """A graph as dictionaries of names: what there is, told without any code of the constraint."""

    graph: IndexedGraph
    names: dict[str, str] = field(default_factory=dict)
    relations: list[str] = field(default_factory=list)
    _ordered: list[str] = field(default_factory=list)
    _tails: dict[tuple[str, str, bool], set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        for head, relation, tail in self.graph:
            text = clean_name(self.graph.relation_label(relation))
            self._tails[head, text, False].add(tail)
            self._tails[tail, text, True].add(head)
            for entity in (head, tail):
                self.names[entity] = clean_name(self.graph.label(entity) or "")
        self.relations.extend(sorted({relation for _, relation, _ in self._tails}))
        self._ordered.extend(sorted({name for name in self.names.values() if name}))

    def other_name(self, name: str, draw: random.Random) -> str:
        """Another entity's name."""
        other = draw.choice(self._ordered)
        return self.other_name(name, draw) if other == name else other

    def hold(self, path: Said, grammar: str) -> bool:
        """Whether there are such entities in a row that never comes back to its start and ends at a name."""
        here = {path.start}
        for hop in path.hops:
            here = {end for at in here for end in self._tails.get((at, hop.relation, hop.inverse), ())}
            here.discard(path.start)
            if grammar != "relations":
                here = {end for end in here if self.names[end] == hop.name}
        return any(self.names[end] for end in here)


def gold_chains(question: Question, graph: IndexedGraph) -> Iterator[Chain | None]:
    """Up to three gold chains of a question: its gold paths, or those behind its gold relation path.

    None for a gold path that is no path from one of its topics.
    """
    starts = [match.entity for topic in question.topic_entities for match in graph.find_ranked(topic)]
    if question.gold_paths:
        for triples in question.gold_paths[:CHAINS_A_QUESTION]:
            walked = (_walked(graph, start, triples) for start in starts)
            yield next((chain for chain in walked if chain), None)
    elif question.gold_relation_path and starts:
        grounding = ground(graph, RelationPath.parse(starts[0], question.gold_relation_path))
        right = [end for end in grounding.answers if graph.label(end) in question.answers]
        for end in right[:CHAINS_A_QUESTION]:
            yield next(grounding.chains(end))


def _walked(graph: IndexedGraph, start: str, triples: Sequence[Triple]) -> Chain | None:
    """Triples by names, in a row from an entity, as hops."""
    hops: list[Hop] = []
    for triple in triples:
        here = hops[-1].entity if hops else start
        onward = (hop for hop in graph.hops(here) if _means(graph, triple, hop.triple(here)))
        hop = next(onward, None)
        if hop is None:
            return None
        hops.append(hop)
    return Chain(start, tuple(hops))


def _means(graph: IndexedGraph, named: Triple, triple: Triple) -> bool:
    """Whether a triple by names, or by identifiers, is this one."""
    relation = named.relation in (triple.relation, graph.relation_label(triple.relation))
    ends = ((named.head, triple.head), (named.tail, triple.tail))
    return relation and all(name in (entity, graph.label(entity)) for name, entity in ends)


def said(chain: Chain, facts: Facts) -> Said:
    """A chain by names."""
    graph = facts.graph
    return Said(
        chain.start,
        facts.names[chain.start],
        tuple(
            SaidHop(clean_name(graph.relation_label(h.relation)), h.inverse, facts.names[h.entity])
            for h in chain.hops
        ),
    )


def corrupted(path: Said, kind: str, facts: Facts, draw: random.Random) -> Said:
    """The path with one of its hops changed, at random; it may still be a path of the graph."""
    at = draw.randrange(len(path.hops))
    hop = path.hops[at]
    if kind == "relation swapped":
        changed = hop._replace(relation=draw.choice([r for r in facts.relations if r != hop.relation]))
    elif kind == "tail swapped":
        changed = hop._replace(name=facts.other_name(hop.name, draw))
    elif kind == "direction flipped":
        changed = hop._replace(inverse=not hop.inverse)
    else:
        changed = hop._replace(relation=f"{hop.relation} {MADE_UP}")
    return replace(path, hops=(*path.hops[:at], changed, *path.hops[at + 1 :]))
