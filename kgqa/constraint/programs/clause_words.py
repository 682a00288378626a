"""The words that clauses with a path begin with."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import product

from kgqa.constraint.programs.mentioned import Mentioned
from kgqa.constraint.programs.program_node import Pending, Purpose
from kgqa.program import Aggregate
from kgqa.program.measure import SUMMARIES
from kgqa.program.text import ORDINALS

__all__ = ["ClauseWords"]

_GROUPED = (Aggregate.COUNT, *SUMMARIES)


class ClauseWords:
    """The beginnings of clauses, with what they begin, for one question."""

    def __init__(self, mentioned: Mentioned) -> None:
        self._mentioned = mentioned

    @cached_property
    def beginnings(self) -> list[tuple[tuple[str, ...], Pending]]:
        """What comes before a path."""
        found: list[tuple[tuple[str, ...], Pending]] = [
            ((" where",), Pending(Purpose.CONDITION)),
            ((" where not",), Pending(Purpose.CONDITION, negated=True)),
            ((" with",), Pending(Purpose.HAS)),
            ((" without",), Pending(Purpose.HAS, negated=True)),
            ((" by",), Pending(Purpose.GROUP)),
            ((" where", " by"), Pending(Purpose.GROUP_CONDITION)),
            ((" each",), Pending(Purpose.EACH)),
        ]
        found += [((f" {a}",), Pending(Purpose.SUMMARY, aggregate=a)) for a in SUMMARIES]
        return [*found, *self._extremes()]

    def _extremes(self) -> Iterator[tuple[tuple[str, ...], Pending]]:
        """The words of superlatives: plain, by the question's ordinals, and by its numbers."""
        places = self._mentioned.places
        ranks = [1, *(place for place in places if 1 < place < len(ORDINALS))]
        counts = [1, *(place for place in places if place > 1)]
        for rank, count, least in product(ranks, counts, (False, True)):
            if rank > 1 and count > 1:
                continue
            words = []
            if rank > 1:
                words.append(f" {ORDINALS[rank]}")
            if count > 1:
                words.append(f" top {count}")
            words.append(" least" if least else " most")
            yield tuple(words), Pending(Purpose.EXTREME, least=least, rank=rank, winners=count)

    def after_group(self, pending: Pending) -> Iterator[tuple[tuple[str, ...], Pending]]:
        """What comes after the path that groups are made by."""
        match pending.purpose:
            case Purpose.GROUP_CONDITION:
                for aggregate in _GROUPED:
                    yield (f" {aggregate}",), Pending(Purpose.CONDITION, aggregate=aggregate, by=pending.path)
            case Purpose.GROUP:
                for aggregate in _GROUPED:
                    each = Pending(Purpose.EACH, aggregate=aggregate, by=pending.path)
                    for words, extreme in self._extremes():
                        after = extreme._replace(aggregate=aggregate, by=pending.path)
                        yield (*words, f" {aggregate}"), after
                    yield (" each", f" {aggregate}"), each
