"""The vote: every hypothesis gives its weight to the entities at its ends."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.decode import Hypothesis
from kgqa.errors import check_count, check_number
from kgqa.graph import Chain, IndexedGraph

__all__ = ["Vote", "weights_of"]

CHAINS_INSPECTED = 64
"""How many chains of one entity are looked at to see which topic entities it is reached from."""


@dataclass(frozen=True)
class Vote:
    """Ranks entities by the total weight of the hypotheses that end at them. Needs no graph.

    The *weight* of a hypothesis is the softmax of its score over all hypotheses. The *vote share* of an
    entity is the sum of the weights of the hypotheses that end at it (0 to 1). Entities are ordered by vote
    share, then by the rank of the best hypothesis that ends there, then by the number of topic entities from
    which they are reached, then by the number of that hypothesis' chains that end there, then by identifier.

    Candidates are chosen before they are ordered: the ends of the hypotheses whose weight is at least `share`
    times the best one's (1: the best hypothesis alone; 0: all). If some candidates are reached from more
    topic entities than others, only they are answers (the film with both this director and that actor),
    unless `all_topics` is false. Each answer shows up to `chains_per_answer` chains, most probable first.

    Hypotheses with a log-probability (nats) below `floor` are ignored; if all are, the answer is empty. The
    right floor depends on the model; by default there is none.

    Raises `UsageError` for settings out of range.
    """

    share: float = 0.5
    all_topics: bool = True
    chains_per_answer: int = 3
    floor: float = -math.inf

    keeps_ranking: ClassVar[bool] = True
    votes_on: ClassVar[str] = "chains"

    def __post_init__(self) -> None:
        check_number(self.share, "share", least=0, most=1)
        check_count(self.chains_per_answer, "chains_per_answer")

    def aggregate(self, question: str, hypotheses: Sequence[Hypothesis], _graph: IndexedGraph) -> Answer:
        """The entities with the most votes, best first; the empty answer where no hypothesis counts."""
        likely = [h for h in hypotheses if h.log_probability >= self.floor]
        ranked = sorted(likely, key=lambda h: (-h.score, h.tokens))
        weights = weights_of([h.score for h in ranked])
        ends = [h.ends for h in ranked]
        candidates = self._candidates(ranked, weights, ends)
        scores = dict.fromkeys(candidates, 0.0)
        supporters: dict[str, list[Hypothesis]] = {entity: [] for entity in candidates}
        for hypothesis, weight, reached in zip(ranked, weights, ends, strict=True):
            for entity in candidates.keys() & reached.keys():
                scores[entity] += weight
                supporters[entity].append(hypothesis)
        order = sorted(candidates, key=lambda entity: (-scores[entity], candidates[entity], entity))
        return Answer(
            question, tuple(self._ranked(entity, scores[entity], supporters[entity]) for entity in order)
        )

    def _candidates(
        self, ranked: Sequence[Hypothesis], weights: Sequence[float], ends: Sequence[Mapping[str, int]]
    ) -> dict[str, tuple[int, int, int]]:
        """The entities that are answers, each with its place among those of equal score."""
        voting = sum(weight >= self.share * weights[0] for weight in weights)
        places: dict[str, tuple[int, int]] = {}
        for rank in range(voting):
            for entity, count in ends[rank].items():
                places.setdefault(entity, (rank, -count))
        topics = _topics(ranked, ends, voting, places.keys())
        most = max(topics.values(), default=0) if self.all_topics else 0
        return {
            entity: (rank, -topics[entity], count)
            for entity, (rank, count) in places.items()
            if topics[entity] >= most
        }

    def _ranked(self, entity: str, score: float, supporters: Sequence[Hypothesis]) -> RankedEntity:
        chains = dict.fromkeys(islice(_chains(entity, supporters), self.chains_per_answer))
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
    ranked: Sequence[Hypothesis], ends: Sequence[Mapping[str, int]], voting: int, entities: Set[str]
) -> dict[str, int]:
    """From how many topic entities each entity is reached.

    The first `voting` hypotheses count, and of the others each that is the best from some topic.
    """
    if len(set[str]().union(*(hypothesis.constraint.topics for hypothesis in ranked))) < 2:
        return dict.fromkeys(entities, 1)
    sampled = [_sampled_starts(h, list(reached)) for h, reached in zip(ranked, ends, strict=True)]
    if len(set[str]().union(*sampled)) < 2:
        return dict.fromkeys(entities, 1)
    topics: dict[str, set[str]] = {entity: set() for entity in entities}
    seen: set[str] = set()
    for rank, hypothesis in enumerate(ranked):
        new = sampled[rank] - seen
        seen |= new
        if rank < voting or new:
            for entity in entities & ends[rank].keys():
                starts = _starts(hypothesis, entity)
                topics[entity] |= starts if rank < voting else starts & new
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
