"""Which sources say each fact of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Adjacency, Ids, search

__all__ = ["NO_SOURCE", "FactSources", "Pairs", "encode_pairs", "said_pairs"]

NO_SOURCE = -1
"""Of a fact that no source is known of."""
FIRST_SET = -2
"""A fact of several sources has this number minus the place of its set."""
READ = 2**22
"""Facts of which the sources are looked at at a time."""


class Pairs(NamedTuple):
    """Facts and their sources: two arrays of one length, sorted, each pair once."""

    facts: NDArray[np.int64]
    sources: Ids

    @classmethod
    def joined(cls, parts: Iterable[Pairs]) -> Self:
        """Pairs whose facts come one after the other, as one."""
        parts = list(parts)
        facts = np.concatenate([np.empty(0, dtype=np.int64), *(part.facts for part in parts)])
        return cls(facts, np.concatenate([np.empty(0, dtype=np.int32), *(part.sources for part in parts)]))

    def moved(self, by: int) -> Self:
        """The same sources of facts that stand so much later."""
        return self._replace(facts=self.facts + by)


@dataclass(frozen=True, eq=False)
class FactSources:
    """The sources of facts in the order of `outward`, the facts by head; the arrays may be memory-mapped.

    `names` numbers the sources. `of_facts` is int32 of shape (facts,): the number of a fact's only source, -1
    for none, and `-2 - s` for a fact of several, which are `set_sources[set_offsets[s]:set_offsets[s + 1]]`.
    """

    names: marisa_trie.Trie
    outward: Adjacency
    of_facts: Ids
    set_offsets: NDArray[np.int64]
    set_sources: Ids

    @classmethod
    def of(cls, names: marisa_trie.Trie, outward: Adjacency, pairs: Pairs) -> Self:
        """The sources of all facts, from pairs of the places of facts and the numbers of sources."""
        of_facts, lengths, members = encode_pairs(pairs, outward.edge_count)
        return cls(names, outward, of_facts, np.append(0, np.cumsum(lengths)), members)

    def sources(self, head: int, relation: int, tail: int) -> tuple[str, ...]:
        """The sources of a fact, sorted; none for what is no fact."""
        return tuple(sorted(map(self.name, self.numbers(head, relation, tail))))

    def numbers(self, head: int, relation: int, tail: int) -> tuple[int, ...]:
        """The numbers of the sources of a fact, sorted; none for what is no fact."""
        relations, targets = self.outward.row(head)
        start, stop = search(relations, relation), search(relations, relation + 1)
        at = start + search(targets[start:stop], tail)
        if at == stop or targets[at] != tail:
            return ()
        fact = int(self.outward.offsets[head]) + at
        return tuple(self._pairs(np.array([fact])).sources.tolist())

    def number(self, source: str) -> int:
        """The number of a source. Raises `KeyError`."""
        found = self.names.get(source)
        if found is None:
            raise KeyError(source)
        return int(found)

    def name(self, number: int) -> str:
        """The source with a number."""
        return str(self.names.restore_key(int(number)))

    def leaving(self, first: int, stop: int) -> Pairs:
        """The sources of the facts of the entities from `first` to before `stop`; facts count from 0 on."""
        begin, end = self.outward.offsets[first], self.outward.offsets[stop]
        return self._pairs(np.arange(begin, end))

    def said_by(self, wanted: Sequence[int]) -> NDArray[np.bool_]:
        """Which facts some of the sources say; bool of shape (facts,)."""
        is_wanted = np.zeros(len(self.names) + 1, dtype=np.bool_)
        is_wanted[list(wanted)] = True
        is_wanted[NO_SOURCE] = False  # the last one
        sets = np.zeros(0, dtype=np.bool_)
        if len(self.set_offsets) > 1:
            sets = np.logical_or.reduceat(is_wanted[self.set_sources], self.set_offsets[:-1])
        found = np.empty(len(self.of_facts), dtype=np.bool_)
        for start in range(0, len(found), READ):
            own = self.of_facts[start : start + READ]
            several = own <= FIRST_SET
            found[start : start + READ] = is_wanted[np.where(several, NO_SOURCE, own)]
            found[start : start + READ][several] = sets[FIRST_SET - own[several]]
        return found

    def counts(self) -> dict[str, int]:
        """The number of facts of each source that has any, the largest first."""
        found = np.bincount(self.set_sources, minlength=len(self.names))
        for start in range(0, len(self.of_facts), READ):
            own = self.of_facts[start : start + READ]
            found += np.bincount(own[own >= 0], minlength=len(self.names))
        named = [(self.name(number), int(found[number])) for number in np.flatnonzero(found).tolist()]
        return dict(sorted(named, key=lambda one: (-one[1], one[0])))

    def without(self) -> int:
        """The number of facts that no source is known of."""
        parts = (self.of_facts[start : start + READ] for start in range(0, len(self.of_facts), READ))
        return sum(int((part == NO_SOURCE).sum()) for part in parts)

    def taken(self, facts: NDArray[np.int64], outward: Adjacency) -> FactSources:
        """The sources of some facts, which are all of `outward`."""
        return FactSources.of(self.names, outward, self._pairs(facts))

    def _pairs(self, facts: NDArray[np.int64]) -> Pairs:
        """The sources of facts at some places, each pair with where the place stands among these."""
        own = self.of_facts[facts]
        single, several = np.flatnonzero(own >= 0), np.flatnonzero(own <= FIRST_SET)
        sets = FIRST_SET - own[several].astype(np.int64)
        starts = self.set_offsets[sets]
        lengths = self.set_offsets[sets + 1] - starts
        first = np.cumsum(lengths) - lengths
        members = np.arange(int(lengths.sum())) - np.repeat(first - starts, lengths)
        places = np.concatenate([single, np.repeat(several, lengths)])
        sources = np.concatenate([own[single], self.set_sources[members]])
        order = np.argsort(places, kind="stable")
        return Pairs(places[order], sources[order])


def encode_pairs(pairs: Pairs, facts: int, first_set: int = 0) -> tuple[Ids, NDArray[np.int64], Ids]:
    """Pairs as `FactSources` has them: `of_facts`, the sizes of the sets, and their members.

    Sets are numbered on from `first_set`.
    """
    lengths = np.bincount(pairs.facts, minlength=facts)
    starts = np.cumsum(lengths) - lengths
    single, several = lengths == 1, lengths > 1
    of_facts = np.full(facts, NO_SOURCE, dtype=np.int32)
    of_facts[single] = pairs.sources[starts[single]]
    of_facts[several] = FIRST_SET - first_set - np.arange(int(several.sum()))
    return of_facts, lengths[several], pairs.sources[several[pairs.facts]]


def said_pairs(facts: Sequence[Ids], said: Sequence[Ids]) -> Pairs:
    """The pairs of sorted, distinct facts and their sources.

    `facts` are heads, relations and tails. `said` are the same of facts that a source says, in any order,
    and the numbers of these sources; each of its facts is among `facts`.
    """
    count = len(facts[0])
    columns = [np.concatenate([own, other]) for own, other in zip(facts, said[:3], strict=True)]
    sources = np.concatenate([np.full(count, NO_SOURCE, dtype=np.int32), said[3]])
    order = np.lexsort((sources, columns[2], columns[1], columns[0]))
    sources = sources[order]  # a fact stands before those that say it
    places = np.cumsum(sources == NO_SOURCE) - 1
    first = np.ones(len(places), dtype=np.bool_)
    first[1:] = (places[1:] != places[:-1]) | (sources[1:] != sources[:-1])
    first &= sources != NO_SOURCE
    return Pairs(places[first], sources[first])
