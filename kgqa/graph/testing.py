"""The laws of the `KnowledgeGraph` protocol, as a check for implementations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from itertools import product
from typing import TypeVar

from kgqa.errors import UnknownEntityError, UnknownRelationError
from kgqa.graph.chain import Hop
from kgqa.graph.name import fold_name
from kgqa.graph.protocol import KnowledgeGraph
from kgqa.graph.relation_path import RelationStep
from kgqa.graph.statement import Triple

__all__ = ["check_graph"]

Item = TypeVar("Item")
NOWHERE = "no such name in any graph \N{SNOWMAN}"


def check_graph(graph: KnowledgeGraph, sample: int = 25) -> None:
    """Check the laws of `KnowledgeGraph`; `AssertionError` says which one broke, and on what.

    Counting and the order of iteration are checked on all triples, which are held in memory;
    everything that is asked of one triple or one entity on about `sample` of them, spread evenly.

    >>> from kgqa.graph import GraphBuilder
    >>> check_graph(GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")]))
    """
    triples = list(graph)
    _check_iteration(graph, triples)
    for triple in _spread(triples, sample):
        _check_match(graph, triples, triple)
    entities = sorted({entity for triple in triples for entity in (triple.head, triple.tail)})
    leaving = _hops(triples)
    for entity in _spread(entities, sample):
        _check_hops(graph, entity, leaving[entity])
        _check_names(graph, entity)
    for relation in _spread(sorted({triple.relation for triple in triples}), sample):
        _law(bool(graph.relation_label(relation)), "a relation has a name", relation)
    _check_unknown(graph)


def _law(holds: bool, law: str, *on: object) -> None:
    if not holds:
        raise AssertionError(f"{law}; broken on {', '.join(map(repr, on))}")


def _check_iteration(graph: KnowledgeGraph, triples: list[Triple]) -> None:
    _law(len(graph) == len(triples), "len is the number of triples", len(graph), len(triples))
    for triple, count in Counter(triples).items():
        _law(count == 1, "iteration gives each triple once", triple, count)
        _law(isinstance(triple, Triple), "iteration gives triples", triple)
        _law(triple in graph, "the graph holds what it iterates", triple)
    _law(list(graph) == triples, "iteration has the same order every time", len(triples))
    for other in (None, "text", (), ("a", "b"), (1, 2, 3), ("\ud800", "\ud800", "\ud800")):
        _law(other not in graph, "the graph does not hold what is no triple", other)


def _check_match(graph: KnowledgeGraph, triples: list[Triple], triple: Triple) -> None:
    swapped = Triple(triple.tail, triple.relation, triple.head)
    _law((swapped in graph) == (swapped in triples), "membership knows directions", swapped)
    for mask in product((True, False), repeat=3):
        pattern = tuple(part if kept else None for part, kept in zip(triple, mask, strict=True))
        expected = {t for t in triples if all(p in (None, own) for p, own in zip(pattern, t, strict=True))}
        found = list(graph.match(*pattern))
        _law(len(found) == len(set(found)), "match gives each triple once", pattern)
        _law(set(found) == expected, "match gives the triples that agree", pattern, found)


def _hops(triples: list[Triple]) -> dict[str, list[Hop]]:
    hops: dict[str, list[Hop]] = {}
    for head, relation, tail in triples:
        hops.setdefault(head, []).append(Hop(relation, tail))
        hops.setdefault(tail, []).append(Hop(relation, head, inverse=True))
    return hops


def _check_hops(graph: KnowledgeGraph, entity: str, expected: list[Hop]) -> None:
    hops = list(graph.hops(entity))
    _law(hops == sorted(hops), "hops are sorted", entity, hops)
    _law(Counter(hops) == Counter(expected), "hops are the triples, both ways", entity, hops)
    steps = tuple(sorted({RelationStep(hop.relation, hop.inverse) for hop in expected}))
    found = graph.relations(entity)
    _law(found == steps, "relations are those of the hops, sorted", entity, found)


def _check_names(graph: KnowledgeGraph, entity: str) -> None:
    label = graph.label(entity)
    _law(label is None or bool(label), "a label is a text, or None", entity, label)
    _law(entity in graph.find(entity)[:1], "find puts an identifier first", entity)
    if label is not None and fold_name(label):
        found = graph.find(label)
        _law(entity in found, "find finds a label", entity, label)
        _law(len(found) == len(set(found)), "find gives each entity once", label, found)
        _law(entity in graph.find(fold_name(label)), "find folds names", entity, label)


def _check_unknown(graph: KnowledgeGraph) -> None:
    _law(graph.find(NOWHERE) == (), "find gives nothing for an unknown name", NOWHERE)
    _law(Triple(NOWHERE, NOWHERE, NOWHERE) not in graph, "an unknown triple is not held", NOWHERE)
    of_entity: Sequence[tuple[str, Callable[[], object]]] = (
        ("match(head)", lambda: list(graph.match(head=NOWHERE))),
        ("match(tail)", lambda: list(graph.match(tail=NOWHERE))),
        ("hops", lambda: list(graph.hops(NOWHERE))),
        ("relations", lambda: graph.relations(NOWHERE)),
        ("label", lambda: graph.label(NOWHERE)),
    )
    of_relation: Sequence[tuple[str, Callable[[], object]]] = (
        ("match(relation)", lambda: list(graph.match(relation=NOWHERE))),
        ("relation_label", lambda: graph.relation_label(NOWHERE)),
    )
    for name, call in of_entity:
        _law(_raises(UnknownEntityError, call), "an unknown entity raises UnknownEntityError", name)
    for name, call in of_relation:
        _law(_raises(UnknownRelationError, call), "an unknown relation raises UnknownRelationError", name)


def _raises(error: type[Exception], call: Callable[[], object]) -> bool:
    try:
        call()
    except error:
        return True
    return False


def _spread(items: Sequence[Item], sample: int) -> Sequence[Item]:
    return items[:: max(1, len(items) // sample)]
