"""What is learnt for one graph, from whatever there is: questions, or the graph alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kgqa.datasets import Question, part
from kgqa.errors import DataError
from kgqa.graph import IndexedGraph
from kgqa.training.examples.dev_questions import as_questions
from kgqa.training.examples.example import Example
from kgqa.training.examples.question_examples import QuestionExamples
from kgqa.training.examples.synthesis import composed_examples, synthetic_examples

__all__ = ["Curriculum", "curriculum"]

_SHARES = {"questions": 0.6, "answers": 0.6, "composed": 0.1, "made-up": 0.3}
_DEV_SHARE = 0.1


@dataclass(frozen=True)
class Curriculum:
    """Examples to learn from, how often those of each source are drawn, and questions to be judged by.

    `skipped` counts, by reason, the questions that teach nothing.
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
    graph: IndexedGraph,
    questions: Sequence[Question] = (),
    dev: Sequence[Question] = (),
    *,
    made_up: int = 4000,
    max_steps: int = 3,
    dev_limit: int = 200,
    seed: int = 0,
) -> Curriculum:
    """The examples for a graph: its questions, new ones composed of them, and `made_up` ones of up
    to `max_steps` named steps.

    Without `dev`, a tenth of the questions is held out by their ids (`kgqa.datasets.part`), or of the
    made-up ones where there are no questions; at most `dev_limit` are used. Raises `DataError` when
    there is nothing to learn from.
    """
    learnt = [q for q in questions if dev or part(q.id) != "dev"]
    held_out = list(dev) or [q for q in questions if part(q.id) == "dev"]
    reader = QuestionExamples(graph)
    known = reader.of(learnt)
    invented = list(synthetic_examples("made-up", graph, made_up, seed, max_steps))
    if not held_out and not known:
        cut = min(dev_limit, round(len(invented) * _DEV_SHARE))
        held_out = as_questions(graph, invented[:cut])
        invented = invented[cut:]
    composed = list(composed_examples("composed", graph, known, min(2 * len(known), 4000), seed))
    examples = [*known, *composed, *invented]
    if not examples:
        reasons = ", ".join(f"{count} with {reason}" for reason, count in sorted(reader.skipped.items()))
        raise DataError(f"there is nothing to learn from: {reasons or 'the graph has no walks to ask about'}")
    shares = {source: _SHARES[source] for source in {example.source for example in examples}}
    if len(held_out) > dev_limit:
        held_out = random.Random(seed).sample(held_out, dev_limit)
    return Curriculum(examples, shares, held_out, reader.skipped)
