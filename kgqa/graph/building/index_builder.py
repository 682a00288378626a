"""Builds an index folder from statements, with bounded memory."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Any, Self, cast

from kgqa.errors import DataError, IndexFolderError, StatementError
from kgqa.graph.arrays.mapped_array import map_array
from kgqa.graph.builder import check_storable, hash_content, shown_statement, stored_count
from kgqa.graph.building.checkpoint import Checkpoint, ReadBefore, run_folder, stopped_build
from kgqa.graph.building.entity_merge import merge_entities
from kgqa.graph.building.entity_tables import write_entities, write_relations
from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.building.fact_run import FactRun, RunWriter
from kgqa.graph.building.fact_sort import Edges, write_adjacency
from kgqa.graph.building.source_sort import SourceSort
from kgqa.graph.index_writer import publish, refuse_foreign, staged, staging_folder, writing
from kgqa.graph.name import clean_name
from kgqa.graph.naming import MEDIATORS, Naming, Unlabelled
from kgqa.graph.readers import SkipReport
from kgqa.graph.statement import Name, Node, Quad, RelationName, Statement, Triple

__all__ = ["IndexBuilder"]

RUN_FACTS = 2_000_000
"""Facts that are sorted in memory at a time; the default."""
BLOCK = 65_536
CHECKSUMMED = (
    *("labels_offsets", "labels_data", "relation_labels_offsets", "relation_labels_data"),
    *("aliases_offsets", "aliases_data", "outward_offsets", "outward_relations", "outward_targets"),
    *("alias_offsets", "kinds"),
)
"""Arrays in the order in which `content_checksum` reads them."""


class IndexBuilder:
    """Writes the graph of any number of statements to an index folder.

    The index is the same, byte for byte, as that of a `GraphBuilder` with the same settings and statements
    that `save_index` stores. Facts are kept in runs of `run_facts`, sorted and on disk, which are merged in
    the end. Memory does not grow with the number of facts; the dictionaries take about 130 bytes for each
    entity and each source while they are made. Nothing is seen of the index until `save` has made all of it.

    Other builds into the folder wait until the builder is closed. While it works, files lie in the folder;
    those of a build that was killed are removed by the next. With a `fingerprint` of what is `read`, those of
    one that read the same are gone on with; then runs stay on disk until the index is there.
    """

    def __init__(
        self,
        folder: Path,
        mediators: str = MEDIATORS,
        unlabelled: Unlabelled = "auto",
        run_facts: int = RUN_FACTS,
        fingerprint: str | None = None,
    ) -> None:
        self._folder = folder
        self._mediators = re.compile(mediators)
        self._unlabelled = unlabelled
        self._run_facts = run_facts
        self._fingerprint = fingerprint or ""
        self._staging: Path | None = None
        self._stack = ExitStack()
        self._relation_labels: dict[str, str] = {}
        self._run = RunWriter({})
        self._runs: list[FactRun] = []
        self._heads: list[str] = []
        self._relations: list[str] = []
        self._tails: list[str] = []
        self._sources: list[str | None] = []
        self._facts = 0
        self._read = ReadBefore()
        self._items = 0
        self._checkpoint: Checkpoint | None = None
        self._kept_numbers = (0, 0, 0)

    def __enter__(self) -> Self:
        refuse_foreign(self._folder)  # before anything is read
        if self._fingerprint and staging_folder(self._folder, self._fingerprint).is_dir():
            self._go_on()
        return self

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if self.kept_after(error):
            self._stack.__exit__(kind, error, trace)
        else:
            self._stack.close()

    @property
    def kept(self) -> int:
        """So many facts need not be read again after the build was stopped."""
        return self._checkpoint.facts if self._checkpoint else 0

    def kept_after(self, error: BaseException | None) -> int:
        """The same if this ends it: nothing is kept on a disk that is full."""
        may_go_on = isinstance(error, KeyboardInterrupt | DataError) and not isinstance(
            error, IndexFolderError
        )
        return self.kept if may_go_on else 0

    @property
    def file(self) -> int:
        """The number of the first part, from 0, that is not kept whole."""
        return self._read.file

    def read(
        self,
        parts: Iterable[Iterable[Statement | FactBlock]],
        report: SkipReport,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Add what the parts (files) from number `file` on say, but what is kept of a build that was stopped.

        `report` is that of the reader of all parts, `progress` as for `add_all`.
        """
        done = self._checkpoint
        if done:
            done.read.restore(report)
        for number, part in enumerate(parts, self.file):
            self._items = done.items if done and number == done.read.file else 0
            if not self._items:
                self._read = ReadBefore.of(number, report)
            self.add_all(islice(part, self._items, None), progress)
            self._read, self._items = ReadBefore.of(number + 1, report), 0

    def add_all(
        self,
        statements: Iterable[Statement | FactBlock],
        progress: Callable[[int], None] | None = None,
    ) -> Self:
        """Add statements and blocks of facts; `progress` is called now and then with the number of facts."""
        for statement in statements:
            self.add(statement)
            if progress and (type(statement) is FactBlock or len(self._heads) % 4096 == 0):
                progress(self._facts + len(self._heads))
        return self

    def add(self, statement: Statement | FactBlock) -> None:
        """Add one statement, or a block of facts.

        Raises `StatementError` for what cannot be stored, at the latest when the run is written.
        """
        form: type = type(statement)
        if form is Triple:
            self._items += 1
            head, relation, tail = cast("Triple", statement)
            self._heads.append(head)
            self._relations.append(relation)
            self._tails.append(tail)
            self._sources.append(None)
            if len(self._heads) >= BLOCK:
                self._close_block()
            return
        match statement:
            case Quad(head, relation, tail, source):
                self._items += 1
                check_storable(source)
                self._heads.append(head)
                self._relations.append(relation)
                self._tails.append(tail)
                self._sources.append(source)
                if len(self._heads) >= BLOCK:
                    self._close_block()
            case FactBlock():
                self._close_block()
                self._items += 1
                self._add_block(statement)
            case Name(_, text):
                self._items += 1
                check_storable(text)
                self._run.add_name(statement)
            case RelationName(relation, text):
                if clean_name(text):
                    check_storable(text)
                    self._close_block()  # relations are numbered in the order in which they come
                    self._run.relation(relation)
                    self._relation_labels.setdefault(relation, text)
                self._items += 1
            case Node():
                self._items += 1
                self._run.add_node(statement)
            case _:
                raise StatementError(f"not a statement: {shown_statement(statement)}")
        if self._run.size >= self._run_facts:
            self._close_run()

    def save(
        self, facts_about: Mapping[str, object] | None = None, feeds: Mapping[str, object] | None = None
    ) -> None:
        """Write the index of all that was added; one that is there is replaced in one step.

        `feeds` are the positions of feeds that the statements were brought to.

        Raises `IndexFolderError` when the folder holds something else, or cannot be written.
        """
        self._close_run(last=True)
        folder = self.workspace()
        index = folder / "index"
        with writing(self._folder):
            index.mkdir()
            checksum, counts, naming = self._write(folder, index)
            about = {**(facts_about or {}), "duplicates": self._facts - counts.pop("stored")}
            publish(index, self._folder, checksum, counts, about, naming, feeds)

    def _write(self, folder: Path, index: Path) -> tuple[str, dict[str, int], Naming]:
        """Write the files of the index; returns the checksum of the graph, its counts and its naming."""
        relations = self._run.relations
        merged = merge_entities(self._runs, relations, folder, self._run_facts)
        labels = merged.relation_labels | self._relation_labels
        relation_names, relation_numbers = write_relations(relations, labels, index)
        naming = Naming(self._mediators, self._unlabelled, merged.counts)
        entities, numbers = write_entities(merged, naming, folder, index)

        sizes = (len(numbers), len(relations))
        buckets = max(1, -(-self._facts // self._run_facts))
        sources = self._run.sources
        sorting = SourceSort(sources, sizes[0], buckets, folder) if sources else None

        def edges() -> Iterator[Edges]:
            for run in self._runs:
                own = numbers[run.ranks]
                heads, tails = own[run.array("heads")], own[run.array("tails")]
                found = Edges(heads, relation_numbers[run.array("relations")], tails)
                if sorting is not None and (said := run.sources) is not None:
                    sorting.add(found, said)
                yield found
                if self._checkpoint is None:
                    shutil.rmtree(run.folder)

        counts = {
            "triples": write_adjacency(edges(), sizes, buckets, folder, index),
            "entities": sizes[0],
            "relations": sizes[1],
        }
        provenance = None if sorting is None else sorting.write(index)
        counts["stored"] = stored_count(counts["triples"], provenance)
        arrays = (map_array(index / f"{name}.npy") for name in CHECKSUMMED)
        return hash_content(entities, relation_names, arrays, provenance), counts, naming

    def workspace(self) -> Path:
        """The folder where the build works; made when it is first needed."""
        if self._staging is None:
            self._staging = self._stack.enter_context(staged(self._folder, self._fingerprint))
        return self._staging

    def _close_block(self) -> None:
        if self._heads:
            try:
                block = FactBlock.of(self._heads, self._relations, self._tails, self._sources)
            except UnicodeEncodeError:
                for text in (*self._heads, *self._relations, *self._tails):
                    check_storable(text)
                raise
            for texts in (self._heads, self._relations, self._tails, self._sources):
                texts.clear()
            self._add_block(block)

    def _add_block(self, block: FactBlock) -> None:
        self._run.add_block(block)
        self._facts += len(block)
        if self._run.size >= self._run_facts:
            self._close_run()

    def _close_run(self, last: bool = False) -> None:
        """Write a run, if there is anything for it; one that is first and `last` gets no checkpoint."""
        self._close_block()
        run = self._run
        if run.facts or run.names or run.nodes or not self._runs:
            with writing(self._folder):
                self._runs.append(run.write(run_folder(self.workspace(), len(self._runs))))
                if self._fingerprint and not (last and len(self._runs) == 1):
                    self._keep()
            self._run = RunWriter(run.relations, run.sources)

    def _keep(self) -> None:
        """Write with the last run what is needed to go on behind it."""
        relations, sources, labels = self._run.relations, self._run.sources, self._relation_labels
        before = self._kept_numbers
        self._checkpoint = Checkpoint(
            *(self._read, self._items, self._facts),
            relations=tuple(islice(relations, before[0], None)),
            sources=tuple(islice(sources, before[1], None)),
            labels=dict(islice(labels.items(), before[2], None)),
        )
        self._checkpoint.write(self._runs[-1])
        self._kept_numbers = (len(relations), len(sources), len(labels))

    def _go_on(self) -> None:
        """Take over what a build that was stopped has kept."""
        for run, checkpoint in stopped_build(self.workspace()):
            self._runs.append(run)
            for relation in checkpoint.relations:
                self._run.relation(relation)
            for source in checkpoint.sources:
                self._run.source(source)
            self._relation_labels |= checkpoint.labels
            self._read, self._items, self._facts = checkpoint.read, checkpoint.items, checkpoint.facts
            self._checkpoint = checkpoint
        self._kept_numbers = (len(self._run.relations), len(self._run.sources), len(self._relation_labels))
