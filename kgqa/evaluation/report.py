"""The totals of a run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from kgqa.evaluation.record import STATUSES, Record
from kgqa.evaluation.reliability import expected_calibration_error

__all__ = ["Report", "Totals"]


@dataclass(frozen=True)
class Totals:
    """Means over `n` questions, all of them, whatever became of them; 0.0 for no questions.

    `faithful` is the share of answers, over all questions, whose every chain was found to hold (1.0
    where there are no answers). `seconds` is the sum of the time that the answers took.
    """

    n: int
    hits_at_1: float
    hit: float
    f1: float
    precision: float
    recall: float
    faithful: float
    seconds: float

    @classmethod
    def of(cls, records: Sequence[Record]) -> Self:
        """The totals of these records; the same whatever their order."""
        answers = sum(len(record.answers) for record in records)
        proven = sum(round(record.faithful * len(record.answers)) for record in records)
        return cls(
            n=len(records),
            hits_at_1=_mean([record.hits_at_1 for record in records]),
            hit=_mean([record.hit for record in records]),
            f1=_mean([record.f1 for record in records]),
            precision=_mean([record.precision for record in records]),
            recall=_mean([record.recall for record in records]),
            faithful=proven / answers if answers else 1.0,
            seconds=math.fsum(record.seconds for record in records),
        )


@dataclass(frozen=True)
class Report:
    """A run's totals, how many questions ended in each status, and the totals by hops where known.

    `calibration_error` is the expected calibration error of the first answers' confidences, `None`
    where there are none.
    """

    totals: Totals
    by_status: Mapping[str, int]
    by_hops: Mapping[int, Totals]
    calibration_error: float | None = None

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self:
        """The report of these records."""
        records = list(records)
        sure = [record.confidence for record in records if record.confidence is not None]
        right = [record.hits_at_1 for record in records if record.confidence is not None]
        hops = sorted({record.hops for record in records if record.hops is not None})
        return cls(
            totals=Totals.of(records),
            by_status={status: sum(r.status == status for r in records) for status in STATUSES},
            by_hops={hop: Totals.of([record for record in records if record.hops == hop]) for hop in hops},
            calibration_error=expected_calibration_error(sure, right) if sure else None,
        )

    def to_json(self) -> dict[str, Any]:
        """One object: the totals, then `calibration_error`, `by_status` and `by_hops`."""
        return {
            **asdict(self.totals),
            "calibration_error": self.calibration_error,
            "by_status": dict(self.by_status),
            "by_hops": {str(hop): asdict(totals) for hop, totals in self.by_hops.items()},
        }


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else 0.0
