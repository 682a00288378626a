"""Answers of questions with several topics: the entities that chains from every topic reach."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import NamedTuple

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.decode import Hypothesis
from kgqa.graph import Chain, IndexedGraph

__all__ = ["TopicIntersection"]

_CHAINS_INSPECTED = 64
_SHARE = 0.5


class _Reached(NamedTuple):
    """The best chain from a topic to an entity."""

    score: float
    chain: Chain


@dataclass(frozen=True)
class TopicIntersection:
    """Prefers the entities that chains from every topic of a question reach.

    No single path answers "Which members of NATO speak Italian?", but the entities that a path from NATO
    and a path from Italian both reach do. Entities are ranked by the sum of the scores of the best path from
    each topic; those whose exponential is at least half of the best one's are the answers. Paths more than
    `nats` behind the best of all are ignored. Topics with the same name count as one.
    """

    nats: float = 12.0

    def prefer(
        self, answer: Answer, topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> Answer:
        """The answer of the common entities; the given one where there are none or only one topic."""
        names = {_name(topic, graph) for topic in topics}
        if len(names) < 2 or not hypotheses:
            return answer
        found = self._reached(hypotheses, len(names), graph)
        joint = {
            entity: sum(reached.score for reached in by_topic.values())
            for entity, by_topic in found.items()
            if by_topic.keys() == names
        }
        if not joint:
            return answer
        best = max(joint.values())
        masses = {entity: math.exp(value - best) for entity, value in joint.items()}
        total = math.fsum(masses.values())
        chosen = sorted(
            (entity for entity, mass in masses.items() if mass >= _SHARE),
            key=lambda entity: (-masses[entity], entity),
        )
        return replace(
            answer,
            entities=tuple(
                RankedEntity(entity, masses[entity] / total, _chains(found[entity])) for entity in chosen
            ),
        )

    def _reached(
        self, hypotheses: Sequence[Hypothesis], topics: int, graph: IndexedGraph
    ) -> dict[str, dict[str, _Reached]]:
        """The best chain to each entity from each topic (by name).

        Entities that fewer hypotheses reach than there are topics are left out.
        """
        ranked = sorted(hypotheses, key=lambda h: (-h.score, h.tokens))
        near = [h for h in ranked if h.score >= ranked[0].score - self.nats]
        chains: Counter[str] = Counter()
        for hypothesis in near:
            chains.update(hypothesis.ends)
        found: dict[str, dict[str, _Reached]] = {}
        for hypothesis in near:
            for entity in hypothesis.ends:
                if chains[entity] < topics:
                    continue
                by_topic = found.setdefault(entity, {})
                for chain in islice(hypothesis.chains(entity), _CHAINS_INSPECTED):
                    by_topic.setdefault(_name(chain.start, graph), _Reached(hypothesis.score, chain))
        return found


def _chains(by_topic: dict[str, _Reached]) -> tuple[Chain, ...]:
    """One chain from each topic, the best first."""
    best_first = sorted(by_topic.values(), key=lambda reached: -reached.score)
    return tuple(dict.fromkeys(reached.chain for reached in best_first))


def _name(entity: str, graph: IndexedGraph) -> str:
    return graph.label(entity) or entity
