"""The filter of what must be used."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kgqa.constraint.filter import Filter, as_set, in_words
from kgqa.graph import Chain, Triple

__all__ = ["Using"]


@dataclass(frozen=True)
class Using(Filter):
    """Relations, entities and triples (identifiers) that a chain must use, every one of them.

    A chain uses the entity that it starts from and every one that it reaches. Where one of several
    is enough: `Using(relations={"a"}) | Using(relations={"b"})`.

    >>> from kgqa.graph import Hop
    >>> chain = Chain("Kismet", (Hop("directed_by", "William Dieterle"),))
    >>> Using(entities={"Kismet"}).keeps(chain), Using(relations={"in_language"}).keeps(chain)
    (True, False)
    """

    relations: Collection[str] = frozenset()
    entities: Collection[str] = frozenset()
    triples: Collection[Triple] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "relations", as_set(self.relations, "relations"))
        object.__setattr__(self, "entities", as_set(self.entities, "entities"))
        object.__setattr__(self, "triples", as_set(self.triples, "triples"))

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
        fields = {"relation": self.relations, "entity": self.entities, "triple": self.triples}
        listed = ", ".join(in_words(what, names) for what, names in fields.items() if names)
        return f"using {listed or 'anything'}"
