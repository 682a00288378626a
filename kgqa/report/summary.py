"""Everything that a run's report says, before it has a form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from kgqa.evaluation import STATUSES
from kgqa.graph import IndexedGraph
from kgqa.report.breakdown import Breakdown, Slice, breakdowns
from kgqa.report.cases import Cases
from kgqa.report.confidence import Confidence
from kgqa.report.facts import Fact, facts
from kgqa.report.model_use import ModelUse
from kgqa.report.names import Names
from kgqa.report.published import Published, published_scores
from kgqa.report.run_folder import Run
from kgqa.report.timing import Timing

__all__ = ["Summary"]

MOST_RELATIONS = 10


@dataclass(frozen=True)
class Summary:
    """A run's scores, groups, times and cases; `None` where its records say nothing of that kind.

    `relations` are the ones most used in the proofs of first answers, with the number of questions.
    """

    title: str
    unread: int
    facts: tuple[Fact, ...]
    total: Slice
    statuses: Mapping[str, int]
    published: tuple[Published, ...]
    breakdowns: tuple[Breakdown, ...]
    confidence: Confidence | None
    timing: Timing | None
    model_use: ModelUse | None
    relations: tuple[tuple[str, int], ...]
    cases: Cases
    names: Names

    @classmethod
    def of(cls, run: Run, graph: IndexedGraph | None = None) -> Self:
        """The summary of a run; a graph knows the names of what the chains hold."""
        records = run.records
        names = Names.of(records, graph)
        used = Counter(
            relation
            for record in records
            for relation in {
                names.relation(triple[1])
                for chain, answer in zip(record.chains, record.proves, strict=True)
                if answer == 0
                for triple in chain
            }
        )
        counts = Counter(record.status for record in records)
        return cls(
            title=run.title,
            unread=run.unread,
            facts=facts(run.manifest),
            total=Slice.of("all questions", records),
            statuses={status: counts[status] for status in STATUSES if counts[status]},
            published=published_scores(run.manifest),
            breakdowns=breakdowns(records),
            confidence=Confidence.of(records),
            timing=Timing.of([record.seconds for record in records if 0 <= record.seconds < float("inf")]),
            model_use=ModelUse.of(records),
            relations=tuple(sorted(used.items(), key=lambda item: (-item[1], item[0]))[:MOST_RELATIONS]),
            cases=Cases.of(records),
            names=names,
        )
