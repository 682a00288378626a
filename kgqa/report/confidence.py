"""Whether the confidences of a run can be believed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from kgqa.evaluation import Bin, Record, expected_calibration_error, reliability

__all__ = ["Confidence"]


@dataclass(frozen=True)
class Confidence:
    """The reliability of the first answers' confidences; `error` is the expected calibration error."""

    answers: int
    error: float
    bins: tuple[Bin, ...]

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self | None:
        """That of these records; `None` where none has a confidence from 0 to 1."""
        pairs = [
            (record.confidence, record.hits_at_1)
            for record in records
            if record.confidence is not None and 0 <= record.confidence <= 1
        ]
        if not pairs:
            return None
        sure, right = zip(*pairs, strict=True)
        return cls(len(pairs), expected_calibration_error(sure, right), tuple(reliability(sure, right)))
