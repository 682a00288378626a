"""Made-up questions about random walks, to teach relations and compositions nobody asked about."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import starmap

import numpy as np

from kgqa.graph import IndexedGraph, RelationStep
from kgqa.training.example import Example, Target, likely_targets

__all__ = [
    "composed_examples",
    "mentions",
    "relation_words",
    "replaced",
    "restyled_examples",
    "synthetic_examples",
]

_QUESTIONS = (
    "what is {}", "what are {}", "who is {}", "who are {}", "which is {}", "{}", "name {}", "{} ?",
    "find {}", "tell me {}", "list {}", "can you tell me {}", "do you know {}", "give me {}",
)  # fmt: skip
_FORWARD = (
    "the {r} of {x}", "the {r} of {x}", "{x} 's {r}", "{x}'s {r}", "the {r} for {x}", "{r} of {x}",
    "{x} {r}", "what {x} {r}",
)  # fmt: skip
_INVERSE = (
    "the {t} whose {r} is {x}", "the {t} that has {x} as its {r}", "the {t} with {r} {x}",
    "the {t} that have {x} as their {r}", "the {t} that {x} is the {r} of", "what has {r} {x}",
    "the {t} where {x} is {r}", "the {t} {r} {x}", "what {r} {x}", "the {t} of which {x} is the {r}",
)  # fmt: skip
_THINGS = ("thing", "things", "one", "ones", "entity", "entities", "person", "people", "item", "ones")


def relation_words(relation: str) -> tuple[str, str]:
    """The words of a relation, and those of the kind of thing that it belongs to (or empty).

    >>> relation_words("people.person.place_of_birth"), relation_words("birthPlace")
    (('place of birth', 'person'), ('birth place', ''))
    """
    parts = [words for part in re.split(r"[./#]", relation) if (words := _words(part))]
    return (parts[-1] if parts else relation), (parts[-2] if len(parts) > 1 else "")


def synthetic_examples(
    source: str, graph: IndexedGraph, count: int, seed: int, max_steps: int = 3
) -> Iterator[Example]:
    """`count` questions about random walks from random named entities to named ends.

    Steps are drawn evenly over relations, not over facts, so that rare ones are asked about too. Fewer
    questions come from a graph that has next to no such walks.
    """
    chance = random.Random(seed)
    made = attempts = 0
    while graph.relation_count and made < count and attempts < 1000 * count:
        attempts += 1
        walk = _random_walk(graph, chance, chance.randint(1, max_steps))
        if walk is None:
            continue
        start, steps, mediated = walk
        topic = graph.labels[start]
        question = chance.choice(_QUESTIONS).format(_describe(topic, steps, mediated, chance))
        yield Example(source, question, (topic,), (Target(steps),))
        made += 1


def composed_examples(
    source: str, graph: IndexedGraph, examples: Sequence[Example], count: int, seed: int
) -> Iterator[Example]:
    """`count` real questions that ask about a described entity in place of their named topic.

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
        described = _describe(graph.labels[neighbour], (step,), [False], chance)
        question = replaced(example.question, topic, described)
        targets = likely_targets({(step, *t.steps): t.weight for t in example.targets if len(t.steps) < 3})
        if targets:
            yield Example(source, question, (graph.labels[neighbour],), targets)
            made += 1


def restyled_examples(source: str, examples: Iterable[Example], seed: int) -> Iterator[Example]:
    """The examples with their relations named as another graph might name them.

    `people.person.place_of_birth` becomes `place of birth`, `place_of_birth` or `placeOfBirth`, one
    style for each example: it teaches to write relations from the words of the question.
    """
    chance = random.Random(seed)
    for example in examples:
        style = chance.choice(_STYLES)
        targets: dict[tuple[RelationStep, ...], float] = {}
        for target in example.targets:
            words = [(relation_words(step.relation)[0], step) for step in target.steps]
            steps = tuple(RelationStep(style(name.split()), step.inverse) for name, step in words)
            targets[steps] = targets.get(steps, 0.0) + target.weight
        yield Example(source, example.question, example.topics, tuple(starmap(Target, targets.items())))


def _camel_case(words: Sequence[str]) -> str:
    return "".join(word if index == 0 else word.capitalize() for index, word in enumerate(words))


_STYLES: tuple[Callable[[Sequence[str]], str], ...] = (" ".join, " ".join, "_".join, _camel_case)


def replaced(question: str, topic: str, described: str) -> str:
    """The question about something described in place of its topic."""
    return _mention(topic).sub(lambda _: described, question)


def mentions(question: str, topic: str) -> bool:
    """Whether a question names its topic in full."""
    return _mention(topic).search(question) is not None


def _mention(topic: str) -> re.Pattern[str]:
    """The topic as words of their own: "Ur" is not mentioned in "during"."""
    return re.compile(rf"(?<!\w){re.escape(topic)}(?!\w)", re.IGNORECASE)


def _random_hop(graph: IndexedGraph, end: int, chance: random.Random) -> tuple[RelationStep, int] | None:
    """A step that leads to `end`, even over relations, and the named entity that it starts from."""
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


def _random_walk(
    graph: IndexedGraph, chance: random.Random, length: int
) -> tuple[int, tuple[RelationStep, ...], list[bool]] | None:
    """Start, steps, and for each step whether it ends in an unnamed node."""
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
        entity = int(chance.choice(targets[relations == relation].tolist()))
        steps.append(RelationStep(graph.relation_labels[relation], inverse))
        mediated.append(not graph.named[entity])
        if entity == start:
            return None
    if mediated[-1] or not graph.named[start]:
        return None
    return start, tuple(steps), mediated


def _random_edge(graph: IndexedGraph, chance: random.Random) -> tuple[int, RelationStep, int]:
    """A start, a step and where it leads: even over relations, then over their facts."""
    inverse = chance.random() < 0.5
    adjacency = graph.inward if inverse else graph.outward
    edges = np.empty(0, dtype=np.int64)
    while not len(edges):
        relation = chance.randrange(graph.relation_count)
        edges = np.flatnonzero(adjacency.relations == relation)
    edge = int(chance.choice(edges))
    source = int(np.searchsorted(adjacency.offsets, edge, side="right")) - 1
    return source, RelationStep(graph.relation_labels[relation], inverse), int(adjacency.targets[edge])


def _describe(
    topic: str, steps: tuple[RelationStep, ...], mediated: list[bool], chance: random.Random
) -> str:
    """A noun phrase for the end of the walk; a step through a mediator may go unsaid."""
    phrase = topic
    for step, silent in zip(steps, mediated, strict=True):
        if silent and chance.random() < 0.4:
            continue
        words, kind = relation_words(step.relation)
        if kind and not step.inverse and chance.random() < 0.2:
            words = f"{kind} {words}"
        thing = kind if kind and chance.random() < 0.6 else chance.choice(_THINGS)
        pattern = chance.choice(_INVERSE if step.inverse else _FORWARD)
        phrase = pattern.format(r=words, x=phrase, t=thing)
    return phrase


def _words(identifier: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", identifier)
    return " ".join(re.sub(r"[_\W]+", " ", spaced).split()).lower()
