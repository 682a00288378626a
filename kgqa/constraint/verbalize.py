"""The text of a chain in each grammar, as segments.

Every segment carries its boundary space in front. A hop becomes `" -> relation -> name"` along its
triple and `" <- relation <- name"` against it; the name of a mediator is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Self, TypeAlias

from kgqa.graph import Chain, Hop, KnowledgeGraph, clean_name, split_humps

__all__ = [
    "LINK_END",
    "Segments",
    "TextLink",
    "arrow",
    "chain_text",
    "entity_text",
    "link_start",
    "relation_text",
    "topic_text",
    "verbalize_links",
    "verbalize_path",
    "verbalize_relations",
]

LINK_END = " >"
"""The segment that closes one link of a branching chain."""


def arrow(inverse: bool) -> str:
    """The segment in front of a relation and in front of the name that it leads to."""
    return " <-" if inverse else " ->"


def link_start(number: int) -> str:
    """The segment that opens the link with this number (from 1) of a branching chain."""
    return f" {number}. <"


def entity_text(label: str) -> str:
    """The segment of an entity with this label."""
    return " " + clean_name(label)


def topic_text(graph: KnowledgeGraph, entity: str) -> str:
    """The segment of a topic entity: a mediator is written as its identifier."""
    return entity_text(graph.label(entity) or clean_name(entity) or "?")


def relation_text(graph: KnowledgeGraph, relation: str) -> str:
    """The segment of a relation: its label, or its identifier where it has no visible label.

    Camel case is written as words (`hasFlavor` as `has Flavor`), which a language model knows.
    """
    return " " + split_humps(clean_name(graph.relation_label(relation)) or clean_name(relation))


Segments: TypeAlias = tuple[str, ...]


class TextLink(NamedTuple):
    """One link of a branching chain as text: steps over unnamed entities to a named one.

    A step is the text of its relation and whether it is inverse.
    """

    source: str
    steps: tuple[tuple[str, bool], ...]
    end: str

    @classmethod
    def of(cls, graph: KnowledgeGraph, source: str, walk: Sequence[Hop]) -> Self:
        """The link of a walk of at least one hop."""
        steps = tuple((relation_text(graph, hop.relation), hop.inverse) for hop in walk)
        return cls(source, steps, walk[-1].entity)

    @classmethod
    def all_of(cls, graph: KnowledgeGraph, chain: Chain) -> Iterator[Self]:
        """The links of a chain that ends at a named entity."""
        walk: list[Hop] = []
        source = chain.start
        for hop, triple in zip(chain.hops, chain.triples, strict=True):
            if not walk:
                source = triple.tail if hop.inverse else triple.head
            walk.append(hop)
            if graph.label(hop.entity) is not None:
                yield cls.of(graph, source, walk)
                walk = []

    def reversed(self) -> Self:
        """The same triples, walked in the other direction."""
        back = tuple((text, not inverse) for text, inverse in reversed(self.steps))
        return type(self)(self.end, back, self.source)


def verbalize_path(graph: KnowledgeGraph, chain: Chain) -> Segments:
    """The segments of a path: `e0 -> r1 -> e1`."""
    return (topic_text(graph, chain.start), *_verbalize_hops(graph, chain.hops))


def verbalize_relations(graph: KnowledgeGraph, chain: Chain) -> Segments:
    """The segments of a path whose entities are left open: `-> r1`."""
    return tuple(
        text for hop in chain.hops for text in (arrow(hop.inverse), relation_text(graph, hop.relation))
    )


def verbalize_links(graph: KnowledgeGraph, links: Sequence[TextLink]) -> Segments:
    """The segments of a branching chain: `1. < e0 -> r1 -> e1 >`."""
    segments: list[str] = []
    for number, link in enumerate(links, 1):
        segments += (link_start(number), topic_text(graph, link.source))
        for text, inverse in link.steps:
            segments += (arrow(inverse), text)
        segments += (arrow(link.steps[-1][1]), entity_text(graph.label(link.end) or ""), LINK_END)
    return tuple(segments)


def chain_text(graph: KnowledgeGraph, chain: Chain) -> str:
    """A chain as a model writes it: as numbered links where it branches, else as a path."""
    if chain.sources:
        return "".join(verbalize_links(graph, list(TextLink.all_of(graph, chain)))).strip()
    return "".join(verbalize_path(graph, chain)).strip()


def _verbalize_hops(graph: KnowledgeGraph, hops: Sequence[Hop]) -> Iterator[str]:
    for hop in hops:
        yield arrow(hop.inverse)
        yield relation_text(graph, hop.relation)
        label = graph.label(hop.entity)
        if label is not None:
            yield arrow(hop.inverse)
            yield entity_text(label)
