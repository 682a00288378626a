"""What any system could reach at best, told from questions and graph before a model runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from kgqa.datasets import Question
from kgqa.evaluation.statistics.ceiling_statistics import CeilingStatistics
from kgqa.graph import IndexedGraph, clean_name

__all__ = ["Ceiling", "Spread"]

SHOWN = 5


class Spread(NamedTuple):
    """The median, the 95th percentile and the largest of some numbers; 0 for none."""

    median: float
    p95: float
    largest: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """The spread of these."""
        if not values:
            return cls(0.0, 0.0, 0.0)
        return cls(*(float(value) for value in np.percentile(values, (50, 95, 100))))


@dataclass(frozen=True)
class Ceiling:
    """How far questions and graph let anybody come; each tuple has an entry for 1, 2, ... `hops` hops.

    `answers_within` is the share of gold answers (of all questions) at which a chain of so many hops
    or fewer from a topic ends, `any_within` and `all_within` the share of questions, of those that
    have gold answers, for which that holds of one or of all. An answer is looked for under its
    name, as strict scores compare it. `chains` and `relation_paths` are how many a question has to
    choose from, `degrees` the triples around its topics.

    `unknown_topics` and `unknown_answers` count names that the graph does not have (examples beside);
    `topicless` counts questions of which no topic is known, a linker's work. `parallel` is the share
    of triples that a graph with one relation a pair would lose.
    """

    n: int
    hops: int
    inverse: bool
    allow_return: bool
    answers: int
    answers_within: tuple[float, ...]
    any_within: tuple[float, ...]
    all_within: tuple[float, ...]
    chains: Spread
    relation_paths: Spread
    degrees: Spread
    hubs: tuple[tuple[str, int], ...]
    parallel: float
    topicless: int
    unknown_topics: int
    unknown_answers: int
    unknown: tuple[str, ...]

    @classmethod
    def of(
        cls,
        questions: Iterable[Question],
        graph: IndexedGraph,
        *,
        hops: int = 3,
        inverse: bool = True,
        allow_return: bool = False,
    ) -> Self:
        """Look from the topics of every question; one with a graph of its own is looked at in that.

        Topics are found as `Answerer.resolve` finds them, all entities of a name. Takes some
        ten seconds for 15,000 questions of three hops, and grows with the chains of one hop fewer.
        Raises `ValueError` for fewer than one hop, `DataError` for a question's graph that cannot be
        built.
        """
        if hops < 1:
            raise ValueError(f"a chain has at least one hop, got hops={hops}")
        found = CeilingStatistics(hops, inverse, allow_return)
        found.look_at(questions, graph)
        answered = [distances for distances in found.distances if distances]
        every = [away for distances in answered for away in distances]
        lengths = range(1, hops + 1)
        unknown = dict.fromkeys([*found.unknown_topics, *found.unknown_answers])
        return cls(
            n=len(found.distances),
            hops=hops,
            inverse=inverse,
            allow_return=allow_return,
            answers=len(every),
            answers_within=tuple(_share([_near(away, n) for away in every]) for n in lengths),
            any_within=tuple(_share([any(_near(a, n) for a in row) for row in answered]) for n in lengths),
            all_within=tuple(_share([all(_near(a, n) for a in row) for row in answered]) for n in lengths),
            chains=Spread.of(found.chains),
            relation_paths=Spread.of(found.relation_paths),
            degrees=Spread.of(found.degrees),
            hubs=tuple(found.hubs.items()),
            parallel=1 - found.pairs / found.triples if found.triples else 0.0,
            topicless=found.topicless,
            unknown_topics=len(found.unknown_topics),
            unknown_answers=len(found.unknown_answers),
            unknown=tuple(unknown)[:SHOWN],
        )

    def to_json(self) -> dict[str, Any]:
        """One object; shares between 0 and 1."""
        spreads = {name: getattr(self, name)._asdict() for name in ("chains", "relation_paths", "degrees")}
        return asdict(self) | spreads

    def describe(self) -> str:
        """A page for a reader, shares in percent."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        ways = "either way" if self.inverse else "along the triples"
        back = ", back to the start too" if self.allow_return else ""
        yield f"{self.n:,} questions, {self.answers:,} gold answers; chains {ways}{back}"
        header = "".join(f"{f'<= {n} hops' if n > 1 else '1 hop':>12}" for n in range(1, self.hops + 1))
        yield f"{'within':<28}{header}"
        for title, shares in (
            ("gold answers reached", self.answers_within),
            ("questions, any answer", self.any_within),
            ("questions, all answers", self.all_within),
        ):
            yield f"{title:<28}" + "".join(f"{f'{100 * share:.1f} %':>12}" for share in shares)
        yield f"{'a question':<28}{'median':>12}{'p95':>12}{'most':>16}"
        for title, spread in (
            ("chains", self.chains),
            ("relation paths", self.relation_paths),
            ("triples around its topics", self.degrees),
        ):
            yield f"{title:<28}{spread.median:>12,.0f}{spread.p95:>12,.0f}{spread.largest:>16,.0f}"
        hubs = ", ".join(f"{clean_name(name)} ({degree:,})" for name, degree in self.hubs)
        yield f"largest hubs among topics: {hubs or 'none'}"
        yield f"triples lost with one relation a pair: {100 * self.parallel:.1f} %"
        examples = f" ({', '.join(map(repr, self.unknown))})" if self.unknown else ""
        yield (
            f"not in the graph: {self.unknown_topics:,} topics, {self.unknown_answers:,} gold answers"
            f"{examples}; {self.topicless:,} questions without a topic"
        )


def _near(away: int | None, hops: int) -> bool:
    return away is not None and away <= hops


def _share(holds: Sequence[bool]) -> float:
    return sum(holds) / len(holds) if holds else 0.0
