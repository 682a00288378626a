"""What a record says beyond its scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

from kgqa.evaluation import Record
from kgqa.report.question_kind import question_kind

__all__ = ["kind", "model_reads", "stages"]


def kind(record: Record) -> str:
    """The type of the question where its set has types, else what its words ask for."""
    return record.kind or question_kind(record.question)


def stages(record: Record) -> Mapping[str, float]:
    """The seconds of each stage of the question, in their order; empty where none was timed."""
    seconds = asdict(record.timings)
    return seconds if any(seconds.values()) else {}


def model_reads(record: Record) -> tuple[int, int]:
    """Passes of the path model for the question, and the tokens it read in them; zeros: not counted."""
    return record.passes, record.tokens
