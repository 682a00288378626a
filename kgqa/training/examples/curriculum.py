"""The examples that a model is trained on: from questions, from a graph alone, or from both."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from kgqa.datasets import Question, part
from kgqa.errors import DataError
from kgqa.graph import IndexedGraph
from kgqa.training.examples.dev_questions import as_questions
from kgqa.training.examples.example import Example, Recipe, graph_of
from kgqa.training.examples.question_examples import QuestionExamples
from kgqa.training.examples.synthesis import composed_examples, synthetic_examples

__all__ = ["Curriculum", "curriculum"]

_SHARES = {"questions": 0.6, "answers": 0.6, "composed": 0.1, "made-up": 0.3}
_DEV_SHARE = 0.1
_MOST_COMPOSED = 4000
_COMPOSED_OF_EACH = 2


@dataclass(frozen=True)
class Curriculum:
    """Examples to learn from, how often those of each source are drawn, and dev questions.

    `skipped` counts the questions that gave no example, by reason.
    """

    examples: Sequence[Example]
    shares: Mapping[str, float]
    dev: Sequence[Question]
    skipped: Mapping[str, int]

    @property
    def sources(self) -> Mapping[str, int]:
        """The number of examples of each source."""
        return dict(Counter(example.source for example in self.examples))


def curriculum(
    graph: IndexedGraph | None,
    questions: Sequence[Question] = (),
    dev: Sequence[Question] = (),
    *,
    made_up: int = 4000,
    max_steps: int = 3,
    dev_limit: int = 200,
    seed: int = 0,
    recipe: Recipe = "kgqa",
    inverse: bool = True,
) -> Curriculum:
    """The examples of questions, new questions composed of them, and `made_up` ones.

    A question is about its own graph where it has one, else about `graph`. Questions of up to `max_steps`
    named steps are made up from `graph`; without it, from the questions' own graphs, as many from each.

    In the recipe "gcr" no question is composed, and targets are those of `QuestionExamples`.

    Without `dev`, a tenth of the questions is held out by their ids (`kgqa.datasets.part`), or of the
    made-up ones where there are no questions; at most `dev_limit` are used. Raises `DataError` when
    there is nothing to learn from, and for a question without a graph.
    """
    for question in (*questions, *dev):
        if question.graph is None:
            graph_of(question, graph)
    learnt = [q for q in questions if dev or part(q.id) != "dev"]
    held_out = list(dev) or [q for q in questions if part(q.id) == "dev"]
    reader = QuestionExamples(graph, recipe, max_steps, inverse)
    known = reader.of(learnt)
    invented = _made_up(graph, learnt, made_up, seed, max_steps)
    if not held_out and not known:
        cut = min(dev_limit, round(len(invented) * _DEV_SHARE))
        held_out = as_questions(graph, invented[:cut])
        invented = invented[cut:]
    composed = [] if recipe == "gcr" else _composed(graph, known, seed)
    examples = [*known, *composed, *invented]
    if not examples:
        reasons = ", ".join(f"{count} with {reason}" for reason, count in sorted(reader.skipped.items()))
        raise DataError(f"there is nothing to learn from: {reasons or 'the graph has no walks to ask about'}")
    shares = {source: _SHARES[source] for source in {example.source for example in examples}}
    if len(held_out) > dev_limit:
        held_out = random.Random(seed).sample(held_out, dev_limit)
    return Curriculum(examples, shares, held_out, reader.skipped)


def _made_up(
    graph: IndexedGraph | None, questions: Sequence[Question], count: int, seed: int, max_steps: int
) -> list[Example]:
    """Questions about a graph, or without one about graphs of questions, as many about each."""
    if graph is not None:
        return list(synthetic_examples("made-up", graph, count, seed, max_steps))
    some = list(questions)
    if len(some) > count:
        some = random.Random(seed).sample(some, count)
    found: list[Example] = []
    for number, question in enumerate(some):
        few = count // len(some) + (number < count % len(some))
        own = graph_of(question, None)
        made = synthetic_examples("made-up", own, few, seed + number, max_steps)
        found += [replace(example, graph=question.graph) for example in made]
    return found


def _composed(graph: IndexedGraph | None, examples: Sequence[Example], seed: int) -> list[Example]:
    """New questions from those of examples, over the graph of each."""
    sharing = [example for example in examples if example.graph is None]
    own = [example for example in examples if example.graph is not None]
    found: list[Example] = []
    if graph is not None:
        count = min(_COMPOSED_OF_EACH * len(sharing), _MOST_COMPOSED)
        found += composed_examples("composed", graph, sharing, count, seed)
    most = (_MOST_COMPOSED - len(found)) // _COMPOSED_OF_EACH
    if len(own) > most:
        own = random.Random(seed).sample(own, most)
    for number, example in enumerate(own):
        of_one = graph_of(example, None)
        made = composed_examples("composed", of_one, [example], _COMPOSED_OF_EACH, seed + number)
        found += [replace(composed, graph=example.graph) for composed in made]
    return found
