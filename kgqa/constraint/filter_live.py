"""The filter that asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from kgqa.constraint.filter import Filter
from kgqa.errors import DataError
from kgqa.graph import Chain

__all__ = ["Live"]

REMEMBERED = 100_000
"""Chains whose answers are remembered (tens of megabytes)."""


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
