"""How far an index has followed a feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kgqa.graph.index_folder import FEEDS, read_manifest

__all__ = ["FeedPosition", "position_in", "read_position"]


@dataclass(frozen=True)
class FeedPosition:
    """The last patch of a feed that an index has."""

    last: str
    """Its file name."""
    patches: int
    """The patches up to it."""
    id: str = ""
    """What it calls itself."""

    @property
    def facts(self) -> dict[str, object]:
        """For a manifest."""
        return asdict(self)


def read_position(folder: Path, feed: str) -> FeedPosition | None:
    """How far the index in a folder has followed a feed; None for not at all."""
    return position_in(read_manifest(folder), feed)


def position_in(manifest: Mapping[str, Any], feed: str) -> FeedPosition | None:
    """The position of a feed that a manifest has."""
    found = manifest.get(FEEDS, {}).get(feed)
    return (
        None if found is None else FeedPosition(str(found["last"]), int(found["patches"]), str(found["id"]))
    )
