"""The questions of a run that a report shows: the worst failures and some successes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from kgqa.evaluation import Record

__all__ = ["Cases"]

MOST_DRAWN, MOST_SUCCESSES, MOST_LISTED = 10, 5, 200


@dataclass(frozen=True)
class Cases:
    """The worst failures (the most confident first), other failures for a list, and some successes.

    A failure is a question whose first answer is wrong or missing. `failed` counts all of them.
    """

    worst: tuple[Record, ...]
    others: tuple[Record, ...]
    successes: tuple[Record, ...]
    failed: int

    @classmethod
    def of(cls, records: Sequence[Record]) -> Self:
        """The cases of a run; the same whatever the records' order."""
        failures = sorted((record for record in records if record.hits_at_1 < 1), key=_badness)
        errors = [record for record in failures if record.status in ("error", "timeout")][:3]
        worst = [record for record in failures if record not in errors][: MOST_DRAWN - len(errors)] + errors
        drawn = {record.id for record in worst}
        return cls(
            worst=tuple(worst),
            others=tuple(record for record in failures if record.id not in drawn)[:MOST_LISTED],
            successes=_successes(records),
            failed=len(failures),
        )


def _badness(record: Record) -> tuple[float, float, float, str]:
    """A sort key: confident wrong answers first, then errors, then questions without an answer."""
    place = {"answered": 0, "error": 1, "timeout": 1}.get(record.status, 2)
    return place, -_sure(record), record.hit, record.id


def _sure(record: Record) -> float:
    sure = record.confidence if record.confidence is not None else max(record.vote_shares, default=0.0)
    return sure if math.isfinite(sure) else 0.0


def _successes(records: Sequence[Record]) -> tuple[Record, ...]:
    """Questions with an F1 of 1, the longest proofs first, each with different relations or operators."""
    right = [record for record in records if record.f1 == 1 and (record.chains or record.proof_text)]
    right.sort(key=lambda record: (-_proof(record), -_sure(record), record.id))
    chosen: list[Record] = []
    seen: set[frozenset[str]] = set()
    for record in right:
        chain = record.chains[0] if record.chains else ()
        relations = frozenset(relation for _, relation, _ in chain) | frozenset(record.operators)
        if relations not in seen:
            seen.add(relations)
            chosen.append(record)
        if len(chosen) == MOST_SUCCESSES:
            break
    return tuple(chosen)


def _proof(record: Record) -> int:
    """The length of the first answer's first chain, of a program its parts; too long to draw: 0."""
    parts = 0 if record.proof is None else len(record.proof.get("evidence", ()))
    length = max(parts, len(record.chains[0]) if record.chains else 0)
    return length if length <= 6 else 0
