"""Training questions made of others: two joined into one, relations named in another style."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import starmap

from kgqa.graph import IndexedGraph, RelationStep, relation_words
from kgqa.training.examples.example import Example, Target
from kgqa.training.examples.frontier import Frontier
from kgqa.training.examples.synthesis import mentions, replaced

__all__ = ["joined_examples", "noun_phrase", "restyled_examples"]

_MAX_STEPS = 3
_PHRASES = (
    (r"(?:who|what|which) (?:is|are|was|were) (the .*|.*'s .*)", r"\1"),
    (r"who (.*)", r"whoever \1"),
    (r"who (.*)", r"the person who \1"),
    (r"(?:which|what) (\w+) (.*)", r"the \1 that \2"),
    (r"(?:in|on|from|at|to|by|of) (?:which|what) (\w+) (.*)", r"the \1 where \2"),
    (r"(?:name|list|find|tell me|give me) (.*)", r"\1"),
)
_NO_PHRASE = re.compile(
    r"(who|what|which|where|when|how|whose|whom|why|did|do|does|is|are|was|were|can|i|by|in|on|at) ",
    re.IGNORECASE,
)


def noun_phrase(question: str, chance: random.Random) -> str:
    """A noun phrase for what a question asks for, to be the topic of another question; empty if unclear.

    >>> noun_phrase("Which river flows through Paris?", random.Random(0))
    'the river that flows through Paris'
    """
    asked = question.strip().rstrip("?. ")
    fitting = [
        re.sub(pattern, phrase, asked, flags=re.IGNORECASE)
        for pattern, phrase in _PHRASES
        if re.fullmatch(pattern, asked, flags=re.IGNORECASE)
    ]
    if fitting:
        return fitting[0] if chance.random() < 0.5 else chance.choice(fitting)
    if _NO_PHRASE.match(asked):
        return ""
    return chance.choice((asked, f"the {asked}"))


def joined_examples(
    source: str, graph: IndexedGraph, examples: Sequence[Example], count: int, seed: int
) -> Iterator[Example]:
    """`count` joins of two real questions: the answer of one is the topic of the other.

    "Which river flows through Paris?" and "Where does the Rhine rise?" give "Where does the river
    that flows through Paris rise?". The graph must hold the joined path.
    """
    chance = random.Random(seed)
    usable = [e for e in examples if len(e.topics) == 1 and mentions(e.question, e.topics[0])]
    onward = [_onward(graph, example) for example in usable]
    made = attempts = 0
    while usable and made < count and attempts < 1000 * count:
        attempts += 1
        index = chance.randrange(len(usable))
        inner, outer = usable[index], chance.choice(usable)
        steps = (*inner.targets[0].steps, *outer.targets[0].steps)
        if len(steps) > _MAX_STEPS or outer.targets[0].steps[0] not in onward[index]:
            continue
        phrase = noun_phrase(inner.question, chance)
        if phrase:
            question = replaced(outer.question, outer.topics[0], phrase).replace("the the ", "the ")
            yield Example(source, question, inner.topics, (Target(steps),))
            made += 1


def restyled_examples(source: str, examples: Iterable[Example], seed: int) -> Iterator[Example]:
    """The examples with their relations renamed in the style of another graph, one style for each example.

    `people.person.place_of_birth` becomes `place of birth`, `place_of_birth` or `placeOfBirth`. This
    teaches the model to write relations from the words of the question.
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


def _onward(graph: IndexedGraph, example: Example) -> frozenset[RelationStep]:
    """The steps that start at the entities that an example reaches."""
    found = graph.find(example.topics[0])
    frontier = Frontier.at(graph, found[0]) if found else None
    for taken in example.targets[0].steps:
        frontier = frontier.onward().get(taken) if frontier else None
    return frozenset(frontier.onward()) if frontier else frozenset()
