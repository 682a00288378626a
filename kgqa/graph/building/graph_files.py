"""Graph files from which an index is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.building.given_source import with_source
from kgqa.graph.building.read_settings import ReadSettings
from kgqa.graph.readers import SkipReport
from kgqa.graph.statement import Statement

__all__ = ["GraphFiles"]


@dataclass(frozen=True)
class GraphFiles:
    """Graph files, one read after the other.

    `sources` has, for each, the source of those of its facts that say none (`None`: they have none).
    """

    paths: Sequence[Path]
    sources: Sequence[str | None]
    settings: ReadSettings = field(default_factory=ReadSettings)

    @property
    def names(self) -> list[str]:
        """What the files are called."""
        return [str(path) for path in self.paths]

    def statements(self, report: SkipReport) -> Iterator[Statement | FactBlock]:
        """What the files say. Raises as `read`."""
        for path, source in zip(self.paths, self.sources, strict=True):
            yield from with_source(self.settings.read_blocks(path, report), source)

    def facts_about(self) -> dict[str, object]:
        """What the index says of where it is from, beside the names."""
        return {}

    def finish(self) -> None:
        """There is nothing to forget."""
