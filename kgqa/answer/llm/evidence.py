"""Hypotheses as numbered evidence lines of an LLM's prompt."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from kgqa.answer.quoted import quoted_chain, quoted_entity
from kgqa.answer.vote import weights_of
from kgqa.decode import Hypothesis
from kgqa.graph import Chain, IndexedGraph

__all__ = ["EvidenceLine", "EvidencePrompt", "ShownEvidence", "tokens_of"]

_SINGLY = 3
_CHAINS_INSPECTED = 64
_ENDS_INSPECTED = 1_000


@dataclass(frozen=True)
class EvidenceLine:
    """One numbered line: a chain, or a relation path from one topic with the entities at its end.

    `ends` are the end entities that the line names, `everything` those that it stands for (up to 1,000): the
    rest it only counts. `whole` is the chain, where the line shows a single one. `weight` is the weight of
    its hypothesis (0 to 1), as in `Vote`.
    """

    number: int
    text: str
    hypothesis: Hypothesis = field(repr=False)
    weight: float
    start: str
    ends: tuple[str, ...]
    everything: tuple[str, ...]
    whole: Chain | None = None

    def chains(self, entity: str) -> Iterator[Chain]:
        """The chains of this line that lead to an entity; to one on a chain's way, the chain up to there."""
        if self.whole is not None:
            yield from islice((chain for chain in _beginnings(self.whole) if chain.end == entity), 1)
        elif entity in self.everything:
            some = islice(self.hypothesis.chains(entity), _CHAINS_INSPECTED)
            yield from (chain for chain in some if chain.start == self.start)

    @property
    def on_the_way(self) -> tuple[str, ...]:
        """The entities between start and end that the line shows."""
        hops = self.whole.hops[:-1] if self.whole else ()
        return tuple(dict.fromkeys(hop.entity for hop in hops if hop.entity not in (*self.ends, self.start)))


class ShownEvidence(NamedTuple):
    """What an LLM is shown: the hypotheses, their lines, and how many hypotheses did not fit."""

    hypotheses: Sequence[Hypothesis]
    lines: Sequence[EvidenceLine]
    left_out: int


@dataclass(frozen=True)
class EvidencePrompt:
    """Writes hypotheses as numbered lines; its fields are its settings.

    A hypothesis with up to three chains has a line for each; any other has one line for each topic that it
    starts from, with its relations and up to `ends` entities, first those that other hypotheses reach too.
    The line counts the rest. All lines together take at most about `tokens` tokens (estimated as one for
    every three bytes, an overestimate for most tokenizers); the best hypothesis is always shown.
    """

    graph: IndexedGraph
    tokens: int = 3_000
    ends: int = 50

    def lines(
        self, hypotheses: Sequence[Hypothesis], voted: Sequence[str] = ()
    ) -> tuple[tuple[EvidenceLine, ...], int]:
        """The lines, the most probable first, and how many hypotheses did not fit.

        Of a line's ends, those of `voted` come first in its order, and lines that end at its first entity
        come before others.
        """
        ranked = sorted(hypotheses, key=lambda hypothesis: hypothesis.rank)
        weights = weights_of([hypothesis.score for hypothesis in ranked])
        found = [
            (hypothesis, weight, hypothesis.ends) for hypothesis, weight in zip(ranked, weights, strict=True)
        ]
        found.sort(key=lambda one: not voted or voted[0] not in one[2])
        reached = Counter(end for *_, own in found for end in own)
        places = {entity: place for place, entity in enumerate(voted)}
        shown: list[EvidenceLine] = []
        left = self.tokens
        for at, (hypothesis, weight, own) in enumerate(found):
            order = sorted(own, key=lambda end: (places.get(end, len(places)), -reached[end], end))
            most, cost = self.ends, left + 1
            while cost > left and most:
                new = list(self._lines(hypothesis, weight, len(shown) + 1, order, most))
                cost = sum(tokens_of(line.text) for line in new)
                most = most // 2 if not shown else 0
            if cost > left and shown:
                return tuple(shown), len(ranked) - at
            left -= cost
            shown += new
        return tuple(shown), 0

    def _lines(
        self, hypothesis: Hypothesis, weight: float, number: int, ends: Sequence[str], most: int
    ) -> Iterator[EvidenceLine]:
        some = dict.fromkeys(islice(hypothesis.chains(), _CHAINS_INSPECTED))
        if len(some) <= _SINGLY:
            for at, chain in enumerate(sorted(some, key=lambda one: ends.index(one.end)), number):
                text, end = f"[{at}] {quoted_chain(self.graph, chain)}", (chain.end,)
                yield EvidenceLine(at, text, hypothesis, weight, chain.start, end, end, chain)
            return
        for at, (example, own) in enumerate(_by_start(hypothesis, ends, 4 * most), number):
            names = dict.fromkeys(quoted_entity(self.graph, end) for end in own[:most])
            more = f", {len(own) - most} more not shown" if len(own) > most else ""
            text = f"[{at}] {quoted_chain(self.graph, example, names=False)} {{{', '.join(names)}{more}}}"
            all_ends = tuple(own[:_ENDS_INSPECTED])
            yield EvidenceLine(at, text, hypothesis, weight, example.start, all_ends[:most], all_ends)


def _by_start(
    hypothesis: Hypothesis, ends: Sequence[str], inspected: int
) -> list[tuple[Chain, Sequence[str]]]:
    """For each topic that chains start from, one of them and their ends (of several topics: some ends)."""
    if len(hypothesis.constraint.topics) == 1:
        return [(hypothesis.chain, ends)]
    found: dict[str, tuple[Chain, dict[str, None]]] = {}
    for end in ends[:inspected]:
        for chain in islice(hypothesis.chains(end), _CHAINS_INSPECTED):
            found.setdefault(chain.start, (chain, {}))[1][end] = None
    return [(example, list(own)) for example, own in found.values()]


def tokens_of(text: str) -> int:
    """About how many tokens a text has: one for each three bytes of UTF-8."""
    return len(text.encode("utf-8", "replace")) // 3 + 1


def _beginnings(chain: Chain) -> Iterator[Chain]:
    """The chain up to each of its entities, the whole chain first."""
    for length in range(len(chain.hops), 0, -1):
        yield Chain(chain.start, chain.hops[:length], chain.sources[:length])
