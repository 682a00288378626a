"""Examples from questions with gold paths or with answers only."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from kgqa.datasets import Question
from kgqa.graph import IndexedGraph, RelationStep, Triple, shortest_chains
from kgqa.training.examples.example import Example, Recipe, Target, graph_of, likely_targets, parsed_steps
from kgqa.training.examples.frontier import Frontier
from kgqa.training.examples.weak_supervision import answering_paths, reweighed_by_popularity

__all__ = ["QuestionExamples"]

Steps = tuple[RelationStep, ...]

MOST_SHORTEST = 50
"""So many of the shortest paths between a topic and an answer are looked at."""


@dataclass
class QuestionExamples:
    """Turns questions into examples, each over its own graph where it has one, else over `graph`.

    A question's gold relation paths (`gold_relation_path`, or the field `gold_relation_paths`, or the
    relations of its `gold_paths`) become its targets; the source is `questions`. Without them, all
    paths of up to two steps from its topic to its answers do, weighed by their F1 against the answers
    and by how many questions of the file they answer; the source is `answers`. `skipped` counts the
    questions that give no example, by reason.

    In the recipe "gcr" those without gold paths get the shortest paths of up to `hops` steps from each topic
    to each answer, all of one weight; without `inverse` no path of any question goes against a triple.
    """

    graph: IndexedGraph | None
    recipe: Recipe = "kgqa"
    hops: int = 2
    inverse: bool = True
    skipped: Counter[str] = field(default_factory=Counter)

    def of(self, questions: Iterable[Question]) -> list[Example]:
        """The examples, those with gold paths first.

        Raises `DataError` for a question whose own graph cannot be built, or that has none where
        no graph is shared.
        """
        gold: list[Example] = []
        mined: list[Example] = []
        for question in questions:
            graph = graph_of(question, self.graph)
            topics = tuple(name for name in question.topic_entities if graph.find(name))
            if not topics:
                self.skipped["topic entity not in the graph"] += 1
            elif paths := self._allowed(_gold_paths(graph, question, topics)):
                targets = tuple(Target(steps, 1 / len(paths)) for steps in paths)
                gold.append(_example("questions", question, topics, targets))
            elif targets := self._searched(graph, question, topics):
                mined.append(_example("answers", question, topics, targets))
            else:
                self.skipped["no path from topic to answer"] += 1
        return [*gold, *(mined if self.recipe == "gcr" else reweighed_by_popularity(mined))]

    def _allowed(self, paths: Sequence[Steps]) -> list[Steps]:
        return [path for path in paths if self.inverse or not any(step.inverse for step in path)]

    def _searched(self, graph: IndexedGraph, question: Question, topics: Sequence[str]) -> tuple[Target, ...]:
        """Targets for a question without gold paths."""
        if self.recipe == "kgqa":
            return _mined_targets(graph, question, topics)
        found: dict[Steps, None] = {}
        ends = [entity for answer in question.answers for entity in graph.find(answer)]
        for topic in (entity for name in topics for entity in graph.find(name)):
            for end in ends:
                chains = islice(shortest_chains(graph, topic, end, self.hops, self.inverse), MOST_SHORTEST)
                found.update((graph.labelled_steps(chain), None) for chain in chains)
        return tuple(Target(steps, 1 / len(found)) for steps in found)


def _example(
    source: str, question: Question, topics: tuple[str, ...], targets: tuple[Target, ...]
) -> Example:
    return Example(source, question.question, topics, targets, question.answers, question.graph)


def _gold_paths(graph: IndexedGraph, question: Question, topics: Sequence[str]) -> list[Steps]:
    """The question's gold paths that the graph holds from one of the topics, each once."""
    paths = [_directed(path, question.topic_entities) for path in question.gold_paths]
    if question.gold_relation_path:
        paths.append(parsed_steps(question.gold_relation_path))
    more = question.extras.get("gold_relation_paths")
    if isinstance(more, list):
        paths += [parsed_steps(path) for path in more if isinstance(path, list)]
    return [steps for steps in dict.fromkeys(paths) if steps and _leads_on(graph, topics, steps)]


def _leads_on(graph: IndexedGraph, topics: Sequence[str], steps: Steps) -> bool:
    """Whether a path leads from one of the topics to a named entity."""
    for name in topics:
        for topic in graph.find(name):
            frontier = Frontier.at(graph, topic)
            for step in steps:
                frontier = frontier.along(step)
            if frontier.ends_named():
                return True
    return False


def _mined_targets(graph: IndexedGraph, question: Question, topics: Sequence[str]) -> tuple[Target, ...]:
    """The paths from a topic to an answer, with their highest weight over the topics."""
    weights: dict[Steps, float] = {}
    for name in topics:
        for topic in graph.find(name):
            for target in answering_paths(graph, topic, question.answers):
                weights[target.steps] = max(weights.get(target.steps, 0.0), target.weight)
    return likely_targets(weights)


def _directed(path: Sequence[Triple], topics: Sequence[str]) -> Steps:
    """The steps of a chain of triples, from whichever of the topics it starts at."""
    for here in topics:
        steps = []
        for head, relation, tail in path:
            if here not in (head, tail):
                break
            steps.append(RelationStep(relation, inverse=here != head))
            here = tail if here == head else head
        else:
            return tuple(steps)
    return ()
