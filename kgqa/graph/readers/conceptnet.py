"""ConceptNet: its columns, relation first, and the names in its identifiers."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.graph.name import split_humps
from kgqa.graph.readers.table_shape import usual_width
from kgqa.graph.statement import Name, RelationName, Statement, Triple

__all__ = ["ConceptNames", "conceptnet_columns"]


def conceptnet_columns(rows: Sequence[Sequence[str]]) -> tuple[int, int, int] | None:
    """The positions of head, relation and tail in rows of ConceptNet; None for other rows.

    There the relation is `/r/...` in every row, and the two ends, of which most are `/c/...`, follow it.

    >>> conceptnet_columns([["/r/IsA", "/c/en/dog", "/c/en/animal"]])
    (1, 0, 2)
    """
    width = usual_width(rows)
    rows = [row for row in rows if len(row) == width]
    for place in range(width - 2):
        if all(row[place].startswith("/r/") for row in rows):
            heads = sum(row[place + 1].startswith("/c/") for row in rows)
            tails = sum(row[place + 2].startswith("/c/") for row in rows)
            if 2 * min(heads, tails) >= len(rows):
                return place + 1, place, place + 2
    return None


class ConceptNames:
    """The names of concepts and relations, each once: `/c/en/ice_cream/n` is "ice cream"."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def of(self, triple: Triple) -> list[Statement]:
        """The names in a fact that were not given before."""
        found: list[Statement] = []
        for identifier in triple:
            if identifier in self._seen or not identifier.startswith(("/c/", "/r/")):
                continue
            self._seen.add(identifier)
            parts = identifier.split("/")
            if parts[1] == "r":
                found.append(RelationName(identifier, split_humps(parts[-1].replace("_", " ")).lower()))
            elif len(parts) > 3 and parts[3]:
                found.append(Name(identifier, parts[3].replace("_", " ")))
        return found
