"""What the reranker learns from: the paths that a path writer finds likely, and which of them are right."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kgqa.decode import Engine, Hypothesis, Task
from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph, RelationStep, fold_name
from kgqa.lm import LanguageModel
from kgqa.pipeline import Answerer
from kgqa.training.examples.example import Example

__all__ = ["Candidate", "CandidateList", "candidate_lists"]

_ENDS = 12
_BY_ENDS = 0.3


class Candidate(NamedTuple):
    """A path with up to 12 of the names that it ends at, and which of those are answers.

    `weight` says how right the path is: its share of the example's belief, and 0.3 times the cube of
    its ends' F1 against the answers.
    """

    steps: tuple[RelationStep, ...]
    ends: tuple[str, ...]
    right: tuple[bool, ...]
    weight: float


@dataclass(frozen=True)
class CandidateList:
    """The candidates for one question; at least one is right."""

    source: str
    question: str
    topics: tuple[str, ...]
    candidates: tuple[Candidate, ...]


def candidate_lists(
    graph: IndexedGraph,
    model: LanguageModel,
    examples: Iterable[Example],
    seed: int,
    *,
    hops: int = 3,
    allow_return: bool = False,
) -> Iterator[CandidateList]:
    """The candidates for examples over a graph, by a beam search.

    An example without `answers` is answered by the ends of its targets. Left out are questions whose
    topic is not there, and those for which nothing right or nothing wrong was found.
    """
    answerer = Answerer(graph, model, hops=hops, by_meaning=False, allow_return=allow_return)
    chance = random.Random(seed)
    asked: list[Example] = []

    def tasks() -> Iterator[Task]:
        for example in examples:
            try:
                task = answerer.task(example.question, answerer.resolve(example.topics))
            except KgqaError:
                continue
            asked.append(example)
            yield task

    for number, found in enumerate(Engine(model, questions=16).run(answerer.decoder, tasks())):
        if isinstance(found, KgqaError):
            continue
        example = asked[number]
        candidates = _judged(graph, example, found, chance)
        if any(c.weight for c in candidates) and not all(c.weight for c in candidates):
            yield CandidateList(example.source, example.question, example.topics, tuple(candidates))


def _judged(
    graph: IndexedGraph, example: Example, hypotheses: Sequence[Hypothesis], chance: random.Random
) -> list[Candidate]:
    targets = {target.steps: target.weight for target in example.targets}
    paths = [graph.labelled_steps(hypothesis.chain) for hypothesis in hypotheses]
    ends = [[graph.label(end) or "" for end in hypothesis.ends] for hypothesis in hypotheses]
    folded = [set(map(fold_name, names)) for names in ends]
    gold = set(map(fold_name, example.answers))
    if not gold:
        gold = set[str]().union(*(f for path, f in zip(paths, folded, strict=True) if path in targets))
    candidates = []
    for path, names, reached in zip(paths, ends, folded, strict=True):
        f1 = 2 * len(reached & gold) / (len(reached) + len(gold))
        shown = chance.sample(names, _ENDS) if len(names) > _ENDS else names
        right = tuple(fold_name(name) in gold for name in shown)
        weight = targets.get(path, 0.0) + _BY_ENDS * f1**3
        candidates.append(Candidate(path, tuple(shown), right, weight))
    return candidates
