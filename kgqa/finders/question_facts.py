"""The facts around the topics of a question, for a prompt that shows the graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from kgqa.graph import Hop, KnowledgeGraph, Triple, clean_name

__all__ = ["question_facts"]

_LOOKED_AT = 2_000
"""Facts of one entity that are looked at."""


def question_facts(graph: KnowledgeGraph, topics: Sequence[str], hops: int, most: int) -> tuple[str, ...]:
    """Up to `most` facts on walks of at most `hops` hops from the topics, nearest first: `< h -> r -> t >`.

    Of one entity the relations take turns, so that one with many facts does not hide the others.

    >>> from kgqa.graph import GraphBuilder
    >>> facts = [("Kismet", "in", "English"), ("Kismet", "in", "Urdu"), ("Kismet", "by", "Al")]
    >>> graph = GraphBuilder.of(facts)
    >>> question_facts(graph, ["Kismet"], 1, 2)
    ('< Kismet -> by -> Al >', '< Kismet -> in -> English >')
    """
    return tuple(_written(graph, fact) for fact in islice(_distinct(_around(graph, topics, hops)), most))


def _around(graph: KnowledgeGraph, topics: Iterable[str], hops: int) -> Iterator[Triple]:
    layer, seen = dict.fromkeys(topics), set[str]()
    for _ in range(hops):
        seen.update(layer)
        following: dict[str, None] = {}
        for entity in layer:
            for hop in _in_turn(islice(graph.hops(entity), _LOOKED_AT)):
                if hop.entity not in seen:
                    following[hop.entity] = None
                yield hop.triple(entity)
        layer = following


def _in_turn(hops: Iterable[Hop]) -> Iterator[Hop]:
    """The hops, one of each relation and direction at a time."""
    groups: dict[tuple[str, bool], list[Hop]] = {}
    for hop in hops:
        groups.setdefault((hop.relation, hop.inverse), []).append(hop)
    rows = [groups[key] for key in sorted(groups)]
    for place in range(max(map(len, rows), default=0)):
        yield from (row[place] for row in rows if place < len(row))


def _distinct(facts: Iterable[Triple]) -> Iterator[Triple]:
    seen: set[Triple] = set()
    for fact in facts:
        if fact not in seen:
            seen.add(fact)
            yield fact


def _written(graph: KnowledgeGraph, fact: Triple) -> str:
    head, tail = (clean_name(graph.label(entity) or entity) for entity in (fact.head, fact.tail))
    return f"< {head} -> {clean_name(graph.relation_label(fact.relation))} -> {tail} >"
