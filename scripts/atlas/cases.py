"""Cases for a question: topics, their answers, and every chain of facts between them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from scripts.atlas.graph import Atlas, Entity, Fact, Literal
from scripts.atlas.templates import RelationPath, Side

MOST_ANSWERS = 30
MOST_GOLD_PATHS = 200
MOST_CHAINS_SEARCHED = 2000

GoldPath = tuple[Fact, ...]
AnswerOfChain = dict[GoldPath, Entity | Literal]


@dataclass(frozen=True)
class Case:
    """Topics, the answers that a template's paths lead to from them, and every way there, by topic."""

    topics: tuple[Entity, ...]
    gold_paths: tuple[tuple[GoldPath, ...], ...]
    answers: frozenset[Entity | Literal]

    @property
    def usable(self) -> bool:
        """Whether the numbers of answers and of ways to them suit a question."""
        return 1 <= len(self.answers) <= MOST_ANSWERS and sum(map(len, self.gold_paths)) <= MOST_GOLD_PATHS


def cases(atlas: Atlas, sides: tuple[Side, ...], generator: random.Random) -> Iterator[Case]:
    """The usable cases of a path or a pair of paths, in random order; no first topic comes twice."""
    seconds = [
        (topic, chains)
        for side in sides[1:]
        for topic in topics_for(atlas, side)
        if (chains := chains_from(atlas, topic, side.path))
    ]
    order = topics_for(atlas, sides[0])
    generator.shuffle(order)
    for topic in order:
        chains = chains_from(atlas, topic, sides[0].path)
        generator.shuffle(seconds)
        candidates = pairs(topic, chains, seconds) if len(sides) == 2 else iter([single(topic, chains)])
        yield from islice((case for case in candidates if case.usable), 1)


def topics_for(atlas: Atlas, side: Side) -> list[Entity]:
    """The entities of the side's kind whose label no other entity has, by name."""
    candidates = {entity for entity, kinds in atlas.kinds.items() if not side.kind or side.kind in kinds}
    return sorted(entity for entity in candidates if entity.label not in atlas.shared_labels)


def single(topic: Entity, chains: AnswerOfChain) -> Case:
    """The case of one topic."""
    return Case((topic,), (tuple(chains),), frozenset(chains.values()))


def pairs(
    first: Entity, chains: AnswerOfChain, seconds: list[tuple[Entity, AnswerOfChain]]
) -> Iterator[Case]:
    """The cases of the first topic with each second one, where both topics narrow the answers down."""
    of_first = frozenset(chains.values())
    for second, second_chains in seconds:
        of_second = frozenset(second_chains.values())
        answers = of_first & of_second
        if second == first or not answers or answers in (of_first, of_second):
            continue
        both = tuple(
            tuple(chain for chain, answer in side.items() if answer in answers)
            for side in (chains, second_chains)
        )
        if not passes_through(both[0], second) and not passes_through(both[1], first):
            yield Case((first, second), both, answers)


def passes_through(chains: tuple[GoldPath, ...], entity: Entity) -> bool:
    """Whether a fact of a chain is about the entity."""
    return any(entity in (fact.head, fact.tail) for chain in chains for fact in chain)


def chains_from(atlas: Atlas, topic: Entity, path: RelationPath) -> AnswerOfChain:
    """Every chain along the path from the topic; empty if they are too many to list."""
    chains = list(islice(gold_paths(atlas, topic, path), MOST_CHAINS_SEARCHED + 1))
    return {} if len(chains) > MOST_CHAINS_SEARCHED else {chain: end_of(chain, path) for chain in chains}


def gold_paths(atlas: Atlas, topic: Entity, path: RelationPath) -> Iterator[GoldPath]:
    """Every chain of facts along the path from the topic that does not come back to the topic."""

    def walk(node: Entity | Literal, depth: int) -> Iterator[GoldPath]:
        if depth == len(path):
            yield ()
            return
        step = path[depth]
        index = atlas.incoming if step.inverse else atlas.outgoing
        for fact in sorted(index.get((node, step.relation), [])):
            following = fact.head if step.inverse else fact.tail
            if following != topic:
                yield from ((fact, *rest) for rest in walk(following, depth + 1))

    return walk(topic, 0)


def end_of(gold_path: GoldPath, path: RelationPath) -> Entity | Literal:
    """The answer that a chain along the path leads to."""
    return gold_path[-1].head if path[-1].inverse else gold_path[-1].tail
