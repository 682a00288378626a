"""Questions that score a model during training and that it does not learn from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kgqa.constraint import GrammarName
from kgqa.datasets import Question
from kgqa.decode import BeamSearch
from kgqa.finders import ModelFinder
from kgqa.graph import IndexedGraph, fold_name
from kgqa.lm import LanguageModel, PromptForm
from kgqa.pipeline import Answerer, Query
from kgqa.training.examples.example import Example, graph_of
from kgqa.training.examples.frontier import Frontier

__all__ = ["DevQuestions", "as_questions"]


@dataclass(frozen=True)
class DevQuestions:
    """Questions over a shared graph or graphs of their own; a model's score is its strict Hits@1 on them.

    With the prompt "gcr" scores are renormalised over what the constraint allows (`BeamSearch(masked=True)`):
    the names in a path cost a model that does not know the graph so much that short paths would win.
    """

    graph: IndexedGraph | None
    questions: Sequence[Question]
    grammar: GrammarName = "relations"
    hops: int = 3
    allow_return: bool = False
    inverse: bool = True
    prompt: PromptForm = "kgqa"
    speak_identifiers: bool = False

    def hits_at_1(self, model: LanguageModel) -> float:
        """The percentage of all questions whose first answer is right.

        Raises `DataError` for a question whose own graph cannot be built, or that has none where no
        graph is shared.
        """
        right = sum(self._right(model, graph, group) for graph, group in self._by_graph())
        return 100 * right / len(self.questions) if self.questions else 0.0

    def _by_graph(self) -> Iterator[tuple[IndexedGraph, Sequence[Question]]]:
        sharing = [question for question in self.questions if question.graph is None]
        if sharing:
            yield graph_of(sharing[0], self.graph), sharing
        for question in self.questions:
            if question.graph is not None:
                yield graph_of(question, None), [question]

    def _right(self, model: LanguageModel, graph: IndexedGraph, questions: Sequence[Question]) -> int:
        answerer = Answerer(
            graph,
            ModelFinder(model, BeamSearch(masked=self.prompt == "gcr"), prompt=self.prompt),
            self.grammar,
            self.hops,
            self.inverse,
            self.allow_return,
            speak_identifiers=self.speak_identifiers,
        )
        asked = (Query(question.question, question.topic_entities) for question in questions)
        right = 0
        for question, outcome in zip(questions, answerer.run(asked), strict=True):
            answer = outcome.answer
            if isinstance(answer, Exception) or not answer.entities:
                continue
            first = graph.label(answer.entities[0].entity) or ""
            right += fold_name(first) in set(map(fold_name, question.answers))
        return right


def as_questions(graph: IndexedGraph | None, examples: Iterable[Example]) -> list[Question]:
    """Made-up examples as questions: all that the likeliest path reaches is right."""
    questions = []
    for number, example in enumerate(examples):
        about = graph_of(example, graph)
        (topic, *_) = about.find(example.topics[0])
        frontier = Frontier.at(about, topic)
        for step in max(example.targets, key=lambda target: target.weight).steps:
            frontier = frontier.along(step)
        questions.append(
            Question(
                id=f"{example.source}-{number}",
                question=example.question,
                topic_entities=example.topics,
                answers=tuple(frontier.answers()),
                graph=example.graph,
            )
        )
    return questions
