"""How good the answers to one question are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kgqa.errors import check_name_lists, check_names
from kgqa.evaluation.scoring.agreement import Agreement
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation
from kgqa.graph import fold_name

__all__ = ["FAILED", "Metrics", "exact_match", "score_answers", "score_denotation"]


@dataclass(frozen=True)
class Metrics:
    """All between 0 and 1; answers are compared by their type (`Agreement`), names never as substrings.

    `hits_at_1`: the first answer is gold. `hit`: any answer is gold. `precision`, `recall` and their
    harmonic mean `f1` are over the sets of answers. `denotation`: the two sets are the same.
    """

    hits_at_1: float
    hit: float
    precision: float
    recall: float
    f1: float
    denotation: float


FAILED = Metrics(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
"""The scores of a question that ended in a failure: that is no answer, so nothing is right."""


def score_answers(answers: Sequence[str], gold: Iterable[str]) -> Metrics:
    """Score ranked answers against the gold answers, by their names; see `score_denotation`.

    >>> score_answers(["Drama", "war "], ["War", "Comedy"])
    Metrics(hits_at_1=0.0, hit=1.0, precision=0.5, recall=0.5, f1=0.5, denotation=0.0)
    """
    check_names(answers, "answers")
    check_names(gold, "gold")
    return score_denotation(Denotation(tuple(answers)), GoldDenotation(tuple(gold)))


def score_denotation(given: Denotation, gold: GoldDenotation) -> Metrics:
    """Score ranked answers against the gold answers, as `Agreement` compares them.

    No answers where there are gold ones score 0 throughout, and so do answers where gold says that
    there are none; no answers where there are none is right and scores 1 throughout.

    >>> score_denotation(Denotation(("1,004",)), GoldDenotation(("1000.5",), "number")).denotation
    1.0
    """
    found = Agreement.of(given, gold)
    if not found.answers or not found.gold:
        value = float(not found.answers and not found.gold)
        return Metrics(value, value, value, value, value, value)
    both = len(found.pairs)
    return Metrics(
        hits_at_1=float(found.first),
        hit=float(both > 0),
        precision=both / found.answers,
        recall=both / found.gold,
        f1=2 * both / (found.answers + found.gold),
        denotation=float(both == found.answers == found.gold),
    )


def exact_match(answers: Iterable[str], gold: Iterable[str], aliases: Sequence[Sequence[str]] = ()) -> float:
    """1.0 where the set of answers is the set of gold answers by name, both empty included; else 0.0.

    `aliases`, if there are any, has for each gold answer the other names that count as its name.

    >>> exact_match(["War", "Drama"], ["drama", "War"]), exact_match(["War"], ["Drama", "War"])
    (1.0, 0.0)
    """
    check_names(answers, "answers")
    check_names(gold, "gold")
    check_name_lists(aliases, "aliases")
    names = [*map(fold_name, gold)]
    known = {name: name for name in names}
    for name, others in zip(names, aliases, strict=False):
        for alias in others:
            known.setdefault(fold_name(alias), name)  # of the first gold answer that has it
    return float({known.get(name, name) for name in map(fold_name, answers)} == set(names))
