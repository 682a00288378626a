"""What any system could reach at best, told from questions and graph before a model runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

import numpy as np

from kgqa.datasets import Question
from kgqa.evaluation.normalise import normalise
from kgqa.evaluation.outlook import Outlooks
from kgqa.graph import GraphBuilder, IndexedGraph, clean_name

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
    returns: bool
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
        returns: bool = False,
    ) -> Self:
        """Look from the topics of every question; one with a graph of its own is looked at in that.

        Topics are found as `Answerer.resolve` finds them, all entities of a name. Takes some
        twenty seconds for 15,000 questions of three hops. Raises `ValueError` for fewer than one hop.
        """
        if hops < 1:
            raise ValueError(f"a chain has at least one hop, got hops={hops}")
        survey = _Survey(Outlooks(graph, hops, inverse, returns))
        sharing: list[Question] = []
        for question in questions:
            if question.graph is None:
                sharing.append(question)
            else:
                survey.move(Outlooks(GraphBuilder.of(question.graph), hops, inverse, returns))
                survey.look(survey.starts(question), [question])
        if sharing:
            survey.move(Outlooks(graph, hops, inverse, returns))
        alike: dict[tuple[int, ...], list[Question]] = {}
        for question in sharing:
            alike.setdefault(survey.starts(question), []).append(question)
        for starts, asked in alike.items():
            survey.look(starts, asked)
        return cls(hops=hops, inverse=inverse, returns=returns, **survey.found())

    def to_json(self) -> dict[str, Any]:
        """One object; shares between 0 and 1."""
        spreads = {name: getattr(self, name)._asdict() for name in ("chains", "relation_paths", "degrees")}
        return asdict(self) | spreads

    def describe(self) -> str:
        """A page for a reader, shares in percent."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        ways = "either way" if self.inverse else "along the triples"
        back = ", back to the start too" if self.returns else ""
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


class _Survey:
    """What has been seen so far, question by question."""

    def __init__(self, outlooks: Outlooks) -> None:
        self._outlooks, self._graph = outlooks, outlooks.graph
        self._hops = outlooks.hops
        self._distances: list[list[int | None]] = []
        self._chains: list[float] = []
        self._paths: list[float] = []
        self._degrees: list[float] = []
        self._hubs: dict[str, int] = {}
        self._unknown: dict[str, None] = {}
        self._unknown_topics = self._unknown_answers = self._topicless = 0
        self._triples = self._pairs = 0

    def move(self, outlooks: Outlooks) -> None:
        """Go on in another graph."""
        self._outlooks = outlooks
        self._graph = graph = outlooks.graph
        heads = np.repeat(np.arange(graph.entity_count), np.diff(graph.outward.offsets))
        self._triples += len(graph)
        self._pairs += len(np.unique(heads * graph.entity_count + graph.outward.targets))

    def starts(self, question: Question) -> tuple[int, ...]:
        """The entity numbers of a question's topics, sorted."""
        found: set[int] = set()
        for topic in question.topic_entities:
            matches = self._graph.find_ranked(topic)
            best = [match.entity for match in matches if match.rank == matches[0].rank]
            found.update(self._graph.entity_id(entity) for entity in best)
            if not matches:
                self._unknown_topics += 1
                self._unknown.setdefault(topic)
        return tuple(sorted(found))

    def look(self, starts: tuple[int, ...], questions: Sequence[Question]) -> None:
        """Note questions that start from the same entities."""
        graph = self._graph
        outlook = self._outlooks.of(starts)
        degrees = {start: graph.outward.degree(start) + graph.inward.degree(start) for start in starts}
        for start, degree in degrees.items():
            self._hubs[graph.labels[start] or graph.entity(start)] = degree
        self._hubs = dict(sorted(self._hubs.items(), key=lambda hub: (-hub[1], hub[0]))[:SHOWN])
        for question in questions:
            self._topicless += not starts
            if starts:
                self._chains.append(outlook.chains)
                self._paths.append(outlook.relation_paths)
                self._degrees.append(sum(degrees.values()))
            self._distances.append([])
            for answer in dict.fromkeys(question.answers):
                ends = self._ends(answer)
                near = [away for end in ends if (away := outlook.distance(end)) is not None]
                self._distances[-1].append(min(near, default=None))
                if not ends:
                    self._unknown_answers += 1
                    self._unknown.setdefault(answer)

    def _ends(self, answer: str) -> list[int]:
        """The entities that would be shown under this very name."""
        graph, name = self._graph, normalise(answer)
        numbers = [graph.entity_id(entity) for entity in graph.find(answer)]
        return [number for number in numbers if normalise(graph.labels[number]) == name]

    def found(self) -> dict[str, Any]:
        """The fields of a ceiling."""
        answered = [away for away in self._distances if away]
        every = [away for distances in answered for away in distances]
        lengths = range(1, self._hops + 1)
        return {
            "n": len(self._distances),
            "answers": len(every),
            "answers_within": tuple(_share([_near(away, n) for away in every]) for n in lengths),
            "any_within": tuple(_share([any(_near(a, n) for a in row) for row in answered]) for n in lengths),
            "all_within": tuple(_share([all(_near(a, n) for a in row) for row in answered]) for n in lengths),
            "chains": Spread.of(self._chains),
            "relation_paths": Spread.of(self._paths),
            "degrees": Spread.of(self._degrees),
            "hubs": tuple(self._hubs.items()),
            "parallel": 1 - self._pairs / self._triples if self._triples else 0.0,
            "topicless": self._topicless,
            "unknown_topics": self._unknown_topics,
            "unknown_answers": self._unknown_answers,
            "unknown": tuple(list(self._unknown)[:SHOWN]),
        }


def _near(away: int | None, hops: int) -> bool:
    return away is not None and away <= hops


def _share(holds: Sequence[bool]) -> float:
    return sum(holds) / len(holds) if holds else 0.0
