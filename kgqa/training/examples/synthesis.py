"""Made-up questions about random walks, for relations and paths that no real question asks for."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from kgqa.graph import IndexedGraph, RelationStep, mention_of, relation_words
from kgqa.training.examples.example import Example, Target, likely_targets
from kgqa.training.examples.wording import wordings

__all__ = [
    "composed_examples",
    "mentions",
    "replaced",
    "synthetic_examples",
]

_OPENINGS = (
    "what is {}", "what are {}", "who is {}", "who are {}", "which is {}", "{}", "name {}", "{} ?",
    "find {}", "tell me {}", "list {}", "can you tell me {}", "do you know {}", "give me {}",
)  # fmt: skip
_THINGS = (
    "thing",
    "things",
    "one",
    "ones",
    "entity",
    "entities",
    "person",
    "people",
    "item",
    "works",
    "places",
)
_MOST_FAILURES = 10_000
_SAME_LENGTH = 50
_THROUGH_HUB = 20
_PLAIN, _NOTION, _FIRST_UNSAID, _SECOND_UNSAID = 0.3, 0.6, 0.4, 0.2


class _Walk(NamedTuple):
    """A start, steps, and for each step whether it ends at an unnamed node (a mediator)."""

    start: int
    steps: tuple[RelationStep, ...]
    mediated: list[bool]


def synthetic_examples(
    source: str, graph: IndexedGraph, count: int, seed: int, max_steps: int = 3
) -> Iterator[Example]:
    """`count` questions about random walks from random named entities to named ends.

    Steps are drawn evenly over relations, not over facts, so that rare relations occur too. The more ends
    a later step has, the rarer it is: nobody asks for the parents of all people of somebody's gender.
    A graph with very few such walks gives fewer questions.
    """
    chance = random.Random(seed)
    made = failures = 0
    length = chance.randint(1, max_steps)
    while graph.relation_count and made < count and failures < _MOST_FAILURES:
        walk = _random_walk(graph, chance, length)
        if walk is None:
            failures += 1  # in a row
            if failures % _SAME_LENGTH == 0:
                length = chance.randint(1, max_steps)
            continue
        failures = 0
        length = chance.randint(1, max_steps)
        topic = graph.labels[walk.start]
        yield Example(source, _ask(topic, walk, chance), (topic,), (Target(walk.steps),))
        made += 1


def composed_examples(
    source: str, graph: IndexedGraph, examples: Sequence[Example], count: int, seed: int
) -> Iterator[Example]:
    """`count` real questions in which a description of the topic takes the place of its name.

    "what do they speak in Peru" becomes "what do they speak in the country whose capital is Lima":
    the topic is the end of one more step, taken from one of its neighbours.
    """
    chance = random.Random(seed)
    usable = [e for e in examples if len(e.topics) == 1 and mentions(e.question, e.topics[0])]
    made = attempts = 0
    while usable and made < count and attempts < 20 * count:
        attempts += 1
        example = chance.choice(usable)
        topic = example.topics[0]
        found = graph.find(topic)
        hop = _random_hop(graph, graph.entity_id(found[0]), chance) if found else None
        if hop is None:
            continue
        step, neighbour = hop
        described = _describe(graph.labels[neighbour], (step,), chance)
        question = replaced(example.question, topic, described)
        targets = likely_targets({(step, *t.steps): t.weight for t in example.targets if len(t.steps) < 3})
        if targets:
            yield Example(source, question, (graph.labels[neighbour],), targets)
            made += 1


def replaced(question: str, topic: str, described: str) -> str:
    """The question with a description in place of the topic's name."""
    return mention_of(topic).sub(lambda _: described, question)


def mentions(question: str, topic: str) -> bool:
    """Whether a question contains the topic's full name."""
    return mention_of(topic).search(question) is not None


def _random_hop(graph: IndexedGraph, end: int, chance: random.Random) -> tuple[RelationStep, int] | None:
    """A step that leads to `end`, drawn evenly over relations, and a named entity that it starts from."""
    options: dict[RelationStep, list[int]] = {}
    for adjacency, inverse in ((graph.inward, False), (graph.outward, True)):
        relations, sources = adjacency.row(end)
        for relation, entity in zip(relations.tolist(), sources.tolist(), strict=True):
            if graph.named[entity] and entity != end:
                step = RelationStep(graph.relation_labels[relation], inverse)
                options.setdefault(step, []).append(entity)
    if not options:
        return None
    chosen = chance.choice(sorted(options))
    return chosen, chance.choice(options[chosen])


def _random_walk(graph: IndexedGraph, chance: random.Random, length: int) -> _Walk | None:
    start, first, entity = _random_edge(graph, chance)
    if entity == start:
        return None
    steps, mediated = [first], [not graph.named[entity]]
    while len(steps) < length or (mediated[-1] and len(steps) < length + 1):
        inverse = chance.random() < 0.5
        relations, targets = (graph.inward if inverse else graph.outward).row(entity)
        if not len(relations):
            inverse = not inverse
            relations, targets = (graph.inward if inverse else graph.outward).row(entity)
        relation = chance.choice(sorted(set(relations.tolist())))
        ends = targets[relations == relation]
        if chance.random() * len(ends) > _THROUGH_HUB:
            return None
        entity = int(chance.choice(ends.tolist()))
        steps.append(RelationStep(graph.relation_labels[relation], inverse))
        mediated.append(not graph.named[entity])
        if entity == start:
            return None
    if mediated[-1] or not graph.named[start]:
        return None
    return _Walk(start, tuple(steps), mediated)


def _random_edge(graph: IndexedGraph, chance: random.Random) -> tuple[int, RelationStep, int]:
    """A start, a step and its end, drawn evenly over relations, then over their facts."""
    inverse = chance.random() < 0.5
    adjacency = graph.inward if inverse else graph.outward
    edges = np.empty(0, dtype=np.int64)
    while not len(edges):
        relation = chance.randrange(graph.relation_count)
        edges = np.flatnonzero(adjacency.relations == relation)
    edge = int(chance.choice(edges))
    source = int(np.searchsorted(adjacency.offsets, edge, side="right")) - 1
    return source, RelationStep(graph.relation_labels[relation], inverse), int(adjacency.targets[edge])


def _ask(topic: str, walk: _Walk, chance: random.Random) -> str:
    """A question for the end of a walk, or a keyword phrase as people type it."""
    steps = _verbalize(walk, chance)
    phrase = _describe(topic, steps[:-1], chance)
    if chance.random() < _PLAIN:
        return chance.choice(_OPENINGS).format(_worded(steps[-1], phrase, chance, asked=False))
    return _worded(steps[-1], phrase, chance, asked=True)


def _describe(topic: str, steps: Sequence[RelationStep], chance: random.Random) -> str:
    """A noun phrase for the end of some steps."""
    phrase = topic
    for step in steps:
        phrase = _worded(step, phrase, chance, asked=False)
    return phrase


def _verbalize(walk: _Walk, chance: random.Random) -> list[RelationStep]:
    """The steps that are put into words: of the two steps at a mediator, one may be left out."""
    verbalized: list[RelationStep] = []
    quiet = False
    for index, step in enumerate(walk.steps):
        if quiet:
            quiet = False
            continue
        mediated = walk.mediated[index] and index + 1 < len(walk.steps)
        draw = chance.random() if mediated else 1.0
        if draw < _FIRST_UNSAID:
            continue
        quiet = draw < _FIRST_UNSAID + _SECOND_UNSAID
        verbalized.append(step)
    return verbalized


def _worded(step: RelationStep, known: str, chance: random.Random, *, asked: bool) -> str:
    words, kind = relation_words(step.relation)
    ways = wordings(words)
    wording = ways[0] if chance.random() < _NOTION else ways[-1]
    if step.inverse:
        pattern = chance.choice(wording.inverse_questions if asked else wording.inverse_phrases)
    else:
        pattern = chance.choice(wording.questions if asked else wording.phrases)
    things = kind if kind and chance.random() < 0.6 else chance.choice(_THINGS)
    return pattern.replace("{things}", things).replace("{x}", known)
