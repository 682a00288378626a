"""A run: some of the facts of a build, on disk, with their entities sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from kgqa.errors import StatementError
from kgqa.graph.arrays.mapped_array import map_array, save_array
from kgqa.graph.builder import check_identifier, check_relation
from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.sources.fact_sources import NO_SOURCE
from kgqa.graph.statement import Name, Node

__all__ = ["NO_KIND", "FactRun", "RunWriter"]

FACT_BYTES = 128
"""Texts of so many bytes count as one fact."""
NO_KIND = 255
"""Marks entities of which nothing says what kind they are."""
_PARTS = ("heads", "relations", "tails")


@dataclass(frozen=True)
class FactRun:
    """A run in a folder, memory-mapped; no file stays open, so that there may be any number of runs.

    `entities` are its distinct entities, sorted; `heads` and `tails` are places among them, `relations`
    numbers of the whole build, as are `sources`, if any fact has one. `kinds` has a kind or `NO_KIND` for
    each entity. `names` is a table of the columns `entity`, `text` and `alias`, sorted by entity, those of
    one entity in the order given. `ranks` are those of the entities among all of the build, known when runs
    are merged.
    """

    folder: Path

    @property
    def entities(self) -> Any:
        """The distinct entities, sorted."""
        return _column(self.folder / "entities.arrow", "entity")

    @property
    def kinds(self) -> Any:
        """The kinds of its entities."""
        return _column(self.folder / "entities.arrow", "kind")

    @property
    def names(self) -> Any:
        """The names that the run says."""
        return _table(self.folder / "names.arrow")

    def array(self, part: str) -> NDArray[Any]:
        """`heads`, `relations` or `tails`."""
        return map_array(self.folder / f"{part}.npy")

    @property
    def sources(self) -> NDArray[np.int32] | None:
        """The number of the source of each fact; None where no fact has one."""
        path = self.folder / "sources.npy"
        return map_array(path) if path.exists() else None

    @property
    def ranks(self) -> NDArray[np.int32]:
        """The rank of each of its entities among all."""
        return np.fromfile(self.folder / "ranks", dtype=np.int32)

    def forget_ranks(self) -> None:
        """Remove the ranks that a merge which was stopped has stored."""
        (self.folder / "ranks").unlink(missing_ok=True)

    def add_ranks(self, ranks: NDArray[np.int32]) -> None:
        """Store the ranks of its next entities."""
        with (self.folder / "ranks").open("ab") as stream:
            stream.write(ranks.data)


@dataclass
class RunWriter:
    """Collects facts, kinds and names, and writes them to a run."""

    relations: dict[str, int]
    """The relations of the whole build, numbered by the order in which they come."""
    sources: dict[str, int] = field(default_factory=dict)
    """The sources of the whole build, numbered in the same way."""
    blocks: list[tuple[Any, NDArray[np.int32], Any]] = field(default_factory=list)
    said_by: list[NDArray[np.int32]] = field(default_factory=list)
    """The sources of the facts of each block."""
    nodes: list[Node] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)
    facts: int = 0
    bytes: int = 0

    @property
    def size(self) -> int:
        """How many facts fill as much memory."""
        return max(self.facts, len(self.names) + len(self.nodes), self.bytes // FACT_BYTES)

    def add_block(self, block: FactBlock) -> None:
        """Add facts. Raises `StatementError` for a relation or a source that cannot be stored."""
        self.blocks.append((block.heads, _numbers(block.relations, self.relation), block.tails))
        if block.sources is None:
            self.said_by.append(np.full(len(block), NO_SOURCE, dtype=np.int32))
        else:
            self.said_by.append(_numbers(block.sources, self.source))
        self.facts += len(block)
        self.bytes += block.bytes

    def add_node(self, node: Node) -> None:
        """Add the kind of an entity."""
        check_identifier(node.entity)
        self.nodes.append(node)
        self.bytes += len(node.entity)

    def add_name(self, name: Name) -> None:
        """Add a name of an entity."""
        check_identifier(name.entity)
        self.names.append(name)
        self.bytes += len(name.entity) + len(name.text)

    def relation(self, relation: str) -> int:
        """The number of a relation, given now if it is new."""
        number = self.relations.get(relation)
        if number is None:
            check_relation(relation)
            check_identifier(relation)
            number = self.relations[relation] = len(self.relations)
        return number

    def source(self, source: str | None) -> int:
        """The number of a source, given now if it is new."""
        if source is None:
            return NO_SOURCE
        number = self.sources.get(source)
        if number is None:
            check_identifier(source, "a source")
            number = self.sources[source] = len(self.sources)
        return number

    def write(self, folder: Path) -> FactRun:
        """Write all to a folder. Raises `StatementError` for an identifier that cannot be stored."""
        folder.mkdir()
        nodes = pa.array([node.entity for node in self.nodes], pa.large_string())
        columns = [*(heads for heads, _, _ in self.blocks), *(tails for _, _, tails in self.blocks), nodes]
        encoded = pa.concat_arrays(columns).dictionary_encode()
        entities = encoded.dictionary
        _check_texts(entities)
        order = pc.sort_indices(entities)
        places = np.empty(len(entities), dtype=np.int32)
        places[order.to_numpy(zero_copy_only=False)] = np.arange(len(entities), dtype=np.int32)
        numbers = places[encoded.indices.to_numpy(zero_copy_only=False)]
        kinds = np.full(len(entities), NO_KIND, dtype=np.uint8)
        for number, node in zip(numbers[2 * self.facts :].tolist(), self.nodes, strict=True):
            kinds[number] = node.kind
        relations = np.concatenate([np.empty(0, np.int32), *(numbers for _, numbers, _ in self.blocks)])
        parts = (numbers[: self.facts], relations, numbers[self.facts : 2 * self.facts])
        for part, values in zip(_PARTS, parts, strict=True):
            save_array(folder / f"{part}.npy", values)
        if any((numbers != NO_SOURCE).any() for numbers in self.said_by):
            save_array(folder / "sources.npy", np.concatenate(self.said_by))
        _write_table(folder / "entities.arrow", pa.table({"entity": entities.take(order), "kind": kinds}))
        _write_table(folder / "names.arrow", _names_table(self.names))
        return FactRun(folder)


def _numbers(texts: Any, number: Callable[[Any], int]) -> NDArray[np.int32]:
    """The number of each text; `number` gives that of a text or of None."""
    encoded = texts.dictionary_encode("encode")
    numbers = np.array([number(text) for text in encoded.dictionary.to_pylist()], dtype=np.int32)
    found: NDArray[np.int32] = numbers[encoded.indices.to_numpy(zero_copy_only=False)]
    return found


def _names_table(names: Sequence[Name]) -> Any:
    ordered = sorted(names, key=lambda name: name.entity)  # of one entity they stay in their order
    columns = {
        "entity": pa.array([name.entity for name in ordered], pa.large_string()),
        "text": pa.array([name.text for name in ordered], pa.large_string()),
        "alias": pa.array([name.alias for name in ordered], pa.bool_()),
    }
    return pa.table(columns)


def _check_texts(entities: Any) -> None:
    """Raise `StatementError` for an identifier that is empty or has a NUL character."""
    if not len(entities):
        return
    wrong = pc.or_(pc.equal(entities, ""), pc.match_substring(entities, "\0"))
    for identifier in entities.filter(wrong).to_pylist()[:1]:
        check_identifier(identifier)
        raise StatementError(f"an identifier cannot be stored: {identifier!r:.80}")


def _write_table(path: Path, table: Any) -> None:
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())


def _table(path: Path) -> Any:
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()


def _column(path: Path, name: str) -> Any:
    column = _table(path)[name]
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
