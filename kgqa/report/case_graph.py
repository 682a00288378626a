"""The chains of a recorded question as one graph for drawing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from kgqa.drawing import ChainGraph, DisplayNames, Node, arrows_of, select_triples
from kgqa.evaluation import Record
from kgqa.graph import IndexedGraph, fold_name

__all__ = ["MOST_TRIPLES", "case_graph", "recorded_names"]

MOST_TRIPLES = 12
MOST_ANSWERS = 6

Chain = Sequence[tuple[str, str, str]]


def recorded_names(records: Iterable[Record], graph: IndexedGraph | None = None) -> DisplayNames:
    """The names in these records, or those that a graph has."""
    named = (record for record in records if record.value is None)
    pairs = (pair for record in named for pair in zip(record.entities, record.answers, strict=True))
    return DisplayNames({entity: name for entity, name in pairs if entity != name}, graph)


def case_graph(record: Record, names: DisplayNames, most: int = MOST_TRIPLES) -> ChainGraph | None:
    """The graph of a record's chains, as many whole chains as fit into `most` triples.

    First one chain of each of the first answers and of the first right one, then further chains of the
    first answer. `None` if there are no chains.
    """
    ordered = list(_in_order(record))
    triples, taken = select_triples((chain for _, chain in ordered), most)
    if not triples:
        return None
    shown = {record.entities[ordered[place][0]] for place in taken}
    entities, arrows = arrows_of(triples, names)
    all_triples = {triple for chain in record.chains for triple in chain}
    return ChainGraph(_nodes(entities, record, shown, names), arrows, len(all_triples) - len(triples))


def _in_order(record: Record) -> Iterator[tuple[int, Chain]]:
    """Answers' places with a chain each, in the order in which they are to be drawn."""
    chains: dict[int, list[Chain]] = {}
    for answer, chain in zip(record.proves, record.chains, strict=True):
        if chain:
            chains.setdefault(answer, []).append(chain)
    gold = {fold_name(name) for name in record.gold}
    right = [place for place in sorted(chains) if fold_name(record.answers[place]) in gold]
    first = dict.fromkeys([*sorted(chains)[:1], *right[:1], *sorted(chains)[:MOST_ANSWERS]])
    yield from ((place, chains[place][0]) for place in first)
    yield from ((place, chain) for place in list(first)[:1] for chain in chains[place][1:])


def _nodes(entities: Sequence[str], record: Record, shown: set[str], names: DisplayNames) -> tuple[Node, ...]:
    gold = {fold_name(name) for name in record.gold}
    topics = {fold_name(topic) for topic in record.topic_entities}
    said = dict(zip(record.entities, record.answers, strict=False))  # a value is no entity
    found = {entity for topic in record.topic_entities for entity in names.find(topic)}
    nodes = []
    for entity in entities:
        name = names.entity(entity)
        texts = {fold_name(text) for text in (entity, name, said.get(entity)) if text}
        topic = entity in found or not topics.isdisjoint(texts)
        nodes.append(Node(entity, name, topic, entity in shown, not gold.isdisjoint(texts)))
    if record.faithful == 1 and not any(node.topic for node in nodes):
        # Its chains start at a topic entity that goes by another name there: what is no answer comes first.
        start = next((place for place, node in enumerate(nodes) if not node.answer), 0)
        nodes[start] = replace(nodes[start], topic=True)
    return tuple(nodes)
