"""Scores by groups of questions."""

from __future__ import annotations

import re
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from kgqa.datasets import ANSWER_TYPES
from kgqa.evaluation import STATUSES, Record, Totals
from kgqa.evaluation.report import ANSWER_COUNTS, answer_count
from kgqa.report.score import METRICS, Score

__all__ = ["Breakdown", "Slice", "breakdowns", "question_kind"]


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
    """The scores by hops, type of the answers, operator, graph, gold answers, kind, rank, and outcome.

    A breakdown with a single slice is left out, except for that by outcome. A question counts under each of
    its operators.
    """
    made = (
        _by("hops", "By hops", records, _hops, ()),
        _by("type", "By type of the answers", records, lambda record: record.answer_type, ANSWER_TYPES),
        _by_each("operator", "By operator", records, _operators, ()),
        _by("graph", "By graph", records, lambda record: record.graph or _NO_GRAPH, ()),
        _by("gold", "By number of gold answers", records, _gold, ANSWER_COUNTS),
        _by("kind", "By kind of question", records, _kind, ()),
        _by("rank", "By rank of the gold chain among the hypotheses", records, _rank, _RANKS),
        _by("status", "By outcome", records, lambda record: record.status, STATUSES),
    )
    return tuple(each for each in made if len(each.slices) > 1 or each.name == "status")


def _gold(record: Record) -> str:
    return answer_count(len(set(record.gold)))


_NO_OPERATOR = "none"
_NO_GRAPH = "shared"


def _operators(record: Record) -> Sequence[str]:
    return record.operators or (_NO_OPERATOR,)


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
    return _by_each(name, title, records, lambda record: (key(record),), order)


def _by_each(
    name: str,
    title: str,
    records: Iterable[Record],
    keys: Callable[[Record], Iterable[str]],
    order: Sequence[str],
) -> Breakdown:
    """The same for records that belong to several slices."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        for each in dict.fromkeys(keys(record)):
            groups.setdefault(each, []).append(record)

    def place(title: str) -> tuple[int, int, int, str]:
        number = order.index(title) if title in order else int(title) if title.isdigit() else len(STATUSES)
        return (0 if title.isdigit() or title in order else 1, number, -len(groups[title]), title)

    return Breakdown(name, title, tuple(Slice.of(key, groups[key]) for key in sorted(groups, key=place)))


def _kind(record: Record) -> str:
    """The question set's type of the question, else the one by its words."""
    return record.kind or question_kind(record.question)


_ASKING = ("how many", "how much", "how", "who", "whom", "whose", "what", "which", "when", "where", "why")
_SAME = {"whom": "who", "whose": "who", "how much": "how many"}
_FIRST = {
    "yes or no": ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could"),
    "name, list": ("name", "list", "give", "tell", "show", "find"),
}
_PATTERN = re.compile(rf"\b({'|'.join(_ASKING)})\b")


def question_kind(question: str) -> str:
    """The first question word of a question, else a kind by its first word, else `other`.

    >>> question_kind("In which films did Al Pacino play?"), question_kind("Was Duluth Dylan's home?")
    ('which', 'yes or no')
    """
    text = " ".join(question.casefold().split())
    if found := _PATTERN.search(text):
        return _SAME.get(found[1], found[1])
    first = re.match(r"\w*", text)
    return next((kind for kind, words in _FIRST.items() if first and first[0] in words), "other")
