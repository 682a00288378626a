"""One fact."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Triple"]


class Triple(NamedTuple):
    """A fact of the graph in the graph's own direction.

    >>> Triple("Kismet", "directed_by", "William Dieterle").relation
    'directed_by'
    """

    head: str
    relation: str
    tail: str
