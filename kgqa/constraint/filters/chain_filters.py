"""Filters that look at whole chains or at their ends."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import lru_cache

from kgqa.constraint.filters.filter import Filter, FilterItems, as_set, in_words
from kgqa.errors import DataError
from kgqa.graph import Chain

__all__ = ["EndFilter", "EndsIn", "Live", "Using"]

REMEMBERED = 100_000
"""Chains whose answers are remembered (tens of megabytes)."""


@dataclass(frozen=True)
class Using(FilterItems, Filter):
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


class EndFilter(Filter):
    """Keeps a chain for the entity that it ends at: chains with other ends need not be looked at."""

    def keeps(self, chain: Chain) -> bool:
        """Whether its end is kept."""
        return self.keeps_end(chain.end)

    @abstractmethod
    def keeps_end(self, entity: str) -> bool:
        """Whether chains may end at an entity."""
        ...


@dataclass(frozen=True)
class EndsIn(EndFilter):
    """Chains must end at one of `entities` (identifiers); `entities_of_type` gives those of a type.

    >>> from kgqa.graph import Hop
    >>> EndsIn({"William Dieterle"}).keeps(Chain("Kismet", (Hop("in_language", "English"),)))
    False
    """

    entities: Collection[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "entities", as_set(self.entities, "entities"))

    def keeps_end(self, entity: str) -> bool:
        """Whether the entity is on the list."""
        return entity in self.entities

    def __str__(self) -> str:
        return in_words("ending at", self.entities)


@dataclass(frozen=True)
class Live(Filter):
    """Keeps the chains that `check` says yes to: a question to a server, a test of a type.

    Each chain is asked about once; what was said of the latest 100,000 is remembered as long as
    this object is. To know which texts lead to a chain that is kept, chains are asked about ahead
    of the text: `check` hears of more chains than are said. What it raises ends the search as a
    `DataError` that names the chain, and is asked again next time.

    >>> from kgqa.graph import Hop
    >>> short = Live(lambda chain: len(chain.hops) < 2)
    >>> short.keeps(Chain("Kismet", (Hop("directed_by", "William Dieterle"),)))
    True
    """

    check: Callable[[Chain], bool]
    _answers: Callable[[Chain], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_answers", lru_cache(maxsize=REMEMBERED)(self._ask))

    def keeps(self, chain: Chain) -> bool:
        """What the check says of a chain. Raises `DataError` when it fails."""
        return self._answers(chain)

    def _ask(self, chain: Chain) -> bool:
        try:
            return bool(self.check(chain))
        except Exception as error:
            facts = ", ".join(" ".join(triple) for triple in chain.triples)
            what = " ".join(f"{type(error).__name__}: {error}".split())
            raise DataError(f"the check of the chain ({facts}) failed: {what}") from error

    def __str__(self) -> str:
        return f"that {getattr(self.check, '__qualname__', 'a check')} says yes to"
