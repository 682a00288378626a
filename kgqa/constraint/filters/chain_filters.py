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

CACHED = 100_000
"""Chains whose results are cached (tens of megabytes)."""


@dataclass(frozen=True)
class Using(FilterItems, Filter):
    """Relations, entities and triples (identifiers) that a chain must use, all of them.

    A chain uses its start and every entity that it reaches. If one of several
    is enough: `Using(relations={"a"}) | Using(relations={"b"})`.

    >>> from kgqa.graph import Hop
    >>> chain = Chain("Kismet", (Hop("directed_by", "William Dieterle"),))
    >>> Using(entities={"Kismet"}).keeps(chain), Using(relations={"in_language"}).keeps(chain)
    (True, False)
    """

    def keeps(self, chain: Chain) -> bool:
        """Whether it uses all of them."""
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
    """Keeps a chain by its end entity alone, so that chains need not be listed to apply it."""

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
        """Whether the entity is one of them."""
        return entity in self.entities

    def __str__(self) -> str:
        return in_words("ending at", self.entities)


@dataclass(frozen=True)
class Live(Filter):
    """Keeps the chains for which `check` returns true, such as a query to a server.

    Results are cached for the latest 100,000 chains. `check` is called for more chains than are
    decoded: to know which tokens lead to a chain that is kept, chains are checked ahead of the text.
    An exception of `check` ends the search as a `DataError` that names the chain; it is not cached.

    >>> from kgqa.graph import Hop
    >>> short = Live(lambda chain: len(chain.hops) < 2)
    >>> short.keeps(Chain("Kismet", (Hop("directed_by", "William Dieterle"),)))
    True
    """

    check: Callable[[Chain], bool]
    _answers: Callable[[Chain], bool] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_answers", lru_cache(maxsize=CACHED)(self._ask))

    def keeps(self, chain: Chain) -> bool:
        """The result of the check. Raises `DataError` when it fails."""
        return self._answers(chain)

    def _ask(self, chain: Chain) -> bool:
        try:
            return bool(self.check(chain))
        except Exception as error:
            facts = ", ".join(" ".join(triple) for triple in chain.triples)
            what = " ".join(f"{type(error).__name__}: {error}".split())
            raise DataError(f"the check of the chain ({facts}) failed: {what}") from error

    def __str__(self) -> str:
        return f"kept by {getattr(self.check, '__qualname__', 'a check')}"
