"""Training texts in GCR's recipe: a path for each instance, and its end as the answer behind it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from itertools import islice

from kgqa.constraint import spoken_identifiers
from kgqa.constraint.verbalize import verbalize_path
from kgqa.graph import Chain, IndexedGraph
from kgqa.lm.request import Prompt
from kgqa.training.examples.example import Example
from kgqa.training.fine_tuning.training_text import TrainingText, ground_steps, grounding, topic_entities

__all__ = ["gcr_texts"]

MOST_PATHS = 20
"""So many paths of a question are learnt, drawn at random where it has more; GCR learns all."""


def gcr_texts(graph: IndexedGraph, example: Example, seed: int = 0) -> list[TrainingText]:
    """The paths from the topics of an example along its targets to its answers, each an instance of its own.

    Of an example whose targets were searched for (`answers`), only the shortest paths between a topic and an
    answer. Nodes without a name are written by their identifiers, and the end of a path is the answer behind
    it. "Graph-constrained Reasoning" (GCR, ICML 2025), section 4.2.
    """
    spoken = spoken_identifiers(graph)
    topics = dict.fromkeys(entity for name in example.topics for entity in topic_entities(graph, name))
    names = dict.fromkeys(spoken.label(topic) or topic for topic in topics)
    prompt = Prompt(example.question, tuple(names), "path", "gcr")
    chance = random.Random(f"{seed} {example.question}")  # independent of the other examples
    chains = list(_chains(spoken, example, topics, chance))
    if example.source == "answers":
        chains = _shortest(chains)
    texts = dict.fromkeys(verbalize_path(spoken, chain) for chain in chains)
    drawn = chance.sample(list(texts), min(MOST_PATHS, len(texts)))
    return [TrainingText(prompt, text, answer=text[-1]) for text in drawn]


def _chains(
    graph: IndexedGraph, example: Example, topics: Iterable[str], chance: random.Random
) -> Iterator[Chain]:
    """Chains along the targets, to some ends of each where there are many."""
    wanted = {graph.entity_id(entity) for answer in example.answers for entity in graph.find(answer)}
    for target in example.targets:
        steps = ground_steps(graph, target.steps)
        for topic in topics if steps else ():
            walks = grounding(graph, topic, steps)
            ends = [end for end in sorted(walks.ends) if not example.answers or end in wanted]
            for end in chance.sample(ends, min(MOST_PATHS, len(ends))):
                yield from islice(walks.chains(graph.entity(end)), MOST_PATHS)


def _shortest(chains: list[Chain]) -> list[Chain]:
    """Of the chains between the same two entities, those of the fewest hops."""
    least: dict[tuple[str, str], int] = {}
    for chain in chains:
        pair = chain.start, chain.end
        least[pair] = min(len(chain.hops), least.get(pair, len(chain.hops)))
    return [chain for chain in chains if len(chain.hops) == least[chain.start, chain.end]]
