"""The order of equally likely answers by the question's words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.words import STOP_WORDS, words
from kgqa.graph import IndexedGraph, fold_name
from kgqa.program import TYPE_RELATIONS

__all__ = ["QuestionWords", "tied_groups"]

_LOOKED_AT = 200
_TIED = 0.01


@dataclass(frozen=True)
class QuestionWords:
    """Orders answers of nearly equal vote share (within 0.01) by the words they share with the question.

    An entity's words are those of its name, of its types, and of the relations that it takes part in, except
    the last relations of its own chains: among the regions that contain Greenland, "what continent" asks for
    North America, which takes part in `location.continent`. The topic's own words do not count. On the
    training questions of WebQSP whose path reaches right and wrong answers, this puts a right one first in 58
    % of cases instead of 51 %.

    >>> from kgqa.graph import GraphBuilder, Triple
    >>> from kgqa.lm import MockLanguageModel
    >>> from kgqa.pipeline import Answerer
    >>> facts = [Triple("Kismet", "seen in", name) for name in ("Kyoto", "Lima", "the city of Cork")]
    >>> answerer = Answerer(GraphBuilder.of(facts), MockLanguageModel())
    >>> answer = answerer.answer("In which city was Kismet seen?")
    >>> [ranked.entity for ranked in answer.entities]
    ['the city of Cork', 'Kyoto', 'Lima']
    """

    def order(self, answer: Answer, graph: IndexedGraph) -> Answer:
        """The answer with its first 200 entities in order."""
        some = answer.entities[:_LOOKED_AT]
        if len(some) < 2:
            return answer
        topics = {chain.start for ranked in some for chain in ranked.chains}
        known = set(words(*(graph.label(topic) or "" for topic in topics)))
        asked = set(words(answer.question)) - STOP_WORDS - known
        if not asked:
            return answer
        ordered: list[RankedEntity] = []
        for peers in tied_groups(some):
            if len(peers) > 1:
                peers.sort(key=lambda ranked: -len(asked & _words_of(ranked, graph)))
            ordered += peers
        return replace(answer, entities=(*ordered, *answer.entities[_LOOKED_AT:]))


def _words_of(ranked: RankedEntity, graph: IndexedGraph) -> set[str]:
    entity = graph.entity_id(ranked.entity)
    walked = {graph.relation_id(chain.hops[-1].relation) for chain in ranked.chains}
    found = set(words(graph.label(ranked.entity) or ""))
    for adjacency in (graph.outward, graph.inward):
        relations, targets = adjacency.row(entity)
        for relation in np.unique(relations).tolist():
            if relation in walked:
                continue
            own, is_type = _of_relation(graph.relation(relation), graph.relation_labels[relation])
            found |= own
            if is_type and adjacency is graph.outward:
                types = targets[relations == relation].tolist()
                found.update(words(*(graph.labels[kind] for kind in types[:16])))
    return found


def tied_groups(ranked: Sequence[RankedEntity]) -> Iterator[list[RankedEntity]]:
    """Runs of entities whose vote shares are within 0.01 of the first one's."""
    group: list[RankedEntity] = []
    for entity in ranked:
        if group and group[0].vote_share - entity.vote_share > _TIED:
            yield group
            group = []
        group.append(entity)
    yield group


@lru_cache(maxsize=65536)
def _of_relation(relation: str, label: str) -> tuple[frozenset[str], bool]:
    """The words of a relation's label, and whether it says what something is."""
    return frozenset(words(label)), bool(_TYPES & {fold_name(relation), fold_name(label)})


_TYPES = frozenset(map(fold_name, TYPE_RELATIONS))
