"""The best scores that any system can reach, computed from questions and graph without a model."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from kgqa.counted import counted
from kgqa.datasets import Question
from kgqa.errors import check_count
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
    """The best scores that are possible; each tuple has an entry for 1, 2, ... `hops` hops.

    `answers_within` is the share of gold answers (of all questions) that a chain of at most so many hops
    reaches from a topic; `any_within` and `all_within` are the shares of questions (of those with gold
    answers) of which one or all answers are reached. Answers are looked up by name, as strict scores
    compare them. `chains` and `relation_paths` count what a question has to choose from, `degrees` the
    triples around its topics.

    `unknown_topics` and `unknown_answers` count names that the graph does not have, `unknown` has
    examples; `topicless` counts questions of which no topic is known (a linker may find one),
    `own_graphs` those looked up in a graph of their own. `parallel` is the share of triples that a graph
    with one relation for each pair of entities would lose.
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
    own_graphs: int
    unknown_topics: int
    unknown_answers: int
    unknown: tuple[str, ...]

    @classmethod
    def of(
        cls,
        questions: Iterable[Question],
        graph: IndexedGraph | None = None,
        *,
        hops: int = 3,
        inverse: bool = True,
        allow_return: bool = False,
    ) -> Self:
        """The ceiling of questions in `graph`; a question that brings a graph is looked up in that.

        Topics are found as the answerer finds them: all entities of a name. Takes about ten seconds for
        15,000 questions of three hops; the time grows with the number of chains of one hop fewer.
        Raises `UsageError` for fewer than one hop, `DataError` for a question's graph that cannot be
        built and for a question without a graph where `graph` is `None`.
        """
        check_count(hops, "hops")
        found = CeilingStatistics(hops, inverse, allow_return)
        found.add(questions, graph)
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
            own_graphs=found.own_graphs,
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
        graphs = f", {self.own_graphs:,} with graphs of their own" if self.own_graphs else ""
        asked, right = counted(self.n, "question"), counted(self.answers, "gold answer")
        yield f"{asked}{graphs}, {right}; chains {ways}{back}"
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
            f"not in the graph: {counted(self.unknown_topics, 'topic')}, "
            f"{counted(self.unknown_answers, 'gold answer')}"
            f"{examples}; {counted(self.topicless, 'question')} without a topic"
        )


def _near(away: int | None, hops: int) -> bool:
    return away is not None and away <= hops


def _share(holds: Sequence[bool]) -> float:
    return sum(holds) / len(holds) if holds else 0.0
