"""Merges the entities and names of runs into one sorted list."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kgqa.graph.building.fact_run import NO_KIND, FactRun
from kgqa.graph.name import clean_name
from kgqa.graph.naming import IRI_BEGINNINGS, IriCounts

__all__ = ["MergedEntities", "merge_entities"]

SAMPLES = 64
"""Entities looked at for each boundary between the parts that are merged one after the other."""

_SCHEMA = pa.schema(
    {
        "entity": pa.large_string(),
        "kind": pa.uint8(),
        "label": pa.large_string(),
        "aliases": pa.list_(pa.large_string()),
    }
)


@dataclass(frozen=True)
class MergedEntities:
    """All entities of a build, sorted, in a file; what decides their names; labels of relations."""

    path: Path
    counts: IriCounts
    relation_labels: dict[str, str]

    def batches(self) -> Iterator[Any]:
        """The entities in parts: `pyarrow.RecordBatch` of `entity`, `kind`, `label` and `aliases`."""
        with pa.memory_map(str(self.path)) as source:
            yield from pa.ipc.open_stream(source)


class _Part(NamedTuple):
    """The entities of one part, sorted, with where those of each run stand among them."""

    entities: Any
    places: list[NDArray[np.int32]]
    relation_labels: dict[str, str]
    labels: dict[str, str]
    aliases: dict[str, list[str]]


def merge_entities(
    runs: Sequence[FactRun], relations: Container[str], folder: Path, size: int
) -> MergedEntities:
    """Merge the entities of runs, about `size` of them at a time.

    A name whose entity is only a relation is a label of that relation.
    """
    entities = [run.entities for run in runs]
    names = [run.names for run in runs]
    kinds = [run.kinds for run in runs]
    boundaries = _boundaries([*entities, *(table["entity"] for table in names)], size)
    cuts = [_cuts(column, boundaries) for column in entities]
    name_cuts = [_cuts(table["entity"], boundaries) for table in names]
    path = folder / "entities.arrows"
    counts = np.zeros(4, dtype=np.int64)
    relation_labels: dict[str, str] = {}
    with ExitStack() as stack:
        sink = stack.enter_context(pa.OSFile(str(path), "wb"))
        writer = stack.enter_context(pa.ipc.new_stream(sink, _SCHEMA))
        for at in range(len(boundaries) + 1):
            said = pa.concat_tables(_slices(names, name_cuts, at))
            part = _merge(_slices(entities, cuts, at), said, relations)
            relation_labels |= part.relation_labels
            kind = np.full(len(part.entities), NO_KIND, dtype=np.uint8)
            for run, own, places in zip(runs, _slices(kinds, cuts, at), part.places, strict=True):
                run.add_ranks(places + np.int32(counts[0]))
                given = own.to_numpy()
                kind[places[given != NO_KIND]] = given[given != NO_KIND]
            batch = _batch(part, kind)
            counts += _counts(batch)
            writer.write_batch(batch)
    return MergedEntities(path, IriCounts(*counts.tolist()), relation_labels)


def _boundaries(columns: Sequence[Any], size: int) -> list[str]:
    """Texts that cut sorted columns into parts of about `size` texts together."""
    total = sum(map(len, columns))
    parts = -(-total // size)
    if parts < 2:
        return []
    stride = max(1, total // (parts * SAMPLES))
    samples = sorted(text for column in columns for text in column[::stride].to_pylist())
    chosen = [samples[at * len(samples) // parts] for at in range(1, parts)]
    return list(dict.fromkeys(chosen))


def _cuts(column: Any, boundaries: Sequence[str]) -> list[int]:
    """Where the parts of a sorted column begin and end."""
    places = range(len(column))
    inner = (
        bisect_left(places, boundary.encode(), key=lambda at: column[at].as_py().encode())
        for boundary in boundaries
    )
    return [0, *inner, len(column)]


def _slices(columns: Sequence[Any], cuts: Sequence[Sequence[int]], part: int) -> list[Any]:
    """One part of each column."""
    bounds = [cut[part : part + 2] for cut in cuts]
    return [column.slice(low, high - low) for column, (low, high) in zip(columns, bounds, strict=True)]


def _merge(slices: Sequence[Any], said: Any, relations: Container[str]) -> _Part:
    encoded = pa.concat_arrays([pa.array([], pa.large_string()), *slices]).dictionary_encode()
    found = encoded.dictionary
    names = said.to_pydict()
    others = dict.fromkeys(names["entity"])
    if others:
        named = pa.array(list(others), pa.large_string())
        named = named.filter(pc.invert(pc.is_in(named, value_set=found)))
        others = dict.fromkeys(named.to_pylist())
        added = [text for text in others if text not in relations]
        others = {text: None for text in others if text in relations}
        found = pa.concat_arrays([found, pa.array(added, pa.large_string())])
    order = pc.sort_indices(found)
    rank = np.empty(len(found), dtype=np.int32)
    rank[order.to_numpy(zero_copy_only=False)] = np.arange(len(found), dtype=np.int32)
    numbers = rank[encoded.indices.to_numpy(zero_copy_only=False)]
    ends = np.cumsum([0, *map(len, slices)]).tolist()
    labels: dict[str, str] = {}
    aliases: dict[str, list[str]] = {}
    for entity, text, alias in zip(names["entity"], names["text"], names["alias"], strict=True):
        if not clean_name(text):
            continue
        if alias or entity in labels:
            aliases.setdefault(entity, []).append(text)
        else:
            labels[entity] = text
    return _Part(
        found.take(order),
        [numbers[start:stop] for start, stop in pairwise(ends)],
        {entity: labels.pop(entity) for entity in others if entity in labels},
        labels,
        aliases,
    )


def _batch(part: _Part, kind: NDArray[np.uint8]) -> Any:
    count = len(part.entities)
    if part.labels or part.aliases:
        entities = part.entities.to_pylist()
        labels = pa.array([part.labels.get(entity) for entity in entities], pa.large_string())
        aliases = pa.array([part.aliases.get(entity) for entity in entities], _SCHEMA.field("aliases").type)
    else:
        labels = pa.nulls(count, pa.large_string())
        aliases = pa.nulls(count, _SCHEMA.field("aliases").type)
    columns = [part.entities, pa.array(kind, pa.uint8()), labels, aliases]
    return pa.record_batch(columns, schema=_SCHEMA)


def _counts(batch: Any) -> NDArray[np.int64]:
    """Entities, IRIs, IRIs with labels, entities with a kind."""
    is_iri = np.zeros(len(batch), dtype=np.bool_)
    for beginning in IRI_BEGINNINGS:
        is_iri |= pc.starts_with(batch["entity"], beginning).to_numpy(zero_copy_only=False)
    labelled = is_iri & batch["label"].is_valid().to_numpy(zero_copy_only=False)
    kinds = batch["kind"].to_numpy() != NO_KIND
    return np.array([len(batch), is_iri.sum(), labelled.sum(), kinds.sum()])
