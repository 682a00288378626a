"""What a record may say beyond its scores: the one place that reads it.

Records written by later versions of kgqa have these fields, earlier ones do not.
"""

from __future__ import annotations

from collections.abc import Mapping

from kgqa.evaluation import Record
from kgqa.report.question_kind import question_kind

__all__ = ["gold_rank", "kind", "model_reads", "stages"]


def kind(record: Record) -> str:
    """The type of the question where its set has types, else what its words ask for."""
    return str(vars(record).get("kind") or question_kind(record.question))


def stages(record: Record) -> Mapping[str, float]:
    """The seconds of each stage of the question, in their order; empty where none was timed."""
    timings = vars(record).get("timings")
    if timings is None:
        return {}
    seconds = timings if isinstance(timings, Mapping) else vars(timings)
    return seconds if any(seconds.values()) else {}


def model_reads(record: Record) -> tuple[int, int]:
    """Passes of the path model for the question, and the tokens it read in them; zeros: not counted."""
    values = vars(record)
    return int(values.get("passes") or 0), int(values.get("tokens") or 0)


def gold_rank(record: Record) -> int | None:
    """The place, from 1, of the first hypothesis that is a gold chain; `None`: none is, or none is known."""
    rank = vars(record).get("gold_rank")
    return int(rank) if rank is not None else None
