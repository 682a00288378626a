"""The dictionaries of an index, and the names of its entities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import marisa_trie
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from kgqa.graph.arrays.mapped_array import map_array, save_array
from kgqa.graph.builder import name_keys
from kgqa.graph.building.array_file import ArrayFile, TextFile, mapped_texts
from kgqa.graph.building.entity_merge import MergedEntities
from kgqa.graph.building.fact_run import NO_KIND
from kgqa.graph.naming import Naming, is_iri, local_name, spoken_name
from kgqa.graph.statement import NodeKind
from kgqa.graph.text_column import TextColumn

__all__ = ["write_entities", "write_relations"]

GATHERED = 1_000_000
"""Texts that are brought into another order at a time."""


def write_relations(
    relations: dict[str, int], labels: dict[str, str], index: Path
) -> tuple[marisa_trie.Trie, NDArray[np.int32]]:
    """Write the dictionary of relations and their names; also returns the final number of each."""
    trie = marisa_trie.Trie(relations)
    numbers = np.fromiter((trie[relation] for relation in relations), dtype=np.int32, count=len(relations))
    texts = [""] * len(relations)
    for relation in relations:
        name = local_name(relation) if is_iri(relation) else relation
        texts[trie[relation]] = labels.get(relation, name)
    column = TextColumn.of(texts)
    save_array(index / "relation_labels_offsets.npy", column.offsets)
    save_array(index / "relation_labels_data.npy", column.data)
    trie.save(str(index / "relations.marisa"))
    return trie, numbers


def write_entities(
    merged: MergedEntities, naming: Naming, folder: Path, index: Path
) -> tuple[marisa_trie.Trie, NDArray[np.int32]]:
    """Write the dictionary of entities, their kinds and names; also returns the number of each rank."""
    marisa_trie.Trie(_entities(merged)).save(str(index / "entities.marisa"))  # not kept: the file is mapped
    trie = marisa_trie.Trie().mmap(str(index / "entities.marisa"))
    numbers = np.fromiter(map(trie.__getitem__, _entities(merged)), dtype=np.int32, count=len(trie))
    _write_texts(merged, naming, folder)
    marisa_trie.RecordTrie("<IB", _name_keys(folder, numbers)).save(str(index / "names.marisa"))
    ranks = np.empty(len(numbers), dtype=np.int32)
    ranks[numbers] = np.arange(len(numbers), dtype=np.int32)
    with TextFile(index, "labels") as labels, ArrayFile(index / "kinds.npy", np.uint8) as kinds:
        texts, own = mapped_texts(folder, "labels"), map_array(folder / "kinds.npy")
        for some in _pieces(ranks):
            labels.append(texts.take(pa.array(some)))
            kinds.append(own[some])
    counts = np.zeros(len(numbers) + 1, dtype=np.int64)
    with TextFile(index, "aliases") as aliases:
        offsets = map_array(folder / "alias_offsets.npy")
        lists = pa.LargeListArray.from_arrays(pa.array(offsets), mapped_texts(folder, "aliases"))
        for some in _pieces(ranks):
            aliases.append(lists.take(pa.array(some)).flatten())
    np.cumsum(np.diff(offsets)[ranks], out=counts[1:])
    save_array(index / "alias_offsets.npy", counts)
    return trie, numbers


def _entities(merged: MergedEntities) -> Iterator[str]:
    for batch in merged.batches():
        yield from batch["entity"].to_pylist()


def _write_texts(merged: MergedEntities, naming: Naming, folder: Path) -> None:
    """Write labels, aliases and kinds in the order of ranks."""
    total = 0
    with (
        TextFile(folder, "labels") as labels,
        TextFile(folder, "aliases") as aliases,
        ArrayFile(folder / "alias_offsets.npy", np.int64) as alias_offsets,
        ArrayFile(folder / "kinds.npy", np.uint8) as kinds,
    ):
        alias_offsets.append(np.zeros(1, dtype=np.int64))
        for batch in merged.batches():
            own, others = _names(batch, naming)
            labels.append(pa.array(own, pa.large_string()))
            aliases.append(pa.array([text for texts in others for text in texts], pa.large_string()))
            ends = total + np.cumsum([len(texts) for texts in others])
            total = int(ends[-1]) if len(ends) else total
            alias_offsets.append(ends)
            kind = batch["kind"].to_numpy()
            kinds.append(np.where(kind == NO_KIND, NodeKind.RESOURCE, kind))


def _names(batch: Any, naming: Naming) -> tuple[list[str], list[Sequence[str]]]:
    """The name of each entity, and its aliases."""
    labels: list[str] = []
    aliases: list[Sequence[str]] = []
    columns = (batch["entity"].to_pylist(), batch["kind"].to_pylist(), batch["label"].to_pylist())
    for entity, kind, said, others in zip(*columns, batch["aliases"].to_pylist(), strict=True):
        label = said or naming.name(entity, None if kind == NO_KIND else NodeKind(kind))
        if label and naming.speaks and is_iri(entity):
            words = spoken_name(label)
            others = (*(others or ()), *((label,) if words != label else ()))
            label = words
        labels.append(label)
        aliases.append([text for text in dict.fromkeys(others) if text != label] if others else ())
    return labels, aliases


def _name_keys(folder: Path, numbers: NDArray[np.int32]) -> Iterator[tuple[str, tuple[int, int]]]:
    labels, aliases = mapped_texts(folder, "labels"), mapped_texts(folder, "aliases")
    offsets = map_array(folder / "alias_offsets.npy")
    for some in _pieces(np.arange(len(numbers))):
        start, ends = int(some[0]), offsets[int(some[0]) : int(some[-1]) + 2].tolist()
        own = labels.slice(start, len(some)).to_pylist()
        if ends[0] == ends[-1]:
            for number, label in zip(numbers[some].tolist(), own, strict=True):
                yield from name_keys(number, label, ())
            continue
        for number, label, (low, high) in zip(numbers[some].tolist(), own, pairwise(ends), strict=True):
            yield from name_keys(number, label, aliases.slice(low, high - low).to_pylist())


def _pieces(values: NDArray[Any]) -> Iterator[NDArray[Any]]:
    for start in range(0, len(values), GATHERED):
        yield values[start : start + GATHERED]
