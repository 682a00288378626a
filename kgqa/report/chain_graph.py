"""The chains of a question as one graph for drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from kgqa.evaluation import Record
from kgqa.graph import fold_name
from kgqa.report.display_names import DisplayNames

__all__ = ["MOST_TRIPLES", "Arrow", "ChainGraph", "Node", "chain_graph"]

MOST_TRIPLES = 12
MOST_ANSWERS = 6

Chain = Sequence[tuple[str, str, str]]


@dataclass(frozen=True)
class Node:
    """An entity of the chains; `name` is `None` for a mediator. A gold answer need not be an answer."""

    entity: str
    name: str | None
    topic: bool
    answer: bool
    gold: bool


@dataclass(frozen=True)
class Arrow:
    """A triple, from its head to its tail (places among the nodes), with its words and whole name."""

    head: int
    tail: int
    words: str
    relation: str


@dataclass(frozen=True)
class ChainGraph:
    """Nodes in the order in which chains reach them; `left_out` triples have no arrow."""

    nodes: tuple[Node, ...]
    arrows: tuple[Arrow, ...]
    left_out: int

    def __str__(self) -> str:
        """The triples as text: the alternative text of the drawing."""
        return "; ".join(
            f"{self.nodes[arrow.head].name or '·'} → {arrow.words} → {self.nodes[arrow.tail].name or '·'}"
            for arrow in self.arrows
        )


def chain_graph(record: Record, names: DisplayNames, most: int = MOST_TRIPLES) -> ChainGraph | None:
    """The graph of a record's chains, as many whole chains as fit into `most` triples.

    First one chain of each of the first answers and of the first right one, then further chains of the
    first answer. `None` if there are no chains.
    """
    triples: dict[tuple[str, str, str], None] = {}
    shown: set[str] = set()
    for answer, chain in _in_order(record):
        new = [triple for triple in chain if triple not in triples]
        if not triples or len(triples) + len(new) <= most:
            triples |= dict.fromkeys(new[:most])
            shown.add(record.entities[answer])
    if not triples:
        return None
    all_triples = {triple for chain in record.chains for triple in chain}
    place: dict[str, int] = {}
    for head, _, tail in triples:
        place.setdefault(head, len(place))
        place.setdefault(tail, len(place))
    return ChainGraph(
        nodes=_nodes(list(place), record, shown, names),
        arrows=tuple(Arrow(place[h], place[t], names.relation(r), r) for h, r, t in triples),
        left_out=len(all_triples) - len(triples),
    )


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
    said = dict(zip(record.entities, record.answers, strict=True))
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
