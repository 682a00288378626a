"""Scores by groups of questions."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from kgqa.evaluation import STATUSES, Record, Totals
from kgqa.evaluation.report import ANSWER_COUNTS, answer_count
from kgqa.report.measured import kind
from kgqa.report.score import Score

__all__ = ["METRICS", "Breakdown", "Slice", "breakdowns"]

METRICS = ("hits_at_1", "hit", "f1", "precision", "recall")
"""The strict scores, in the order of the tables."""


@dataclass(frozen=True)
class Slice:
    """Some questions of a run: their scores (0 to 1) and seconds a question (median).

    `faithful` is the share of their answers whose every chain holds, `None` where there are no answers.
    """

    title: str
    n: int
    scores: Mapping[str, Score]
    faithful: float | None
    seconds: float

    @classmethod
    def of(cls, title: str, records: Sequence[Record]) -> Self:
        """The scores of these records."""
        return cls(
            title=title,
            n=len(records),
            scores={name: Score.of([getattr(record, name) for record in records]) for name in METRICS},
            faithful=Totals.of(records).faithful if any(record.answers for record in records) else None,
            seconds=statistics.median(record.seconds for record in records) if records else 0.0,
        )


@dataclass(frozen=True)
class Breakdown:
    """The questions of a run, each in one slice; `name` is the column's, `title` the heading's."""

    name: str
    title: str
    slices: tuple[Slice, ...]


def breakdowns(records: Sequence[Record]) -> tuple[Breakdown, ...]:
    """By hops, gold answers, kind, place of the gold chain and outcome; those of one slice only are left out.

    Another one is one more line here.
    """
    made = (
        _by("hops", "By hops", records, _hops, ()),
        _by("gold", "By number of gold answers", records, _gold, ANSWER_COUNTS),
        _by("kind", "By kind of question", records, kind, ()),
        _by("rank", "By place of the gold chain among the hypotheses", records, _rank, _RANKS),
        _by("status", "By outcome", records, lambda record: record.status, STATUSES),
    )
    return tuple(each for each in made if len(each.slices) > 1 or each.name == "status")


def _gold(record: Record) -> str:
    return answer_count(len(set(record.gold)))


_RANKS = ("1", "2 to 3", "4 to 10", "more than 10", "not found", "not known")


def _rank(record: Record) -> str:
    rank = record.gold_rank
    if not rank:
        return _RANKS[-1] if rank is None else _RANKS[-2]
    return _RANKS[next((at for at, most in enumerate((1, 3, 10)) if rank <= most), 3)]


def _hops(record: Record) -> str:
    return "not known" if record.hops is None else str(record.hops)


def _by(
    name: str, title: str, records: Iterable[Record], key: Callable[[Record], str], order: Sequence[str]
) -> Breakdown:
    """One slice a key: in the order given, else by number, else the largest first."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        groups.setdefault(key(record), []).append(record)

    def place(title: str) -> tuple[int, int, int, str]:
        number = order.index(title) if title in order else int(title) if title.isdigit() else len(STATUSES)
        return (0 if title.isdigit() or title in order else 1, number, -len(groups[title]), title)

    return Breakdown(name, title, tuple(Slice.of(key, groups[key]) for key in sorted(groups, key=place)))
