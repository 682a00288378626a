"""The content of a run's report, independent of its format."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple, Self

from kgqa.chat import Usage
from kgqa.drawing import DisplayNames
from kgqa.evaluation import STATUSES, Bin, Record, expected_calibration_error, reliability
from kgqa.graph import IndexedGraph, clean_name
from kgqa.report.breakdown import Breakdown, Slice, breakdowns
from kgqa.report.case_graph import recorded_names
from kgqa.report.cases import Cases
from kgqa.report.published import Published, published_scores
from kgqa.report.run_folder import Fact, RunFolder, facts, settings_text
from kgqa.report.timing import Stage, Timing, stage_times

__all__ = ["Calibration", "LlmUse", "Summary"]

MOST_RELATIONS = 10


class RelationUse(NamedTuple):
    """A relation, its words, and the number of questions whose first answer has it in a chain."""

    words: str
    relation: str
    questions: int


@dataclass(frozen=True)
class Calibration:
    """How well the confidences of first answers are calibrated; `error` is the expected calibration error."""

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


@dataclass(frozen=True)
class LlmUse:
    """The sum over the LLM reports of a run.

    `asked` questions were put to a model. `agreement` counts how its own answers stood to the graph's,
    where it was asked for them; `outside` the questions in which it named answers that no chain holds.
    """

    models: tuple[str, ...]
    asked: int
    usage: Usage
    agreement: Mapping[str, int]
    outside: int

    @classmethod
    def of(cls, records: Iterable[Record]) -> Self | None:
        """What the models of these records took; `None` where none was asked."""
        said = [record.llm_report for record in records if record.llm_report is not None]
        if not said:
            return None
        return cls(
            models=tuple(sorted({each.model for each in said})),
            asked=len(said),
            usage=sum((each.usage for each in said), Usage()),
            agreement=dict(sorted(Counter(each.agreement for each in said if each.agreement).items())),
            outside=sum(bool(each.outside) for each in said),
        )


@dataclass(frozen=True)
class Summary:
    """A run's scores, groups, times and cases; `None` where its records have no such data.

    `relations` are the most frequent ones in the chains of first answers, `reads` the mean passes and
    tokens of the language model per question, over the questions for which they were counted.
    """

    title: str
    missing: int
    model: str
    settings: str
    facts: tuple[Fact, ...]
    total: Slice
    statuses: Mapping[str, int]
    published: tuple[Published, ...]
    breakdowns: tuple[Breakdown, ...]
    calibration: Calibration | None
    timing: Timing | None
    stages: tuple[Stage, ...]
    reads: tuple[float, float]
    llm_use: LlmUse | None
    relations: tuple[RelationUse, ...]
    cases: Cases
    names: DisplayNames

    @classmethod
    def of(cls, run: RunFolder, graph: IndexedGraph | None = None) -> Self:
        """The summary of a run; a graph supplies the names of entities and relations."""
        records = run.records
        names = recorded_names(records, graph)
        counts = Counter(record.status for record in records)
        return cls(
            title=run.title,
            missing=run.missing,
            model=clean_name(str(run.value("model") or "")),
            settings=settings_text(run),
            facts=facts(run.manifest),
            total=Slice.of("all questions", records),
            statuses={status: counts[status] for status in STATUSES if counts[status]},
            published=published_scores(run.value("published")),
            breakdowns=breakdowns(records),
            calibration=Calibration.of(records),
            timing=Timing.of([record.seconds for record in records if 0 <= record.seconds < float("inf")]),
            stages=stage_times([timed for record in records if (timed := _stages(record))]),
            reads=_mean_reads(records),
            llm_use=LlmUse.of(records),
            relations=_relations(records, names),
            cases=Cases.of(records),
            names=names,
        )


def _relations(records: Sequence[Record], names: DisplayNames) -> tuple[RelationUse, ...]:
    used: Counter[str] = Counter()
    for record in records:
        chains = (chain for chain, answer in zip(record.chains, record.proves, strict=True) if answer == 0)
        used.update({relation for chain in chains for _, relation, _ in chain})
    most = sorted(used.items(), key=lambda item: (-item[1], item[0]))[:MOST_RELATIONS]
    return tuple(RelationUse(names.relation(relation), relation, count) for relation, count in most)


def _mean_reads(records: Sequence[Record]) -> tuple[float, float]:
    counted = [reads for record in records if any(reads := (record.passes, record.tokens))]
    passes, tokens = (sum(each) for each in zip(*counted, strict=True)) if counted else (0, 0)
    return passes / max(len(counted), 1), tokens / max(len(counted), 1)


def _stages(record: Record) -> Mapping[str, float]:
    """The seconds of each stage of the question, in their order; empty where none was timed."""
    seconds = asdict(record.timings)
    return seconds if any(seconds.values()) else {}
