"""Adds facts to an index and removes them, and makes one index of all changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kgqa.errors import IndexFolderError, check_path
from kgqa.graph.building import FactBlock, IndexBuilder
from kgqa.graph.building.array_file import TextFile, mapped_texts
from kgqa.graph.index_folder import FEEDS, open_index, read_changes, read_manifest
from kgqa.graph.index_writer import locked, write_changes, writing
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.sources.fact_sources import FactSources
from kgqa.graph.statement import Name, Node, NodeKind, Quad, RelationName, Statement, Triple, as_triples
from kgqa.graph.updating.changes import Changes
from kgqa.graph.updating.feed_position import FeedPosition, position_in
from kgqa.graph.updating.layering import NO_NAMING, default_names, default_relation_name

__all__ = ["FeedStep", "Update", "add_facts", "apply_step", "compact_index", "remove_facts"]

ENTITIES = 65_536
"""Entities of which the facts are read at a time."""


@dataclass(frozen=True)
class Update:
    """What an update did."""

    facts: int
    """Facts that are new, or that were removed."""
    unchanged: int
    """Facts given that were there already, from the same source if they have one, or that were not there."""
    changes: int
    """All changes of the index since it was built or compacted."""
    checksum: str
    """That of the graph with its changes."""
    sourced: int = 0
    """Facts that were there already, and have one more source now."""


@dataclass(frozen=True)
class FeedStep:
    """What a step of a feed did."""

    added: int
    """Facts that are new, or have one more source now."""
    removed: int
    """Facts that are gone, or have one source less now."""
    unchanged: int
    """Facts that were there already, or that were not there."""
    changes: int
    """All changes of the index since it was built or compacted."""


def add_facts(folder: str | Path, statements: Iterable[Statement | tuple[str, str, str]]) -> Update:
    """Add facts, their sources (`Quad`) and names to an index: whoever opens it from now on has them.

    The index itself stays as it is; the changes are a file beside it, replaced in one step. Takes time for
    the changes, not for the graph. Graphs that are open go on with what they have.

    Raises `IndexFolderError` for a folder without an index, or that cannot be written; `StatementError`.
    """
    some = [one if isinstance(one, Statement) else as_triples([one])[0] for one in statements]
    given = sum(isinstance(one, Triple | Quad) for one in some)
    return _update(folder, given, lambda changes, index: changes.add(some, index))


def remove_facts(folder: str | Path, triples: Iterable[Triple | Quad | tuple[str, str, str]]) -> Update:
    """Remove facts from an index, in the same way, each with all of its sources; names stay.

    Facts that are not there are passed over.
    """
    gone = as_triples(triples)
    return _update(folder, len(gone), lambda changes, index: (changes.remove(gone, index), 0))


def compact_index(folder: str | Path, progress: Callable[[int], None] | None = None) -> IndexedGraph:
    """Build the index again with all of its changes; returns the new graph.

    The new index is that of a build from all facts, byte for byte. Reads and writes the whole graph;
    updates wait until it is done.
    """
    folder = check_path(folder, "folder")
    naming = open_index(folder).naming
    if naming is None:
        raise IndexFolderError(f"{folder}: {NO_NAMING}")
    with IndexBuilder(folder, naming.mediators.pattern, naming.unlabelled) as builder:
        work = builder.workspace()  # from here on, nobody else changes the folder
        graph = open_index(folder)
        if graph.changed:
            builder.add_all(_statements(graph, work), progress)
            builder.save(graph.facts_about, read_manifest(folder).get(FEEDS))
    return open_index(folder)


def apply_step(
    folder: str | Path,
    feed: str,
    before: FeedPosition | None,
    after: FeedPosition,
    removed: Iterable[Statement],
    added: Iterable[Statement],
) -> FeedStep | None:
    """Remove facts and names, add others, and move on in a feed, all in one step.

    None, and nothing is changed, where the index is not at `before` in the feed. Raises as `add_facts`.
    """
    folder = check_path(folder, "folder")
    gone, new = list(removed), list(added)
    given = sum(isinstance(one, Triple | Quad) for one in (*gone, *new))
    with writing(folder), locked(folder):
        if position_in(read_manifest(folder), feed) != before:
            return None
        index, changes = _changes_of(folder)
        less = changes.remove(gone, index)
        more = sum(changes.add(new, index))
        write_changes(folder, changes, {feed: after.facts})
        return FeedStep(more, less, given - more - less, len(changes))


def _changes_of(folder: Path) -> tuple[IndexedGraph, Changes]:
    index, changes = read_changes(folder)
    if index.naming is None:
        raise IndexFolderError(f"{folder}: {NO_NAMING}")
    return index, changes


def _update(
    folder: str | Path, given: int, change: Callable[[Changes, IndexedGraph], tuple[int, int]]
) -> Update:
    folder = check_path(folder, "folder")
    read_manifest(folder)  # other folders get no lock
    with writing(folder), locked(folder):
        index, changes = _changes_of(folder)
        done, sourced = change(changes, index)
        write_changes(folder, changes)
        checksum = open_index(folder, verify=False).checksum
        return Update(done, given - done - sourced, len(changes), checksum, sourced)


def _statements(graph: IndexedGraph, work: Path) -> Iterator[Statement | FactBlock]:
    """All that a graph says, for a builder; what follows from its identifiers is not said."""
    naming = graph.naming
    assert naming is not None
    for number in range(graph.relation_count):
        relation, text = graph.relation(number), graph.relation_labels[number]
        if text != default_relation_name(relation):
            yield RelationName(relation, text)
    with TextFile(work, "identifiers") as identifiers:
        for numbers in _ranges(graph.entity_count):
            texts = [graph.entity(number) for number in numbers.tolist()]
            identifiers.append(pa.array(texts, pa.large_string()))
            alone = (graph.outward.degrees(numbers) + graph.inward.degrees(numbers)) == 0
            for number, entity, is_alone in zip(numbers.tolist(), texts, alone.tolist(), strict=True):
                if is_alone and entity not in graph.entities:
                    continue
                kind = NodeKind(int(graph.kinds[number]))
                names = default_names(entity, kind, naming)
                label, aliases = graph.labels[number], graph.alias_texts(entity)
                is_plain = (label, aliases) == names
                if kind is not NodeKind.RESOURCE:
                    yield Node(entity, kind)
                elif is_alone and is_plain:
                    yield Name(entity, "")  # no name, but an entity
                if label and label != names[0]:
                    yield Name(entity, label)
                derived = names[1] if label == names[0] else ()
                yield from (Name(entity, alias, alias=True) for alias in aliases if alias not in derived)
    entities = mapped_texts(work, "identifiers")
    relations = pa.array(map(graph.relation, range(graph.relation_count)), pa.large_string())
    for numbers in _ranges(graph.entity_count):
        owners, taken, targets = graph.outward.gather(numbers)
        if not len(owners):
            continue
        block = FactBlock(
            entities.take(pa.array(numbers[owners])),
            relations.take(pa.array(taken)),
            entities.take(pa.array(targets)),
        )
        if graph.provenance is None:
            yield block
        else:
            yield _sourced(block, graph.provenance, int(numbers[0]), int(numbers[-1]) + 1)


def _sourced(block: FactBlock, provenance: FactSources, first: int, stop: int) -> FactBlock:
    """The facts that leave some entities, each once for every source that says it."""
    pairs = provenance.leaving(first, stop)
    plain = np.setdiff1d(np.arange(len(block)), pairs.facts)
    rows = pa.array(np.concatenate([pairs.facts, plain]))
    numbers, places = np.unique(pairs.sources, return_inverse=True)
    named = [provenance.name(number) for number in numbers.tolist()]
    sources = pa.array(named, pa.large_string()).take(pa.array(places))
    sources = pa.concat_arrays([sources, pa.nulls(len(plain), pa.large_string())])
    heads, relations, tails = (column.take(rows) for column in block[:3])
    return FactBlock(heads, relations, tails, sources)


def _ranges(count: int) -> Iterator[Any]:
    for start in range(0, count, ENTITIES):
        yield np.arange(start, min(start + ENTITIES, count))
