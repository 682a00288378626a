"""Graph files from which an index is built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path

from kgqa.graph.building.checkpoint import fingerprint
from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.building.given_source import with_source
from kgqa.graph.building.read_settings import ReadSettings
from kgqa.graph.readers import READERS_VERSION, SkipReport
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

    @property
    def fingerprint(self) -> str | None:
        """Another one when a file or how it is read is another; `None` where that is not known."""
        code = (metadata.version("kgqa"), READERS_VERSION)
        return fingerprint(self.paths, *code, self.sources, self.settings)

    def bytes_from(self, file: int) -> int | None:
        """The size of the file with this number and of those behind it; `None` where it is not known."""
        try:
            return sum(path.stat().st_size for path in self.paths[file:] if not path.is_dir()) or None
        except OSError:
            return None

    def parts(self, report: SkipReport, first: int = 0) -> Iterator[Iterator[Statement | FactBlock]]:
        """What each file from this number on says. Raises as `read`, also when a part is asked for."""
        for path, source in zip(self.paths[first:], self.sources[first:], strict=True):
            yield with_source(self.settings.read_blocks(path, report), source)

    def facts_about(self) -> dict[str, object]:
        """What the index says of where it is from, beside the names."""
        return {}

    def finish(self) -> None:
        """There is nothing to forget."""
