"""What two graphs have otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.diff.changed_texts import changed_spans, changed_texts
from kgqa.diff.fact_table import FactTable
from kgqa.diff.fact_text import fact_object, shown_fact
from kgqa.diff.numbering import numbers_in
from kgqa.diff.relabelled import Relabelled
from kgqa.diff.renamed import Renamed, find_renamed
from kgqa.graph import IndexedGraph, clean_name

__all__ = ["GraphDiff"]

MOST_MATCHED = 100_000
"""Facts that are looked at to find what goes by another identifier."""
MOST_LISTED = 100
"""So many of each kind are in the JSON form, unless more are asked for."""


@dataclass(frozen=True, eq=False)
class GraphDiff:
    """The facts, entities, relations and names that differ, by identifiers.

    `added` are facts of `new` that `old` has not, `removed` the reverse; so with entities and relations,
    which are numbers of the graph that has them. `relabelled` are those of both graphs with other names.

    >>> from kgqa.graph import GraphBuilder
    >>> old = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> new = GraphBuilder.of([("Kismet", "directed_by", "Joel Zwick")])
    >>> found = GraphDiff.of(old, new)
    >>> list(found.added), len(found.removed), [new.entity(one) for one in found.added_entities]
    ([Triple(head='Kismet', relation='directed_by', tail='Joel Zwick')], 1, ['Joel Zwick'])
    """

    old: IndexedGraph
    new: IndexedGraph
    added: FactTable
    removed: FactTable
    added_entities: NDArray[np.int64]
    removed_entities: NDArray[np.int64]
    added_relations: NDArray[np.int64]
    removed_relations: NDArray[np.int64]
    relabelled: tuple[Relabelled, ...]
    names: tuple[str, str] = ("old", "new")

    @classmethod
    def of(cls, old: IndexedGraph, new: IndexedGraph, names: tuple[str, str] = ("old", "new")) -> GraphDiff:
        """Compare two graphs, which are shown by `names`; texts are made only of what differs."""
        forth = numbers_in(new.entities, old.entities, old.entity_count)
        there, there_now = _is_there(old), _is_there(new)
        forth[~there] = -1
        back = _inverse(forth, new.entity_count)
        steps = numbers_in(new.relation_names, old.relation_names, old.relation_count)
        steps_back = _inverse(steps, new.relation_count)
        facts, facts_now = FactTable.of(old), FactTable.of(new)
        used, used_now = _used(facts, old), _used(facts_now, new)
        return cls(
            old,
            new,
            facts_now.missing_in(facts, back, steps_back),
            facts.missing_in(facts_now, forth, steps),
            np.flatnonzero(there_now & (back < 0)),
            np.flatnonzero(there & (forth < 0)),
            np.flatnonzero(used_now & ~_mapped(used, steps_back)),
            np.flatnonzero(used & ~_mapped(used_now, steps)),
            (*_entities(old, new, forth), *_relations(old, new, steps)),
            names,
        )

    def __bool__(self) -> bool:
        """Whether anything differs."""
        facts, entities = (
            len(self.added) + len(self.removed),
            len(self.added_entities) + len(self.removed_entities),
        )
        return facts + entities + len(self.relabelled) > 0

    @cached_property
    def by_identifier(self) -> Mapping[str, Relabelled]:
        """What is relabelled, by its identifier."""
        return {one.identifier: one for one in self.relabelled}

    @cached_property
    def renamed(self) -> tuple[Renamed, ...]:
        """What is probably the same under another identifier; not looked for among very many facts."""
        if len(self.removed) + len(self.added) > MOST_MATCHED:
            return ()
        entities = (
            [self.old.entity(one) for one in self.removed_entities.tolist()],
            [self.new.entity(one) for one in self.added_entities.tolist()],
        )
        relations = (
            [self.old.relation(one) for one in self.removed_relations.tolist()],
            [self.new.relation(one) for one in self.added_relations.tolist()],
        )
        return tuple(find_renamed(self.removed, self.added, entities, relations))

    @property
    def summary(self) -> str:
        """The counts in one line."""
        return (
            f"facts: {len(self.added):,} added, {len(self.removed):,} removed; entities: "
            f"{len(self.added_entities):,} added, {len(self.removed_entities):,} removed; "
            f"{len(self.relabelled):,} relabelled"
        )

    def describe(self, most: int = 10) -> str:
        """Lines for people: the summary, and up to `most` of each kind."""
        return "\n".join(self._lines(most))

    def to_dict(self, most: int = MOST_LISTED) -> dict[str, Any]:
        """As JSON values: counts, and up to `most` of each kind; of relations, all."""
        added, removed = (
            self._entities(self.new, self.added_entities),
            self._entities(self.old, self.removed_entities),
        )
        return {
            "old": {"graph": self.names[0], **_sizes(self.old)},
            "new": {"graph": self.names[1], **_sizes(self.new)},
            "facts": {
                "added": len(self.added),
                "removed": len(self.removed),
                "listed": {
                    "added": [fact_object(fact, self.new) for fact in self.added.first(most)],
                    "removed": [fact_object(fact, self.old) for fact in self.removed.first(most)],
                },
            },
            "entities": {
                "added": len(self.added_entities),
                "removed": len(self.removed_entities),
                "listed": {"added": list(islice(added, most)), "removed": list(islice(removed, most))},
            },
            "relations": {
                "added": [self.new.relation(one) for one in self.added_relations.tolist()],
                "removed": [self.old.relation(one) for one in self.removed_relations.tolist()],
            },
            "relabelled": {
                "count": len(self.relabelled),
                "listed": [one.to_dict() for one in self.relabelled[:most]],
            },
            "renamed": {
                "count": len(self.renamed),
                "listed": [one.to_dict() for one in self.renamed[:most]],
            },
        }

    def _lines(self, most: int) -> Iterator[str]:
        yield self.summary
        for sign, facts in (("-", self.removed), ("+", self.added)):
            yield from (f"  {sign} {shown_fact(fact, facts.graph)}" for fact in facts.first(most))
            yield from _more(len(facts) - most)
        yield from (f"  ~ {one.describe()}" for one in self.relabelled[:most])
        yield from _more(len(self.relabelled) - most)
        yield from (f"  ~ {one.describe()}" for one in self.renamed[:most])
        yield from _more(len(self.renamed) - most)
        for what, graph, numbers in (
            ("gone", self.old, self.removed_relations),
            ("new", self.new, self.added_relations),
        ):
            shown = (clean_name(graph.relation_labels[one]) for one in numbers[:most].tolist())
            yield from (f"  {what} relation: {name}" for name in shown)
            yield from _more(len(numbers) - most)

    def _entities(self, graph: IndexedGraph, numbers: NDArray[np.int64]) -> Iterator[dict[str, str | None]]:
        for number in numbers.tolist():
            yield {"entity": graph.entity(number), "name": graph.labels[number] or None}


def _sizes(graph: IndexedGraph) -> dict[str, Any]:
    return {
        "facts": len(graph),
        "entities": len(graph.entities),
        "relations": graph.relation_count,
        "version": graph.checksum,
    }


def _is_there(graph: IndexedGraph) -> NDArray[np.bool_]:
    """Which numbers are of entities: in a graph that was changed, not of those that lost their last fact."""
    found = np.ones(graph.entity_count, dtype=np.bool_)
    if graph.difference is not None:
        numbers = graph.difference.entities.tolist()
        found[numbers] = [graph.entity(number) in graph.entities for number in numbers]
    return found


def _used(facts: FactTable, graph: IndexedGraph) -> NDArray[np.bool_]:
    """Which relations have facts."""
    return np.bincount(facts.relations, minlength=graph.relation_count) > 0


def _mapped(flags: NDArray[np.bool_], numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The flags at some numbers; not set for what has none."""
    found = numbers >= 0
    found[found] = flags[numbers[found]]
    return found


def _inverse(numbers: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The places of numbers, by number; -1 for those that are not there."""
    found = np.full(count, -1, dtype=np.int64)
    (known,) = np.nonzero(numbers >= 0)
    found[numbers[known]] = known
    return found


def _entities(old: IndexedGraph, new: IndexedGraph, forth: NDArray[np.int64]) -> Iterator[Relabelled]:
    (at,) = np.nonzero(forth >= 0)
    changed = changed_texts(old.labels, at, new.labels, forth[at]) | _aliases_changed(old, at, new, forth[at])
    for number in at[changed].tolist():
        entity = old.entity(number)
        labels = old.labels[number], new.labels[int(forth[number])]
        aliases = old.alias_texts(entity), new.alias_texts(entity)
        if labels[0] != labels[1] or sorted(aliases[0]) != sorted(aliases[1]):
            yield Relabelled("entity", entity, *labels, *aliases)


def _aliases_changed(
    old: IndexedGraph, at: NDArray[np.int64], new: IndexedGraph, there: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which entities may have other aliases. Those that were changed after the build are among them."""
    changed = np.isin(at, list(old.changed_aliases)) | np.isin(there, list(new.changed_aliases))
    (same,) = np.nonzero(~changed & (at < len(old.alias_offsets) - 1) & (there < len(new.alias_offsets) - 1))
    places = at[same], there[same]
    texts, lengths = [], []
    for graph in (old, new):
        ends = graph.aliases.offsets
        texts.append((ends[graph.alias_offsets], graph.aliases.data))
        lengths.append((graph.alias_offsets, np.diff(ends)))
    changed[same] = changed_spans(texts[0], places[0], texts[1], places[1])
    changed[same] |= changed_spans(lengths[0], places[0], lengths[1], places[1])
    return changed


def _relations(old: IndexedGraph, new: IndexedGraph, steps: NDArray[np.int64]) -> Iterator[Relabelled]:
    for number in np.flatnonzero(steps >= 0).tolist():
        labels = old.relation_labels[number], new.relation_labels[int(steps[number])]
        if labels[0] != labels[1]:
            yield Relabelled("relation", old.relation(number), *labels)


def _more(count: int) -> Iterator[str]:
    if count > 0:
        yield f"    ... and {count:,} more"
