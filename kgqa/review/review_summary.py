"""How far the review of a run is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from kgqa.review.review_queue import Agreement, agreements
from kgqa.review.verdict import Judgement

__all__ = ["ReviewSummary"]


@dataclass(frozen=True)
class ReviewSummary:
    """Of how many questions, `judged` by anyone, how often each reviewer gave each verdict, and agreement."""

    questions: int
    judged: int
    by_reviewer: Mapping[str, Mapping[str, int]]
    agreement: tuple[Agreement, ...]

    @classmethod
    def of(cls, questions: int, judgements: Sequence[Judgement]) -> Self:
        """The summary of the last judgement of each reviewer and question."""
        by_reviewer: dict[str, Counter[str]] = {}
        for one in judgements:
            by_reviewer.setdefault(one.reviewer, Counter())[one.verdict.value] += 1
        return cls(
            questions,
            len({one.id for one in judgements}),
            {name: dict(counts) for name, counts in sorted(by_reviewer.items())},
            tuple(agreements(judgements)),
        )

    def to_dict(self) -> dict[str, Any]:
        """The summary for JSON."""
        return {
            "questions": self.questions,
            "judged": self.judged,
            "by_reviewer": {name: dict(counts) for name, counts in self.by_reviewer.items()},
            "agreement": [pair.to_dict() for pair in self.agreement],
        }
