"""How good the answers to one question are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kgqa.errors import check_names
from kgqa.graph import fold_name

__all__ = ["Metrics", "exact_match", "score_answers"]


@dataclass(frozen=True)
class Metrics:
    """All between 0 and 1; names are compared exactly, after `fold_name`, never as substrings.

    `hits_at_1`: the first answer is gold. `hit`: any answer is gold. `precision`, `recall` and their
    harmonic mean `f1` are over the sets of names.
    """

    hits_at_1: float
    hit: float
    precision: float
    recall: float
    f1: float


def score_answers(answers: Sequence[str], gold: Iterable[str]) -> Metrics:
    """Score ranked answers against the gold answers.

    No answers where there are gold ones score 0 throughout, and so do answers where gold says that
    there are none; no answers where there are none is right and scores 1 throughout.

    >>> score_answers(["Drama", "war "], ["War", "Comedy"])
    Metrics(hits_at_1=0.0, hit=1.0, precision=0.5, recall=0.5, f1=0.5)
    """
    check_names(answers, "answers")
    check_names(gold, "gold")
    given = [fold_name(answer) for answer in answers]
    right = {fold_name(answer) for answer in gold}
    if not given or not right:
        value = float(not given and not right)
        return Metrics(value, value, value, value, value)
    found = right.intersection(given)
    precision = len(found) / len(set(given))
    recall = len(found) / len(right)
    f1 = 2 * len(found) / (len(set(given)) + len(right))
    return Metrics(float(given[0] in right), float(bool(found)), precision, recall, f1)


def exact_match(answers: Iterable[str], gold: Iterable[str]) -> float:
    """1.0 where the set of answers is the set of gold answers, both empty included; else 0.0.

    >>> exact_match(["War", "Drama"], ["drama", "War"]), exact_match(["War"], ["Drama", "War"])
    (1.0, 0.0)
    """
    check_names(answers, "answers")
    check_names(gold, "gold")
    return float(set(map(fold_name, answers)) == set(map(fold_name, gold)))
