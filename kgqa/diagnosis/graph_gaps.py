"""What a graph lacks that answers need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import IndexedGraph, NodeKind, ValueKind, clean_name, fold_name, guess_value
from kgqa.graph.relation_facts import fact_counts

__all__ = ["Gap", "GraphGaps"]

_EXAMPLES = 3
_LOOKED_AT = 500
"""Values of a relation that are looked at for their types."""
_MIXED = 0.2
"""The largest share of values of another type than the others; with more, there is no usual type."""
_INVERSE = 0.5
"""The least share of a relation's facts that have a fact of another relation in return."""
_FEW = 10
"""Relations with fewer facts are not said to be one-sided."""
_WORD = re.compile(r"[^\W\d_]{3}")
_MOST_FACTS = 50_000_000
"""Of larger graphs inverses and types are not looked at: it takes several arrays as long as the facts."""


class Gap(NamedTuple):
    """One thing that a graph lacks: what, how often, some examples, and what that costs."""

    what: str
    number: int
    examples: tuple[str, ...]
    costs: str


@dataclass(frozen=True)
class GraphGaps:
    """What a graph lacks, as far as it can be seen without questions; the most frequent first."""

    gaps: tuple[Gap, ...]

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """Look at all entities and relations: some seconds for a million facts."""
        found = [
            _unnamed(graph),
            _dead_ends(graph),
            _ambiguous(graph),
            _unreached(graph),
            _coded_relations(graph),
            *_one_sided(graph),
            *_mixed(graph),
        ]
        return cls(tuple(sorted((gap for gap in found if gap.number), key=lambda gap: -gap.number)))

    def to_dict(self) -> list[dict[str, Any]]:
        """JSON values."""
        return [gap._asdict() for gap in self.gaps]

    def describe(self, most: int = 12) -> str:
        """A line for each of the first gaps, with examples."""
        lines = ["what the graph lacks:" if self.gaps else "the graph lacks nothing that can be seen"]
        for gap in self.gaps[:most]:
            shown = ", ".join(map(clean_name, gap.examples))
            lines.append(f"{gap.number:>9,}  {gap.what} ({shown}): {gap.costs}")
        if len(self.gaps) > most:
            lines.append(f"          ... and {len(self.gaps) - most} more")
        return "\n".join(lines)


def _degrees(graph: IndexedGraph) -> NDArray[np.int64]:
    degrees: NDArray[np.int64] = np.diff(graph.outward.offsets) + np.diff(graph.inward.offsets)
    return degrees


def _unnamed(graph: IndexedGraph) -> Gap:
    """Nodes of a name in the graph (an IRI, not a blank node) without a label."""
    nodes = np.flatnonzero(~graph.named & (_degrees(graph) > 0) & (graph.kinds == NodeKind.RESOURCE))
    return Gap(
        "entities without a name",
        len(nodes),
        _entities(graph, nodes),
        "they are mediators, never topics or answers",
    )


def _dead_ends(graph: IndexedGraph) -> Gap:
    nodes = np.flatnonzero(~graph.named & (_degrees(graph) == 1))
    return Gap(
        "mediators with a single fact", len(nodes), _entities(graph, nodes), "no chain passes through them"
    )


def _ambiguous(graph: IndexedGraph) -> Gap:
    """Labels that several entities have (literals left out)."""
    nodes = np.flatnonzero(graph.named & (graph.kinds == NodeKind.RESOURCE) & (_degrees(graph) > 0))
    seen: dict[str, int] = {}
    for node in nodes.tolist():
        name = fold_name(graph.labels[node])
        seen[name] = seen.get(name, 0) + 1
    shared = sorted((name for name, count in seen.items() if count > 1), key=lambda name: (-seen[name], name))
    examples = tuple(f"{name}: {seen[name]}" for name in shared[:_EXAMPLES])
    return Gap("names of several entities", len(shared), examples, "a question means all of them")


def _unreached(graph: IndexedGraph) -> Gap:
    """Relations none of whose facts has a named entity at either end."""
    named = graph.named
    sources = np.repeat(np.arange(graph.entity_count), np.diff(graph.outward.offsets))
    useful = named[sources] | named[graph.outward.targets]
    counts = np.bincount(graph.outward.relations[useful], minlength=graph.relation_count)
    lost = np.flatnonzero((counts == 0) & (fact_counts(graph) > 0))
    names = tuple(graph.relation_labels[number] for number in lost[:_EXAMPLES].tolist())
    return Gap(
        "relations between unnamed nodes only", len(lost), names, "chains reach them by longer ways only"
    )


def _coded_relations(graph: IndexedGraph) -> Gap:
    used = np.flatnonzero(fact_counts(graph)).tolist()
    labels = [graph.relation_labels[relation] for relation in used]
    found = [label for label in labels if not _WORD.search(label)]
    return Gap(
        "relations whose name has no word",
        len(found),
        tuple(found[:_EXAMPLES]),
        "a model cannot tell what they say; name them",
    )


def _one_sided(graph: IndexedGraph) -> Iterator[Gap]:
    """Pairs of relations that are each other's inverse in most facts, and lack it in others."""
    if not 0 < len(graph) <= _MOST_FACTS:
        return
    heads = np.repeat(np.arange(graph.entity_count, dtype=np.int64), np.diff(graph.outward.offsets))
    tails, relations = graph.outward.targets.astype(np.int64), graph.outward.relations.astype(np.int64)
    keys, back = heads * graph.entity_count + tails, tails * graph.entity_count + heads
    order = np.argsort(keys, kind="stable")
    low, high = np.searchsorted(keys[order], back), np.searchsorted(keys[order], back, side="right")
    counts = np.maximum(high - low, 0)
    own = np.repeat(relations, counts)
    starts = np.cumsum(counts) - counts
    places = np.arange(int(counts.sum())) - np.repeat(starts, counts) + np.repeat(low, counts)
    pairs, found = np.unique(own * graph.relation_count + relations[order][places], return_counts=True)
    facts = fact_counts(graph)
    order = np.argsort(found, kind="stable")  # of a relation's partners the most frequent comes last
    partners = {
        pair // graph.relation_count: (pair % graph.relation_count, count)
        for pair, count in zip(pairs[order].tolist(), found[order].tolist(), strict=True)
    }
    for one, (other, count) in sorted(partners.items()):
        lacking = int(facts[one]) - count
        if lacking and count >= _INVERSE * facts[one] and facts[one] >= _FEW:
            first, second = graph.relation_labels[one], graph.relation_labels[other]
            what = f"facts of {first!r} without the {second!r} in return that most have"
            missing = _without_return(graph, one, other)
            yield Gap(what, lacking, missing, f"answers by {second!r} are incomplete")


def _without_return(graph: IndexedGraph, one: int, other: int) -> tuple[str, ...]:
    """Some facts of a relation whose ends are not joined by another in return."""
    found: list[str] = []
    for fact in graph.match(relation=graph.relation(one)):
        if (fact.tail, graph.relation(other), fact.head) not in graph:
            found.append(f"{_name(graph, fact.head)} to {_name(graph, fact.tail)}")
        if len(found) == _EXAMPLES:
            break
    return tuple(found)


def _mixed(graph: IndexedGraph) -> Iterator[Gap]:
    """Relations whose values are partly of another type; of each, some values are looked at."""
    if len(graph) > _MOST_FACTS:
        return
    order = np.argsort(graph.outward.relations, kind="stable")
    bounds = np.append(0, np.cumsum(fact_counts(graph)))
    for relation in range(graph.relation_count):
        ends = graph.outward.targets[order[bounds[relation] : bounds[relation + 1]]]
        nodes = np.unique(ends[:: max(1, len(ends) // _LOOKED_AT)])
        kinds: dict[ValueKind, list[int]] = {}
        for node in nodes.tolist():
            kinds.setdefault(guess_value(graph.labels[node]).kind, []).append(node)
        usual = max(kinds, key=lambda kind: len(kinds[kind]), default=ValueKind.TEXT)
        rare = [node for kind in kinds if kind is not usual for node in kinds[kind]]
        if usual is not ValueKind.TEXT and 0 < len(rare) <= _MIXED * len(nodes):
            name = graph.relation_labels[relation]
            what = f"values of {name!r} that are no {usual.name.lower()}, as others are"
            examples = tuple(graph.labels[node] for node in rare[:_EXAMPLES])
            yield Gap(what, len(rare), examples, "they are left out where values are compared")


def _entities(graph: IndexedGraph, nodes: NDArray[Any]) -> tuple[str, ...]:
    return tuple(graph.entity(node) for node in nodes[:_EXAMPLES].tolist())


def _name(graph: IndexedGraph, entity: str) -> str:
    return graph.label(entity) or entity
