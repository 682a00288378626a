"""Whether a denotation is a question's gold answers."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.graph import IndexedGraph, fold_name
from kgqa.program import Denotation

__all__ = ["is_gold"]

TOLERANCE = 0.005


def is_gold(
    denotation: Denotation, graph: IndexedGraph, answers: Sequence[str], identifiers: Sequence[str] = ()
) -> bool:
    """Numbers within 0.5 %, names without case; sets of entities by identifier where the gold has them."""
    if denotation.truth is not None:
        return [fold_name(answer) for answer in answers] == ["yes" if denotation.truth else "no"]
    if denotation.value is not None:
        return len(answers) == 1 and _same(denotation.value.text, answers[0])
    if denotation.members is None:
        return not answers and denotation.table is None
    if identifiers and len(identifiers) == len(answers):
        return {graph.entity(int(node)) for node in denotation.members} == set(identifiers)
    mine = {fold_name(graph.labels[int(node)]) for node in denotation.members}
    gold = {fold_name(answer) for answer in answers}
    if mine == gold:
        return True
    if len(mine) > 10 * len(gold) + 10:
        return False
    return all(any(_same(one, other) for other in gold) for one in mine) and all(
        any(_same(other, one) for one in mine) for other in gold
    )


def _same(one: str, other: str) -> bool:
    if fold_name(one) == fold_name(other):
        return True
    try:
        first, second = float(one), float(other)
    except ValueError:
        return _date(one) == _date(other) is not None
    return abs(first - second) <= TOLERANCE * max(abs(first), abs(second), 1e-9)


def _date(text: str) -> tuple[str, str] | None:
    """A date with its time, without the zeros of midnight."""
    day, _, time = text.strip().upper().replace("T", " ").partition(" ")
    if day.count(":") == 2 and not time:  # a time of day
        return "", day.removesuffix(":00")
    if day.count(":") == 1 and not time:
        return "", day
    if day.count("-") < 2:
        return None
    return day, time.strip().removesuffix(".0").replace("00:00:00", "")
