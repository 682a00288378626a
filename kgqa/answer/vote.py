"""The vote: every hypothesis gives its weight to the entities that it ends at."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.decode import Hypothesis
from kgqa.errors import UsageError
from kgqa.graph import Chain, IndexedGraph

if TYPE_CHECKING:
    from kgqa.answer.election import Election

__all__ = ["Vote", "weights_of"]

CHAINS_INSPECTED = 64
"""How many chains of one entity are looked at to see which topic entities it is reached from."""


@dataclass(frozen=True)
class Vote:
    """Weighs hypotheses by their scores and lets them elect entities.

    The *weight* of a hypothesis is the softmax of its score over all hypotheses found: its share of
    their probability, where nothing else was scored. An entity's score is the weight of all
    hypotheses that end at it, so scores lie between 0 and 1. Order: score, then the rank of the best
    hypothesis that ends there, then the number of topic entities from which it is reached, then the
    number of that hypothesis' chains that end there, then the identifier.

    Which entities are answers is decided before the order: the ends of the hypotheses whose weight
    is at least `share` of the best one's (1: the best alone; 0: all). Where some of these entities
    are reached from more topic entities than others, by those hypotheses or by the best one from
    each topic entity, only they are answers (the film that has both this director and that actor),
    unless `all_topics` is false. Each answer shows up to `chains_per_answer` chains, from the most
    probable hypothesis on.

    A hypothesis with a log-probability below `floor` is no evidence: when all are, the answer is
    empty. Which floor is right depends on the model; there is none by default.

    Raises `UsageError` for settings out of range.
    """

    share: float = 0.5
    all_topics: bool = True
    chains_per_answer: int = 3
    floor: float = -math.inf

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise UsageError(f"share must lie between 0 and 1, not {self.share}")
        if self.chains_per_answer < 1:
            raise UsageError(f"chains_per_answer must be at least 1, not {self.chains_per_answer}")

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis]) -> Answer:
        """The entities elected by the hypotheses, best first; the empty answer for no likely ones."""
        likely = [h for h in hypotheses if h.log_probability >= self.floor]
        ranked = sorted(likely, key=lambda h: (-h.score, h.tokens))
        weights = weights_of([h.score for h in ranked])
        ends = [h.ends for h in ranked]
        elected = self._elected(ranked, weights, ends)
        scores = dict.fromkeys(elected, 0.0)
        voters: dict[str, list[Hypothesis]] = {entity: [] for entity in elected}
        for hypothesis, weight, reached in zip(ranked, weights, ends, strict=True):
            for entity in elected.keys() & reached.keys():
                scores[entity] += weight
                voters[entity].append(hypothesis)
        order = sorted(elected, key=lambda entity: (-scores[entity], elected[entity], entity))
        return Answer(
            question, tuple(self._ranked(entity, scores[entity], voters[entity]) for entity in order)
        )

    def over(self, graph: IndexedGraph) -> Election:
        """This vote over a graph, which knows more about the entities: see `Election`."""
        from kgqa.answer.election import Election  # it is built on votes

        return Election(graph, self)

    def _elected(
        self, ranked: Sequence[Hypothesis], weights: Sequence[float], ends: Sequence[Mapping[str, int]]
    ) -> dict[str, tuple[int, int, int]]:
        """The entities that are answers, each with its place among those of equal score."""
        electing = sum(weight >= self.share * weights[0] for weight in weights)
        places: dict[str, tuple[int, int]] = {}
        for rank in range(electing):
            for entity, count in ends[rank].items():
                places.setdefault(entity, (rank, -count))
        topics = _topics(ranked, ends, electing, places.keys())
        most = max(topics.values(), default=0) if self.all_topics else 0
        return {
            entity: (rank, -topics[entity], count)
            for entity, (rank, count) in places.items()
            if topics[entity] >= most
        }

    def _ranked(self, entity: str, score: float, voters: Sequence[Hypothesis]) -> RankedEntity:
        chains = dict.fromkeys(islice(_chains(entity, voters), self.chains_per_answer))
        return RankedEntity(entity, min(score, 1.0), tuple(chains))


def weights_of(log_probabilities: Sequence[float]) -> list[float]:
    """The softmax of scores sorted from the highest; equal where all are impossible."""
    if not log_probabilities:
        return []
    best = log_probabilities[0]
    if best == -math.inf:
        return [1 / len(log_probabilities)] * len(log_probabilities)
    masses = [math.exp(value - best) for value in log_probabilities]
    total = math.fsum(masses)
    return [mass / total for mass in masses]


def _topics(
    ranked: Sequence[Hypothesis], ends: Sequence[Mapping[str, int]], electing: int, entities: Set[str]
) -> dict[str, int]:
    """From how many topic entities each entity is reached.

    The first `electing` hypotheses count, and of the others each that is the best from some topic.
    """
    if len(set[str]().union(*(hypothesis.constraint.topics for hypothesis in ranked))) < 2:
        return dict.fromkeys(entities, 1)
    sampled = [_sampled_starts(h, list(reached)) for h, reached in zip(ranked, ends, strict=True)]
    if len(set[str]().union(*sampled)) < 2:
        return dict.fromkeys(entities, 1)
    topics: dict[str, set[str]] = {entity: set() for entity in entities}
    heard: set[str] = set()
    for rank, hypothesis in enumerate(ranked):
        new = sampled[rank] - heard
        heard |= new
        if rank < electing or new:
            for entity in entities & ends[rank].keys():
                starts = _starts(hypothesis, entity)
                topics[entity] |= starts if rank < electing else starts & new
    return {entity: len(starts) for entity, starts in topics.items()}


def _starts(hypothesis: Hypothesis, end: str) -> set[str]:
    """The topic entities from which a hypothesis reaches one of its ends."""
    return {chain.start for chain in islice(hypothesis.chains(end), CHAINS_INSPECTED)}


def _sampled_starts(hypothesis: Hypothesis, ends: Sequence[str]) -> set[str]:
    """The topic entities that its first, middle and last end are reached from."""
    sample = dict.fromkeys((ends[0], ends[len(ends) // 2], ends[-1])) if ends else ()
    return set[str]().union(*(_starts(hypothesis, end) for end in sample))


def _chains(entity: str, hypotheses: Sequence[Hypothesis]) -> Iterator[Chain]:
    for hypothesis in hypotheses:
        yield from hypothesis.chains(entity)
