"""What a file of changes says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kgqa.graph.readers.rdf_term import SourcedFact

__all__ = ["Patch"]


@dataclass(frozen=True)
class Patch:
    """The changes of one file, taken together."""

    changes: Mapping[SourcedFact, bool]
    """Facts that are in their graph after it (true) or are not: of each, what was done with it last."""
    id: str = ""
    """What the patch is called by the next one, where it says so."""
    previous: str = ""
    """The id of the patch before it, where it says so."""
    previous_line: int = 0
    """The line that says so."""
