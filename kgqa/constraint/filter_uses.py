"""The filter of what must be used."""

from __future__ import annotations

from dataclasses import dataclass

from kgqa.constraint.filter import Filter
from kgqa.constraint.filter_lists import Lists
from kgqa.graph import Chain

__all__ = ["Using"]


@dataclass(frozen=True)
class Using(Lists, Filter):
    """Relations, entities and triples (identifiers) that a chain must use, every one of them.

    A chain uses the entity that it starts from and every one that it reaches. Where one of several
    is enough: `Using(relations={"a"}) | Using(relations={"b"})`.

    >>> from kgqa.graph import Hop
    >>> chain = Chain("Kismet", (Hop("directed_by", "William Dieterle"),))
    >>> Using(entities={"Kismet"}).keeps(chain), Using(relations={"in_language"}).keeps(chain)
    (True, False)
    """

    def keeps(self, chain: Chain) -> bool:
        """Whether it uses everything on the lists."""
        triples = set(chain.triples)
        relations = {triple.relation for triple in triples}
        entities = {chain.start, *(e for triple in triples for e in (triple.head, triple.tail))}
        return (
            relations.issuperset(self.relations)
            and entities.issuperset(self.entities)
            and triples.issuperset(self.triples)
        )

    def __str__(self) -> str:
        return f"using {self._in_words() or 'anything'}"
