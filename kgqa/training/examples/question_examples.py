"""Examples from a question file, whatever it says about the right paths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kgqa.datasets import Question
from kgqa.graph import IndexedGraph, RelationStep, Triple
from kgqa.training.examples.example import Example, Target, likely_targets, parsed_steps
from kgqa.training.examples.frontier import Frontier
from kgqa.training.examples.weak_supervision import answering_paths, with_shared_belief

__all__ = ["QuestionExamples"]

Steps = tuple[RelationStep, ...]


@dataclass
class QuestionExamples:
    """Turns questions over one graph into examples.

    A question's own relation paths (`gold_relation_path`, or the field `gold_relation_paths`, or the
    relations of its `gold_paths`) are what is learnt; the source is `questions`. Without them, all
    paths of up to two steps from its topic to its answers are, weighed by how well they fit the
    answers and by how many questions of the file they answer; the source is `answers`. `skipped`
    counts, by reason, the questions that teach nothing.
    """

    graph: IndexedGraph
    skipped: Counter[str] = field(default_factory=Counter)

    def of(self, questions: Iterable[Question]) -> list[Example]:
        """The examples, those with known paths first."""
        known: list[Example] = []
        mined: list[Example] = []
        for question in questions:
            topics = tuple(name for name in question.topic_entities if self.graph.find(name))
            if not topics:
                self.skipped["topic entity not in the graph"] += 1
                continue
            paths = self._gold(question, topics)
            if paths:
                targets = tuple(Target(steps, 1 / len(paths)) for steps in paths)
                known.append(Example("questions", question.question, topics, targets, question.answers))
            elif targets := self._mined(question, topics):
                mined.append(Example("answers", question.question, topics, targets, question.answers))
            else:
                self.skipped["no path from topic to answer"] += 1
        return [*known, *with_shared_belief(mined)]

    def _gold(self, question: Question, topics: Sequence[str]) -> list[Steps]:
        """The question's own paths that the graph holds from one of the topics, each once."""
        paths = [_directed(path, question.topic_entities) for path in question.gold_paths]
        if question.gold_relation_path:
            paths.append(parsed_steps(question.gold_relation_path))
        more = question.extras.get("gold_relation_paths")
        if isinstance(more, list):
            paths += [parsed_steps(path) for path in more if isinstance(path, list)]
        return [steps for steps in dict.fromkeys(paths) if steps and self._leads_on(topics, steps)]

    def _leads_on(self, topics: Sequence[str], steps: Steps) -> bool:
        for name in topics:
            for topic in self.graph.find(name):
                frontier = Frontier.at(self.graph, topic)
                for step in steps:
                    frontier = frontier.along(step)
                if frontier.ends_named():
                    return True
        return False

    def _mined(self, question: Question, topics: Sequence[str]) -> tuple[Target, ...]:
        weights: dict[Steps, float] = {}
        for name in topics:
            for topic in self.graph.find(name):
                for target in answering_paths(self.graph, topic, question.answers):
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
