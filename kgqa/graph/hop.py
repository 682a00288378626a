"""One step over a triple."""

from __future__ import annotations

from typing import NamedTuple

from kgqa.graph.triple import Triple

__all__ = ["Hop"]


class Hop(NamedTuple):
    """A step to `entity` over `relation`; `inverse` when it runs from a triple's tail to its head.

    >>> Hop("directed_by", "Kismet", inverse=True).triple("William Dieterle")
    Triple(head='Kismet', relation='directed_by', tail='William Dieterle')
    """

    relation: str
    entity: str
    inverse: bool = False

    def triple(self, source: str) -> Triple:
        """The triple that this hop walks when it leaves from `source`."""
        if self.inverse:
            return Triple(self.entity, self.relation, source)
        return Triple(source, self.relation, self.entity)
