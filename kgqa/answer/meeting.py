"""Answers of questions with several topics: where chains from all of them meet."""

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

__all__ = ["Meeting"]

_CHAINS_INSPECTED = 64
_SHARE = 0.5


class _Reached(NamedTuple):
    """The best way that leads from a topic to an entity."""

    score: float
    chain: Chain


@dataclass(frozen=True)
class Meeting:
    """Prefers the entities that chains from every topic of a question reach.

    "Which members of NATO speak Italian?" is answered by no single path, but by the entity where a
    path from NATO and another from Italian meet. Entities are ranked by the scores of the best
    path from each topic, added up; those with at least half of the best one's are the answers.
    Only paths within `nats` of the best of all are heard. Entities of one name are one topic.
    """

    graph: IndexedGraph
    nats: float = 12.0

    def prefer(self, answer: Answer, topics: Sequence[str], hypotheses: Sequence[Hypothesis]) -> Answer:
        """The answer at the meeting point; the given one where there is none or only one topic."""
        names = {self._name(topic) for topic in topics}
        if len(names) < 2 or not hypotheses:
            return answer
        found = self._reached(hypotheses, len(names))
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
        elected = sorted(
            (entity for entity, mass in masses.items() if mass >= _SHARE),
            key=lambda entity: (-masses[entity], entity),
        )
        return replace(
            answer,
            entities=tuple(
                RankedEntity(entity, masses[entity] / total, self._chains(found[entity]))
                for entity in elected
            ),
        )

    def _reached(self, hypotheses: Sequence[Hypothesis], topics: int) -> dict[str, dict[str, _Reached]]:
        """For each entity, and each topic's name that it is reached from, the best way.

        Entities that fewer chains reach than there are topics are left out.
        """
        ranked = sorted(hypotheses, key=lambda h: (-h.score, h.tokens))
        heard = [h for h in ranked if h.score >= ranked[0].score - self.nats]
        chains: Counter[str] = Counter()
        for hypothesis in heard:
            chains.update(hypothesis.ends)
        found: dict[str, dict[str, _Reached]] = {}
        for hypothesis in heard:
            for entity in hypothesis.ends:
                if chains[entity] < topics:
                    continue
                by_topic = found.setdefault(entity, {})
                for chain in islice(hypothesis.chains(entity), _CHAINS_INSPECTED):
                    by_topic.setdefault(self._name(chain.start), _Reached(hypothesis.score, chain))
        return found

    def _chains(self, by_topic: dict[str, _Reached]) -> tuple[Chain, ...]:
        """One chain from each topic, the best first."""
        ways = sorted(by_topic.values(), key=lambda reached: -reached.score)
        return tuple(dict.fromkeys(reached.chain for reached in ways))

    def _name(self, entity: str) -> str:
        return self.graph.label(entity) or entity
