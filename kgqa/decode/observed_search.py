"""A decoder that tells of the texts that another one finishes."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass

from kgqa.constraint import Constraint
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis

__all__ = ["ObservedSearch"]


@dataclass(frozen=True, eq=False)
class ObservedSearch(Decoder):
    """Searches as `decoder` does, and tells of each finished text at once, if so far it is among the `best`.

    An exception of `tell` ends the search.
    """

    decoder: Decoder
    tell: Callable[[Hypothesis], None]
    best: int = 10

    @property
    def renormalises(self) -> bool:
        """As the `decoder`."""
        return self.decoder.renormalises

    def search(self, constraint: Constraint) -> Search:
        """The hypotheses of the `decoder`."""
        search = self.decoder.search(constraint)
        told: list[float] = []
        try:
            wanted = next(search)
            while True:
                branches = yield wanted
                for prefix, branch in zip(wanted, branches, strict=True):
                    if branch.end is None:
                        continue
                    total = prefix.log_probability + branch.end
                    if len(told) < self.best or total > told[-self.best]:
                        insort(told, total)
                        self.tell(Hypothesis(prefix.tokens, total, prefix.state, constraint))
                wanted = search.send(branches)
        except StopIteration as stop:
            found: list[Hypothesis] = stop.value
            return found
        finally:
            search.close()
