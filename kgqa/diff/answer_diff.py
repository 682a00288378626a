"""What an edit of a graph did to the answers of questions."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from kgqa.counted import counted
from kgqa.datasets import Question
from kgqa.diagnosis import Explainer
from kgqa.diff.given_answer import GivenAnswer
from kgqa.diff.graph_diff import GraphDiff
from kgqa.diff.model_memory import ModelMemory
from kgqa.diff.question_change import QuestionChange
from kgqa.diff.remembering_answerer import RememberingAnswerer
from kgqa.errors import UsageError, check_count
from kgqa.pipeline import Answerer, Query

__all__ = ["AnswerDiff"]

_Progress = Callable[[int], None]
_Queries = Callable[[Question], Query]


@dataclass(frozen=True, eq=False)
class AnswerDiff:
    """The questions of which answers or proofs changed between two graphs, and what it took to find them.

    Of `questions`, the model was asked about `asked_old` in the old graph and about `asked_new` in the new
    one; all others were answered from what it had said before. Of those in the new graph, `checked` were
    asked all the same, and the ids of `unequal` had another answer then: there are none, unless two scores
    are equal but for their last digits.
    """

    graphs: GraphDiff
    questions: tuple[Question, ...]
    asked_old: int
    asked_new: int
    changes: tuple[QuestionChange, ...]
    checked: int = 0
    unequal: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        old: Answerer,
        new: Answerer,
        questions: Sequence[Question],
        memory: ModelMemory | None = None,
        *,
        check: int = 0,
        seed: int = 0,
        explain: bool = False,
        batch_size: int = 8,
        query: _Queries | None = None,
        graphs: GraphDiff | None = None,
        progress: _Progress | None = None,
    ) -> Self:
        """Ask both answerers, which have the same settings, each over its graph.

        Whatever their model has said once, in `memory` or for the old graph, it is not asked again: the
        search is run again on the new graph, and only a question that needs something new is asked. So
        the answers are those of asking everything. `check` of the others are asked too; `explain` finds the
        stages that lost answers without losing facts. `query` makes the queries of questions, by default
        with the topics that the questions name. `progress` gets the number of questions that were looked at,
        of both graphs.

        Raises `UsageError` where an LLM takes part: what it said is no function of what it was asked.
        """
        check_count(check, "check", 0)
        memory = ModelMemory() if memory is None else memory
        queries = [(query or _query)(question) for question in questions]
        report = progress or (lambda _done: None)
        sides = [RememberingAnswerer.of(answerer, memory) for answerer in (old, new)]
        before, asked_old = sides[0].answers(queries, batch_size, report)
        now, asked_new = sides[1].answers(queries, batch_size, lambda done: report(len(queries) + done))
        graphs = GraphDiff.of(old.graph, new.graph) if graphs is None else graphs
        found = cls(
            graphs,
            tuple(questions),
            len(asked_old),
            len(asked_new),
            tuple(_changes(questions, before, now, graphs)),
        )
        rest = sorted(set(range(len(questions))).difference(asked_new))
        if check and rest:
            some = sorted(random.Random(seed).sample(rest, min(check, len(rest))))
            outcomes = new.run([queries[at] for at in some], batch_size)
            given = [GivenAnswer.of(outcome, new.graph) for outcome in outcomes]
            unequal = [at for at, one in zip(some, given, strict=True) if one.said != now[at].said]
            found = replace(found, checked=len(some), unequal=tuple(questions[at].id for at in unequal))
        return found.explained(new, query or _query) if explain else found

    def explained(self, new: Answerer, query: _Queries | None = None) -> Self:
        """The same with the stage that lost an answer, for setbacks of which all facts are there."""
        explainer = Explainer(new)

        def explained(change: QuestionChange) -> QuestionChange:
            if not (change.is_setback and change.old) or change.lost_facts:
                return change
            asked = (query or _query)(change.question)
            missing = [
                text for text in change.old.denotation.texts if text not in change.new.denotation.texts
            ]
            expected = missing[:1] or change.old.denotation.texts[:1]
            return change.explained(explainer.explain(asked.question, asked.topics, expected))

        return replace(self, changes=tuple(map(explained, self.changes)))

    @property
    def changed(self) -> tuple[QuestionChange, ...]:
        """Those of which the answers differ."""
        return tuple(change for change in self.changes if change.is_changed)

    @property
    def setbacks(self) -> tuple[QuestionChange, ...]:
        """Those that may be for the worse; see `QuestionChange.is_setback`."""
        return tuple(change for change in self.changes if change.is_setback)

    def describe(self) -> str:
        """Lines for people: what changed, setbacks first, then what it took."""
        ordered = sorted(self.changes, key=lambda change: not change.is_setback)
        return "\n".join((*(change.describe() for change in ordered), self.summary))

    @property
    def summary(self) -> str:
        """One line: how many questions changed, and how many were asked."""
        broken = sum(change.kind == "proof" for change in self.changes)
        are = "is" if len(self.changed) == 1 else "are"
        said = (
            f"{len(self.changed):,} of {counted(len(self.questions), 'question')} {are} answered otherwise "
            f"({len(self.setbacks):,} may be worse); {broken:,} more lost a fact that proved them; "
            f"asked again: {self.asked_new:,}"
        )
        if self.checked:
            equal = self.checked - len(self.unequal)
            said += f"; checked: {equal:,} of {self.checked:,} others are equal"
        return said

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "questions": len(self.questions),
            "changed": len(self.changed),
            "setbacks": len(self.setbacks),
            "asked": {"old": self.asked_old, "new": self.asked_new},
            "checked": self.checked,
            "unequal": list(self.unequal),
            "changes": [change.to_dict() for change in self.changes],
        }


def _changes(
    questions: Sequence[Question],
    before: Sequence[GivenAnswer],
    now: Sequence[GivenAnswer],
    graphs: GraphDiff,
) -> Iterator[QuestionChange]:
    for question, one, other in zip(questions, before, now, strict=True):
        change = QuestionChange.of(question, one, other, graphs)
        if change is not None:
            yield change


def _query(question: Question) -> Query:
    if question.graph is not None:
        raise UsageError(
            f"question {question.id!r} brings its own graph; kgqa diff compares two graphs for all"
        )
    return Query(question.question, question.topic_ids or question.topic_entities)
