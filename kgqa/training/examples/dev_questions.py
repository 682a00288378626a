"""Questions that a training is judged by and does not learn from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kgqa.constraint import GrammarName
from kgqa.datasets import Question
from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph, fold_name
from kgqa.lm import LanguageModel
from kgqa.pipeline import Answerer
from kgqa.training.examples.example import Example
from kgqa.training.examples.frontier import Frontier

__all__ = ["DevQuestions", "as_questions"]


@dataclass(frozen=True)
class DevQuestions:
    """Some questions over a graph; a model's score is their strict Hits@1."""

    graph: IndexedGraph
    questions: Sequence[Question]
    grammar: GrammarName = "relations"
    hops: int = 3
    allow_return: bool = False

    def hits_at_1(self, model: LanguageModel) -> float:
        """How many percent of all the questions have a right answer in front."""
        answerer = Answerer(self.graph, model, self.grammar, self.hops, allow_return=self.allow_return)
        asked = [(question.question, question.topic_entities) for question in self.questions]
        right = 0
        for question, answer in zip(self.questions, answerer.answers(asked), strict=True):
            if isinstance(answer, KgqaError) or not answer.entities:
                continue
            first = self.graph.label(answer.entities[0].entity) or ""
            right += fold_name(first) in set(map(fold_name, question.answers))
        return 100 * right / len(self.questions) if self.questions else 0.0


def as_questions(graph: IndexedGraph, examples: Iterable[Example]) -> list[Question]:
    """Made-up examples as questions: all that the likeliest path reaches is right."""
    questions = []
    for number, example in enumerate(examples):
        (topic, *_) = graph.find(example.topics[0])
        frontier = Frontier.at(graph, topic)
        for step in max(example.targets, key=lambda target: target.weight).steps:
            frontier = frontier.along(step)
        questions.append(
            Question(
                id=f"{example.source}-{number}",
                question=example.question,
                topic_entities=example.topics,
                answers=tuple(frontier.answers()),
            )
        )
    return questions
