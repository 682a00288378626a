"""The totals of one definition over one prediction file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from kgqa.evaluation.scoring.definition import Definition, Values
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.statistics.interval import Interval, bootstrap

__all__ = ["Scorecard"]


@dataclass(frozen=True)
class Scorecard:
    """What a definition makes of a file; totals and the bounds of intervals in percent.

    `scored` are the values of each question that it has a value for, by id, in the file's order;
    `unscored` the ids of the others, which its script would stop at or pass over. `missing` counts
    those and the questions that the file dropped; `with_dropped` are the totals where they count as
    nothing, None where there are none. `intervals` are those of the means.
    """

    definition: str
    scored: Mapping[str, Values]
    unscored: tuple[str, ...]
    missing: int
    totals: Values
    with_dropped: Values | None
    intervals: Mapping[str, Interval]
    printed: str = field(default="", compare=False)

    @classmethod
    def of(
        cls,
        definition: Definition,
        predictions: Sequence[Prediction],
        dropped: Sequence[Prediction] = (),
    ) -> Self:
        """Score every prediction."""
        values = {prediction.id: definition.score(prediction) for prediction in predictions}
        scored = {id_: value for id_, value in values.items() if value is not None}
        missing = [*(p for p in predictions if values[p.id] is None), *dropped]
        totals = definition.totals(list(scored.values()))
        whole = [*scored.values(), *map(definition.nothing, missing)]
        means = [name for name in definition.metrics if scored]
        return cls(
            definition=definition.name,
            scored=scored,
            unscored=tuple(id_ for id_, value in values.items() if value is None),
            missing=len(missing),
            totals=totals,
            with_dropped=definition.totals(whole) if missing else None,
            intervals={name: _interval([row[name] for row in scored.values()]) for name in means},
            printed=definition.printed(totals),
        )

    def to_json(self) -> dict[str, Any]:
        """One object; the values of the questions are left out."""
        return {
            "n": len(self.scored),
            "unscored": list(self.unscored),
            "missing": self.missing,
            "totals": dict(self.totals),
            "with_dropped": None if self.with_dropped is None else dict(self.with_dropped),
            "intervals": {name: list(interval[:2]) for name, interval in self.intervals.items()},
            "printed": self.printed,
        }


def _interval(values: Sequence[float]) -> Interval:
    found = bootstrap(values, share=True)
    return Interval(100 * found.low, 100 * found.high, found.level)
