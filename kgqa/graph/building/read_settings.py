"""How graph files are read, as the user says it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kgqa.graph.building.block_reader import read_blocks
from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.readers import NAME_RELATIONS, Columns, NameRelations, SkipReport, read
from kgqa.graph.statement import Statement

__all__ = ["ReadSettings"]


@dataclass(frozen=True)
class ReadSettings:
    """What `read` takes beside a file, and what it means there."""

    format: str | None = None
    languages: tuple[str, ...] = ("en",)
    columns: Columns = field(default_factory=Columns)
    names: NameRelations = NAME_RELATIONS

    def read(self, path: Path, report: SkipReport) -> Iterator[Statement]:
        """The statements of a file. Raises as `read`."""
        return read(
            *(path, self.format),
            report=report,
            languages=self.languages,
            columns=self.columns,
            names=self.names,
        )

    def read_blocks(self, path: Path, report: SkipReport) -> Iterator[Statement | FactBlock]:
        """The same, facts of plain tables in blocks."""
        return read_blocks(
            *(path, self.format),
            report=report,
            languages=self.languages,
            columns=self.columns,
            names=self.names,
        )
