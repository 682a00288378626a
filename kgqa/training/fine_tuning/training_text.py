"""Texts that a language model is trained to write: chains of the graph in the form of the constraint."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import islice

from kgqa.constraint import GrammarName
from kgqa.constraint.tables.step_rows import StepRows
from kgqa.constraint.verbalize import (
    Segments,
    TextLink,
    arrow,
    relation_text,
    verbalize_links,
    verbalize_path,
)
from kgqa.errors import UnknownRelationError
from kgqa.graph import Chain, Grounding, GroundStep, IndexedGraph, RelationStep, clean_name
from kgqa.lm.request import Prompt
from kgqa.training.examples.example import Example

__all__ = ["TrainingText", "ground_steps", "grounding", "topic_entities", "training_texts"]


@dataclass(frozen=True)
class TrainingText:
    """A prompt, and the segments of a text that answers it.

    `weight` says how often it is drawn: those of an example's `training_texts` sum to 1, each of its
    `gcr_texts` has 1. `answer` is the segment of a name that follows behind the text and its heading
    (`kgqa.constraint.Answered`), where one does.
    """

    prompt: Prompt
    segments: tuple[str, ...]
    weight: float = 1.0
    answer: str | None = None


def training_texts(
    graph: IndexedGraph, example: Example, grammar: GrammarName, seed: int = 0, per_example: int = 4
) -> list[TrainingText]:
    """Up to `per_example` different texts of an example, drawn by their weights.

    The prompt is that of `Answerer`, and its constraint accepts every text. The weight of a target is
    divided among its chains; chains that return to their topic or do not end at an answer are left out.
    Of a target with very many chains, a few to each of `per_example` ends are considered. Empty when none
    of the topics is in the graph, or no target leads to an entity.
    """
    topics = [topic_entities(graph, name) for name in example.topics]
    entities = list(dict.fromkeys(entity for group in topics for entity in group))
    labels = dict.fromkeys(graph.label(entity) or entity for entity in entities)
    prompt = Prompt(example.question, tuple(labels), grammar)
    chance = random.Random(f"{seed} {example.question}")  # independent of the other examples
    wanted = {graph.entity_id(entity) for answer in example.answers for entity in graph.find(answer)}
    shares: defaultdict[Segments, float] = defaultdict(float)
    for target in example.targets:
        steps = ground_steps(graph, target.steps)
        groundings = [[grounding(graph, entity, steps) for entity in group] for group in topics if steps]
        if grammar == "relations":
            texts = [_verbalize_steps(graph, steps)] if any(g.ends for gs in groundings for g in gs) else []
        else:
            goal = wanted if example.answers else None
            drawn = (_chains(group, goal, chance, per_example) for group in groundings)
            texts = _verbalize(graph, next((chains for chains in drawn if chains), []), grammar)
        for text in texts:
            shares[text] += target.weight / len(texts)
    # Exponential arrival times: the first ones are a draw by weight without replacement.
    arrivals = {text: chance.expovariate(share) for text, share in shares.items() if share > 0}
    kept = sorted(arrivals, key=arrivals.__getitem__)[:per_example]
    total = sum(shares[text] for text in kept)
    return [TrainingText(prompt, text, shares[text] / total) for text in kept]


def topic_entities(graph: IndexedGraph, name: str) -> list[str]:
    """The entities of a topic's name, as in `Answerer.resolve`."""
    matches = graph.find_ranked(name)
    return [match.entity for match in matches if match.rank == matches[0].rank]


def ground_steps(graph: IndexedGraph, steps: Sequence[RelationStep]) -> tuple[GroundStep, ...]:
    """The steps in the graph's relations, all of one text together; empty where there is no such text.

    A step names its relation by identifier, or by the text that stands for it.
    """
    rows = StepRows.of(graph)
    found = []
    for step in steps:
        try:
            text = relation_text(graph, step.relation)
        except UnknownRelationError:
            text = f" {clean_name(step.relation)}"
        place = bisect_left(rows.texts, text)
        if rows.texts[place : place + 1] != (text,):
            return ()
        found.append(GroundStep(rows.relations[place], step.inverse))
    return tuple(found)


def grounding(graph: IndexedGraph, topic: str, steps: tuple[GroundStep, ...]) -> Grounding:
    """The walks over these steps from a topic that do not come back to it."""
    number = graph.entity_id(topic)
    return Grounding(graph, number, steps, avoid=number)


def _verbalize_steps(graph: IndexedGraph, steps: Sequence[GroundStep]) -> Segments:
    texts = ((arrow(s.inverse), relation_text(graph, graph.relation(s.relations[0]))) for s in steps)
    return tuple(segment for pair in texts for segment in pair)


def _chains(
    groundings: Sequence[Grounding], goal: Collection[int] | None, chance: random.Random, count: int
) -> list[Chain]:
    """Up to `count` chains to ends in `goal` (None: all ends)."""
    ends = [(g, end) for g in groundings for end in sorted(g.ends) if goal is None or end in goal]
    found = [
        chain
        for grounding, end in chance.sample(ends, min(count, len(ends)))
        for chain in islice(grounding.chains(grounding.graph.entity(end)), count)
    ]
    return chance.sample(found, min(count, len(found)))


def _verbalize(graph: IndexedGraph, chains: Sequence[Chain], grammar: GrammarName) -> list[Segments]:
    """The texts of chains, each once."""
    if grammar == "path":
        return list(dict.fromkeys(verbalize_path(graph, chain) for chain in chains))
    all_links = [tuple(TextLink.all_of(graph, chain)) for chain in chains]
    return list(dict.fromkeys(verbalize_links(graph, links) for links in all_links if not _repeat(links)))


def _repeat(links: Sequence[TextLink]) -> bool:
    """Whether a link is said twice, forwards or backwards, which branching chains never do."""
    return any(link in links[:at] or link.reversed() in links[:at] for at, link in enumerate(links))
