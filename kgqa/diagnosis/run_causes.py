"""Why the questions of a run that failed have failed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from kgqa.counted import counted
from kgqa.datasets import Question
from kgqa.diagnosis.cause import Cause
from kgqa.diagnosis.diagnosis import Diagnosis
from kgqa.diagnosis.explainer import Explainer
from kgqa.errors import UsageError
from kgqa.evaluation import BatchRunner, Record
from kgqa.pipeline import Answerer

__all__ = ["RunCauses"]

_EXAMPLES = 2


@dataclass(frozen=True)
class RunCauses:
    """The diagnoses of those questions of a run whose first answer is wrong.

    `questions` is the number of those with gold answers and a record. `failures` have the ids of the
    questions, in the order of the set.
    """

    questions: int
    failures: tuple[tuple[str, Diagnosis], ...]

    @classmethod
    def of(
        cls,
        records: Mapping[str, Record],
        questions: Iterable[Question],
        runner: BatchRunner,
        progress: Callable[[int], None] | None = None,
    ) -> Self:
        """Ask the failed questions again, with `runner`, and explain each.

        `progress` gets their number so far. Raises `UsageError` for a runner that asks an endpoint: its graph
        is not here to be searched.
        """
        found: list[tuple[str, Diagnosis]] = []
        total = 0
        for question in questions:
            record = records.get(question.id)
            if record is None or not record.gold:
                continue
            total += 1
            if record.hits_at_1:
                continue
            answerer = runner.over(question)
            if not isinstance(answerer, Answerer):
                raise UsageError(
                    "a run over an endpoint cannot be explained; build an index and run it there"
                )
            asked = runner.query(question)
            found.append(
                (question.id, Explainer(answerer).explain(asked.question, asked.topics, question.answers))
            )
            if progress:
                progress(len(found))
        return cls(total, tuple(found))

    @cached_property
    def by_cause(self) -> Mapping[Cause, tuple[tuple[str, Diagnosis], ...]]:
        """The failures of each cause, the most frequent cause first."""
        found: dict[Cause, list[tuple[str, Diagnosis]]] = {}
        for failure in self.failures:
            found.setdefault(failure[1].cause, []).append(failure)
        order = sorted(found, key=lambda cause: (-len(found[cause]), list(Cause).index(cause)))
        return {cause: tuple(found[cause]) for cause in order}

    def to_dict(self) -> dict[str, Any]:
        """JSON values."""
        return {
            "questions": self.questions,
            "wrong": len(self.failures),
            "causes": {cause.value: len(some) for cause, some in self.by_cause.items()},
            "failures": [{"id": id_, **diagnosis.to_dict()} for id_, diagnosis in self.failures],
        }

    def describe(self, examples: int = _EXAMPLES) -> str:
        """A table of the causes with some examples of each."""
        have = "has" if len(self.failures) == 1 else "have"
        asked = counted(self.questions, "question")
        lines = [f"{len(self.failures):,} of {asked} {have} a wrong first answer, or none"]
        for cause, some in self.by_cause.items():
            lines += ["", f"{len(some):>5}  {cause.value}: {cause.sentence}"]
            for id_, diagnosis in some[:examples]:
                lines += [f"       {id_}: {diagnosis.question}"]
                lines += [f"       {line}" for line in diagnosis.describe().split("\n")[1:]]
        return "\n".join(lines)
