"""Everything that a run's report says, before it has a form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from kgqa.evaluation import STATUSES, Record
from kgqa.graph import IndexedGraph, clean_name
from kgqa.report.breakdown import Breakdown, Slice, breakdowns
from kgqa.report.cases import Cases
from kgqa.report.confidence import Confidence
from kgqa.report.facts import Fact, facts
from kgqa.report.measured import model_reads, stages
from kgqa.report.model_use import ModelUse
from kgqa.report.names import Names
from kgqa.report.published import Published, published_scores
from kgqa.report.run_folder import RunFolder
from kgqa.report.settings_text import settings_text
from kgqa.report.timing import Stage, Timing, stage_times

__all__ = ["Summary"]

MOST_RELATIONS = 10


class RelationUse(NamedTuple):
    """A relation, in words and whole, and the questions whose first answer is proven by it."""

    words: str
    relation: str
    questions: int


@dataclass(frozen=True)
class Summary:
    """A run's scores, groups, times and cases; `None` where its records say nothing of that kind.

    `relations` are the ones most used in the proofs of first answers, `reads` the passes and the
    tokens of the path model a question (means over those that were counted).
    """

    title: str
    unread: int
    model: str
    settings: str
    facts: tuple[Fact, ...]
    total: Slice
    statuses: Mapping[str, int]
    published: tuple[Published, ...]
    breakdowns: tuple[Breakdown, ...]
    confidence: Confidence | None
    timing: Timing | None
    stages: tuple[Stage, ...]
    reads: tuple[float, float]
    model_use: ModelUse | None
    relations: tuple[RelationUse, ...]
    cases: Cases
    names: Names

    @classmethod
    def of(cls, run: RunFolder, graph: IndexedGraph | None = None) -> Self:
        """The summary of a run; a graph knows the names of what the chains hold."""
        records = run.records
        names = Names.of(records, graph)
        counts = Counter(record.status for record in records)
        return cls(
            title=run.title,
            unread=run.unread,
            model=clean_name(str(run.says("model") or "")),
            settings=settings_text(run),
            facts=facts(run.manifest),
            total=Slice.of("all questions", records),
            statuses={status: counts[status] for status in STATUSES if counts[status]},
            published=published_scores(run.says("published")),
            breakdowns=breakdowns(records),
            confidence=Confidence.of(records),
            timing=Timing.of([record.seconds for record in records if 0 <= record.seconds < float("inf")]),
            stages=stage_times([timed for record in records if (timed := stages(record))]),
            reads=_mean_reads(records),
            model_use=ModelUse.of(records),
            relations=_relations(records, names),
            cases=Cases.of(records),
            names=names,
        )


def _relations(records: Sequence[Record], names: Names) -> tuple[RelationUse, ...]:
    used: Counter[str] = Counter()
    for record in records:
        chains = (chain for chain, answer in zip(record.chains, record.proves, strict=True) if answer == 0)
        used.update({relation for chain in chains for _, relation, _ in chain})
    most = sorted(used.items(), key=lambda item: (-item[1], item[0]))[:MOST_RELATIONS]
    return tuple(RelationUse(names.relation(relation), relation, count) for relation, count in most)


def _mean_reads(records: Sequence[Record]) -> tuple[float, float]:
    counted = [reads for record in records if any(reads := model_reads(record))]
    passes, tokens = (sum(each) for each in zip(*counted, strict=True)) if counted else (0, 0)
    return passes / max(len(counted), 1), tokens / max(len(counted), 1)
