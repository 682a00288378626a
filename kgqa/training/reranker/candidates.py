"""Candidate paths for questions: what a path writer finds likely, and how right each path is."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, tee
from typing import NamedTuple

from kgqa.decode import Hypothesis
from kgqa.finders import ModelFinder
from kgqa.graph import IndexedGraph, RelationStep, fold_name
from kgqa.lm import LanguageModel
from kgqa.pipeline import Answerer, Query
from kgqa.training.examples.example import Example, graph_of

__all__ = ["Candidate", "CandidateList", "candidate_lists"]

_ENDS = 12
_BY_ENDS = 0.3
_TOGETHER = 16
"""Questions that are decoded together."""


class Candidate(NamedTuple):
    """A path, up to 12 names of entities at its end, and which of those are answers.

    `weight` is the path's weight among the example's targets, plus 0.3 times the cube of the F1 of its
    ends against the answers; 0 for a wrong path.
    """

    steps: tuple[RelationStep, ...]
    ends: tuple[str, ...]
    right: tuple[bool, ...]
    weight: float


@dataclass(frozen=True)
class CandidateList:
    """The candidates for one question; at least one is right and at least one is wrong."""

    source: str
    question: str
    topics: tuple[str, ...]
    candidates: tuple[Candidate, ...]


def candidate_lists(
    graph: IndexedGraph | None,
    model: LanguageModel,
    examples: Iterable[Example],
    seed: int,
    *,
    hops: int = 3,
    allow_return: bool = False,
) -> Iterator[CandidateList]:
    """The candidates for examples, by a beam search over each one's own graph or the shared one.

    An example without `answers` is answered by the ends of its targets. Questions whose topic is not
    in the graph, and those for which nothing right or nothing wrong was found, are left out. Raises
    `DataError` for an example whose own graph cannot be built, or that has none where none is shared.
    """
    finder = ModelFinder(model, rankers=())
    chance = random.Random(seed)
    sharing: list[Example] = []
    own: list[Example] = []
    for example in examples:
        (sharing if example.graph is None else own).append(example)
    shared = [(graph_of(sharing[0], graph), sharing)] if sharing else []
    for about, some in chain(shared, ((graph_of(example, None), [example]) for example in own)):
        answerer = Answerer(about, finder, hops=hops, allow_return=allow_return, calibration=None)
        yield from _lists_over(answerer, some, chance)


def _lists_over(
    answerer: Answerer, examples: Iterable[Example], chance: random.Random
) -> Iterator[CandidateList]:
    """The candidates for examples over the answerer's graph."""
    asked, named = tee(examples)
    queries = (Query(example.question, example.topics) for example in asked)
    for example, outcome in zip(named, answerer.run(queries, _TOGETHER), strict=True):
        if not outcome.hypotheses:
            continue
        candidates = _candidates(answerer.graph, example, outcome.hypotheses, chance)
        if any(c.weight for c in candidates) and not all(c.weight for c in candidates):
            yield CandidateList(example.source, example.question, example.topics, tuple(candidates))


def _candidates(
    graph: IndexedGraph, example: Example, hypotheses: Sequence[Hypothesis], chance: random.Random
) -> list[Candidate]:
    """Hypotheses, compared with an example's targets and answers."""
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
