"""What a method gave on a set of questions, and what that cost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from kgqa.chat import Usage
from kgqa.evaluation.record import Record
from kgqa.evaluation.report import Totals
from kgqa.evaluation.scoring.definitions import definition_named
from kgqa.evaluation.scoring.prediction import ANSWER, Prediction
from kgqa.evaluation.scoring.published.gcr import PATH
from kgqa.methods import Method

__all__ = ["MethodScore", "published_output"]


@dataclass(frozen=True)
class MethodScore:
    """The totals of a method's run over `n` questions.

    `hits_at_1` and `f1` are strict, `own` is the published metric of the method, all 0 to 1 (`own` is `None`
    where it has no value), and `first_stage` the same of what the language model wrote, where an LLM answered
    from that. `faithful` is the share of answers whose every chain holds. `chains` were found in
    all, of which `off_graph` do not hold by the checker of chains. `passes` and `tokens` are those of the
    language model, `usage` those of an LLM, `seconds` the sum over the questions. `failed` questions ended in
    an error.
    """

    n: int
    hits_at_1: float
    f1: float
    own: float | None
    faithful: float
    chains: int
    off_graph: int
    passes: int
    tokens: int
    usage: Usage
    seconds: float
    failed: int
    first_stage: float | None = None

    @classmethod
    def of(cls, method: Method, records: Iterable[Record]) -> Self:
        """The totals of a method's records."""
        records = list(records)
        totals = Totals.of(records)
        written = [one for record in records for one in record.written]
        reports = [record.llm_report for record in records if record.llm_report is not None]
        return cls(
            n=totals.n,
            hits_at_1=totals.hits_at_1,
            f1=totals.f1,
            own=_own(method, records),
            faithful=totals.faithful,
            chains=len(written),
            off_graph=sum(not one.holds for one in written),
            passes=sum(record.passes for record in records),
            tokens=sum(record.tokens for record in records),
            usage=sum((report.usage for report in reports), Usage()),
            seconds=totals.seconds,
            failed=sum(record.failed for record in records),
            first_stage=_own(method, [replace(record, llm_report=None) for record in records])
            if reports and any(one.answer is not None for one in written)
            else None,
        )


def published_output(record: Record) -> str | tuple[str, ...]:
    """What a published script would be given of a record.

    The reply of the LLM that answers, where there is one; else the paths with the answers that were written
    behind them, in GCR's form; else the names of the answers.
    """
    if record.llm_report is not None and record.llm_report.reply:
        return record.llm_report.reply
    if any(one.answer is not None for one in record.written):
        return tuple(f"{PATH}{one.path}\n{ANSWER}{one.answer or ''}" for one in record.written)
    return record.answers


def _own(method: Method, records: Iterable[Record]) -> float | None:
    """The mean of the method's own metric over the questions that it has a value for."""
    definition = definition_named(method.definition)
    predictions = [_prediction(method, record) for record in records]
    values = [
        definition.score(one) if one.output else definition.nothing(one) for one in predictions
    ]  # ToG's script would take no answer for a part of the gold one
    found = [value[method.metric] for value in values if value is not None]
    return sum(found) / len(found) if found else None


def _prediction(method: Method, record: Record) -> Prediction:
    strict = method.definition == "strict"
    return Prediction(
        record.id,
        record.answers if strict else published_output(record),
        record.gold,
        record.question,
        form="names" if strict else "lines",
        answer_type=record.answer_type,
        entities=record.entities,
        gold_entities=record.gold_entities,
        failed=record.failed,
    )
