"""The numbers behind a ceiling, collected question by question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from kgqa.datasets import Question
from kgqa.errors import DataError, StatementError
from kgqa.evaluation.statistics.path_counts import PathCounter
from kgqa.graph import GraphBuilder, IndexedGraph, Triple, fold_name

__all__ = ["CeilingStatistics"]

HUBS = 5


@dataclass
class CeilingStatistics:
    """Collected numbers: `distances` has an entry for each question, the other lists for those with topics.

    `distances` are the fewest hops to each gold answer, `None` where no chain ends at it. `chains` and
    `relation_paths` count what there is to choose from, `degrees` the triples around the topics. `hubs`
    are the topics with the most triples; `unknown_topics` and `unknown_answers` are names that the graph
    does not have; `topicless` counts questions of which no topic is known, `own_graphs` those that bring a
    graph. `triples`, and `pairs` of head and tail, are counted over all graphs.
    """

    hops: int
    inverse: bool
    allow_return: bool
    distances: list[list[int | None]] = field(default_factory=list)
    chains: list[float] = field(default_factory=list)
    relation_paths: list[float] = field(default_factory=list)
    degrees: list[float] = field(default_factory=list)
    hubs: dict[str, int] = field(default_factory=dict)
    unknown_topics: list[str] = field(default_factory=list)
    unknown_answers: list[str] = field(default_factory=list)
    topicless: int = 0
    own_graphs: int = 0
    triples: int = 0
    pairs: int = 0

    def add(self, questions: Iterable[Question], graph: IndexedGraph | None) -> None:
        """Count for every question, in its own graph where it brings one, else in `graph`.

        Raises `DataError` for a question's graph that cannot be built, and for a question without a
        graph where none was given.
        """
        sharing = []
        for question in questions:
            if question.graph is not None:
                self.own_graphs += 1
                self._add(_own_graph(question, question.graph), [question])
            elif graph is None:
                raise DataError(f"the question {question.id!r} brings no graph, and none was given (`graph`)")
            else:
                sharing.append(question)
        if sharing and graph is not None:
            self._add(graph, sharing)

    def _add(self, graph: IndexedGraph, questions: Sequence[Question]) -> None:
        heads = np.repeat(np.arange(graph.entity_count), np.diff(graph.outward.offsets))
        self.triples += len(graph)
        self.pairs += len(np.unique(heads * graph.entity_count + graph.outward.targets))
        counter = PathCounter(graph, self.hops, self.inverse, self.allow_return)
        alike: dict[tuple[int, ...], list[Question]] = {}
        for question in questions:
            alike.setdefault(self._starts(graph, question), []).append(question)
        for starts, asked in alike.items():
            self._add_alike(counter, starts, asked)

    def _starts(self, graph: IndexedGraph, question: Question) -> tuple[int, ...]:
        """The entity numbers of a question's topics, sorted."""
        found: set[int] = set()
        for topic in question.topic_entities:
            matches = graph.find_ranked(topic)
            found.update(graph.entity_id(match.entity) for match in matches if match.rank == matches[0].rank)
            if not matches:
                self.unknown_topics.append(topic)
        return tuple(sorted(found))

    def _add_alike(
        self, counter: PathCounter, starts: tuple[int, ...], questions: Sequence[Question]
    ) -> None:
        graph, counts = counter.graph, counter.of(starts)
        degrees = {start: graph.outward.degree(start) + graph.inward.degree(start) for start in starts}
        self.hubs |= {graph.labels[start] or graph.entity(start): degree for start, degree in degrees.items()}
        self.hubs = dict(sorted(self.hubs.items(), key=lambda hub: (-hub[1], hub[0]))[:HUBS])
        for question in questions:
            if starts:
                self.chains.append(counts.chains)
                self.relation_paths.append(counts.relation_paths)
                self.degrees.append(sum(degrees.values()))
            else:
                self.topicless += 1
            self.distances.append([])
            for answer in dict.fromkeys(question.answers):
                ends = _ends(graph, answer)
                near = [away for end in ends if (away := counts.distance(end)) is not None]
                self.distances[-1].append(min(near, default=None))
                if not ends:
                    self.unknown_answers.append(answer)


def _own_graph(question: Question, facts: Iterable[Triple]) -> IndexedGraph:
    try:
        return GraphBuilder.of(facts)
    except StatementError as error:
        raise DataError(f"{question.id}: the question's own graph cannot be built: {error}") from error


def _ends(graph: IndexedGraph, answer: str) -> list[int]:
    """The entities that would be shown under this very name."""
    name = fold_name(answer)
    numbers = [graph.entity_id(entity) for entity in graph.find(answer)]
    return [number for number in numbers if fold_name(graph.labels[number]) == name]
