"""The totals of a run."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self, TypeVar

from kgqa.chat import Usage
from kgqa.errors import DataError
from kgqa.evaluation.record import STATUSES, Record
from kgqa.evaluation.scoring.metrics import exact_match
from kgqa.evaluation.statistics.interval import Interval, bootstrap
from kgqa.evaluation.statistics.ranking import Ranking
from kgqa.evaluation.statistics.reliability import expected_calibration_error

__all__ = ["ANSWER_COUNTS", "Report", "Totals", "answer_count", "check_at_least"]

ANSWER_COUNTS = ("0", "1", "2-5", "6-20", ">20")
"""How numbers of gold answers are put together, in the order of the reports."""

Key = TypeVar("Key", str, int)


@dataclass(frozen=True)
class Totals:
    """Means over `n` questions, all of them, whatever became of them; 0.0 for no questions.

    `denotation` is the share of questions whose set of answers is the set of gold answers, compared
    by the type of the answers, `exact_match` the same by their names.
    `faithful` is the share of answers, over all questions, whose every chain was found to hold (1.0
    where there are no answers). `seconds` is the sum of the time that the answers took.
    """

    n: int
    hits_at_1: float
    hit: float
    f1: float
    precision: float
    recall: float
    exact_match: float
    denotation: float
    faithful: float
    seconds: float

    @classmethod
    def of(cls, records: Sequence[Record]) -> Self:
        """The totals of these records; the same whatever their order."""
        answers = sum(len(record.answers) for record in records)
        proven = sum(round(record.faithful * len(record.answers)) for record in records)
        return cls(
            n=len(records),
            **{name: _mean(values) for name, values in _values(records).items()},
            faithful=proven / answers if answers else 1.0,
            seconds=math.fsum(record.seconds for record in records),
        )


@dataclass(frozen=True)
class Report:
    """A run's totals, how many questions ended in each status, and the totals of parts of it.

    `by_hops` and `by_kind` have the questions whose hops or kind are known, `by_answers` all of them by the
    number of their gold answers, `by_answer_type` by what they ask for (none where all ask for entities).
    `by_operator` counts a question under each of its operators, `by_graph` under the graph that it names.
    `intervals` are 95 % bootstrap intervals of the totals that are means, none for no questions.
    `calibration_error` is the expected calibration error of the first answers' confidences, `ranking` the
    quality of the gold chains' places; both `None` where unknown. `usage` is what an LLM took, `None` where
    none was asked.
    """

    totals: Totals
    by_status: Mapping[str, int]
    by_hops: Mapping[int, Totals]
    calibration_error: float | None = None
    by_answers: Mapping[str, Totals] = field(default_factory=dict)
    by_kind: Mapping[str, Totals] = field(default_factory=dict)
    by_answer_type: Mapping[str, Totals] = field(default_factory=dict)
    by_operator: Mapping[str, Totals] = field(default_factory=dict)
    by_graph: Mapping[str, Totals] = field(default_factory=dict)
    ranking: Ranking | None = None
    usage: Usage | None = None
    intervals: Mapping[str, Interval] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """The report of these records."""
        records = list(records)
        testimonies = [record.llm_report for record in records if record.llm_report is not None]
        ranks = [record.gold_rank for record in records if record.gold_rank is not None]
        sure = [record.confidence for record in records if record.confidence is not None]
        right = [record.hits_at_1 for record in records if record.confidence is not None]
        by_answers = _parts(records, lambda record: answer_count(len(set(record.gold))))
        typed = any(record.answer_type != "entity" for record in records)
        return cls(
            totals=Totals.of(records),
            by_status={status: sum(r.status == status for r in records) for status in STATUSES},
            by_hops=_parts(records, lambda record: record.hops),
            calibration_error=expected_calibration_error(sure, right) if sure else None,
            by_answers={count: by_answers[count] for count in ANSWER_COUNTS if count in by_answers},
            by_kind=_parts(records, lambda record: record.kind),
            by_answer_type=_parts(records, lambda record: record.answer_type) if typed else {},
            by_operator=_totals_by(records, lambda record: record.operators),
            by_graph=_parts(records, lambda record: record.graph),
            ranking=Ranking.of(ranks) if ranks else None,
            usage=sum((said.usage for said in testimonies), Usage()) if testimonies else None,
            intervals={
                name: bootstrap(values, share=True) for name, values in _values(records).items() if values
            },
        )

    def to_json(self) -> dict[str, Any]:
        """One object: the totals, then the other fields; intervals as [low, high]."""
        return {
            **asdict(self.totals),
            "calibration_error": self.calibration_error,
            "intervals": {name: list(interval[:2]) for name, interval in self.intervals.items()},
            "usage": None if self.usage is None else asdict(self.usage),
            "ranking": None if self.ranking is None else asdict(self.ranking),
            "by_status": dict(self.by_status),
            "by_hops": {str(hops): asdict(totals) for hops, totals in self.by_hops.items()},
            "by_answers": {count: asdict(totals) for count, totals in self.by_answers.items()},
            "by_kind": {kind: asdict(totals) for kind, totals in self.by_kind.items()},
            "by_answer_type": {name: asdict(totals) for name, totals in self.by_answer_type.items()},
            "by_operator": {name: asdict(totals) for name, totals in self.by_operator.items()},
            "by_graph": {name: asdict(totals) for name, totals in self.by_graph.items()},
        }


def answer_count(gold: int) -> str:
    """Which of `ANSWER_COUNTS` a number of gold answers belongs to.

    >>> [answer_count(gold) for gold in (0, 1, 2, 5, 6, 20, 21)]
    ['0', '1', '2-5', '2-5', '6-20', '6-20', '>20']
    """
    return ANSWER_COUNTS[sum(gold > most for most in (0, 1, 5, 20))]


def check_at_least(totals: Mapping[str, float], least: Mapping[str, float]) -> None:
    """Raise `DataError` for a total (0 to 1) that is below its least value (0 to 100).

    >>> check_at_least({"f1": 0.29}, {"f1": 29})
    """
    for score, percent in least.items():
        reached = round(100 * totals[score], 6)  # 100 * 0.29 is a little less than 29
        if reached < percent:
            raise DataError(f"{score} is {reached:g}, at least {percent:g} is asked for")


def _parts(records: Sequence[Record], key: Callable[[Record], Key | None]) -> dict[Key, Totals]:
    """The totals of the records of each key, in the order of the keys; without those that have none."""
    return _totals_by(records, lambda record: () if (found := key(record)) is None else (found,))


def _totals_by(records: Sequence[Record], keys: Callable[[Record], Iterable[Key]]) -> dict[Key, Totals]:
    """The totals of the records of each key, in the order of the keys; a record counts once under each."""
    groups: dict[Key, list[Record]] = {}
    for record in records:
        for name in dict.fromkeys(keys(record)):
            groups.setdefault(name, []).append(record)
    return {name: Totals.of(groups[name]) for name in sorted(groups)}


def _values(records: Sequence[Record]) -> dict[str, list[float]]:
    """The values of each metric whose total is a mean."""
    names = ("hits_at_1", "hit", "f1", "precision", "recall", "denotation")
    values = {name: [float(getattr(record, name)) for record in records] for name in names}
    same = [
        exact_match(record.answers, record.gold, record.gold_aliases) * (not record.failed)
        for record in records
    ]
    return values | {"exact_match": same}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
