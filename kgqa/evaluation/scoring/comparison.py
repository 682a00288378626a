"""Two runs over the same questions, compared question by question."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from kgqa.counted import counted
from kgqa.errors import UsageError, check_count, check_path
from kgqa.evaluation.scoring.definition import Definition
from kgqa.evaluation.scoring.definitions import definition_named
from kgqa.evaluation.scoring.gold import Matched
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.statistics.interval import Interval, bootstrap
from kgqa.evaluation.statistics.significance import PValue, mcnemar, sign_flip

if TYPE_CHECKING:
    import pandas

__all__ = ["Comparison", "Difference", "compare"]

ALPHA = 0.05
SHOWN = 3


@dataclass(frozen=True)
class Difference:
    """One metric in two runs: the means over the same questions and their difference.

    `interval` is the paired bootstrap interval of `difference`, `p` the p-value of a paired permutation
    test. `won` and `lost` are the ids of the questions on which the second run is better and worse, the
    largest differences first.
    """

    metric: str
    first: float
    second: float
    interval: Interval
    p: PValue
    won: tuple[str, ...]
    lost: tuple[str, ...]

    @classmethod
    def of(cls, metric: str, first: Mapping[str, float], second: Mapping[str, float], seed: int = 0) -> Self:
        """Compare the values of the same questions. Raises `ValueError` for no questions."""
        away = {id_: second[id_] - value for id_, value in first.items()}
        ranked = sorted(away, key=lambda id_: (-abs(away[id_]), id_))
        return cls(
            metric=metric,
            first=math.fsum(first.values()) / len(away),
            second=math.fsum(second[id_] for id_ in away) / len(away),
            interval=bootstrap(list(away.values()), seed=seed),
            p=sign_flip(list(away.values()), seed=seed),
            won=tuple(id_ for id_ in ranked if away[id_] > 0),
            lost=tuple(id_ for id_ in ranked if away[id_] < 0),
        )

    @property
    def difference(self) -> float:
        """The value of the second run minus that of the first."""
        return self.second - self.first

    @property
    def is_noise(self) -> bool:
        """Whether the p-value is at least 0.05.

        With few questions the interval may exclude 0 all the same; the test decides.
        """
        return self.p.value >= ALPHA

    def describe(self) -> str:
        """One sentence: the difference in percentage points, its interval and p-value, and a verdict."""
        low, high = self.interval[:2]
        figures = (
            f"{100 * self.difference:+.1f} points (95 % interval {100 * low:+.1f} to {100 * high:+.1f}, "
            f"{self.p.describe()}; {len(self.won):,} won, {len(self.lost):,} lost)"
        )
        if not self.won and not self.lost:
            return f"{self.metric}: the same on every question"
        verdict = "within noise" if self.is_noise else "more than noise"
        return f"{self.metric}: {figures}: {verdict}"

    def to_json(self) -> dict[str, Any]:
        """One object; values between 0 and 1."""
        values = asdict(self) | {"interval": list(self.interval[:2]), "p": self.p.value}
        return values | {"difference": self.difference, "exact": self.p.exact, "noise": self.is_noise}


@dataclass(frozen=True)
class Comparison:
    """The differences of all metrics of a definition over `n` questions.

    `mcnemar` is the p-value of McNemar's exact test on Hits@1, `None` where the definition has no such
    metric. `unfinished` counts the questions of each run that have no record yet. Every metric is tested
    on its own: of twenty, one is expected to look like more than noise.
    """

    n: int
    differences: tuple[Difference, ...]
    mcnemar: PValue | None
    unfinished: tuple[int, int] = (0, 0)

    @classmethod
    def read(
        cls,
        first: str | Path,
        second: str | Path,
        *,
        definition: str = "strict",
        gold: str | Path | None = None,
        common: bool = False,
        seed: int = 0,
    ) -> Self:
        """Compare the predictions in two files or run folders; see `of` and `Matched.read`."""
        files = check_path(first, "first"), check_path(second, "second")
        runs = [Matched.read(file, gold) for file in files]
        predictions = (run.predictions for run in runs)
        found = cls.of(definition_named(definition), *predictions, common=common, seed=seed)
        return replace(found, unfinished=(runs[0].unfinished, runs[1].unfinished))

    @classmethod
    def of(
        cls,
        definition: Definition,
        first: Sequence[Prediction],
        second: Sequence[Prediction],
        *,
        common: bool = False,
        seed: int = 0,
    ) -> Self:
        """Score both runs and compare them.

        Raises `UsageError` if they are over different questions (with `common`, those that both have are
        compared), if a question has different gold answers, if no question is left, and for a negative seed.
        """
        check_count(seed, "seed", 0)
        pairs = _paired(first, second, common)
        values = [(a.id, definition.score(a), definition.score(b)) for a, b in pairs]
        scored = [(id_, a, b) for id_, a, b in values if a is not None and b is not None]
        if not scored:
            raise UsageError("the two runs have no scored question in common")
        differences = tuple(
            Difference.of(
                name,
                {id_: a[name] for id_, a, _ in scored},
                {id_: b[name] for id_, _, b in scored},
                seed,
            )
            for name in definition.metrics
        )
        ranked = next((d for d in differences if d.metric in ("hits_at_1", "hit1")), None)
        return cls(
            n=len(scored),
            differences=differences,
            mcnemar=None if ranked is None else PValue(mcnemar(len(ranked.won), len(ranked.lost)), True),
        )

    def to_frame(self) -> pandas.DataFrame:
        """One row a metric: its means, their difference with its interval and p-value, how many were won.

        Values are between 0 and 1. `n` and the p-value of McNemar's test are in `attrs`.
        """
        import pandas

        rows = [
            {
                "first": each.first,
                "second": each.second,
                "difference": each.difference,
                "low": each.interval.low,
                "high": each.interval.high,
                "p": each.p.value,
                "exact": each.p.exact,
                "noise": each.is_noise,
                "won": len(each.won),
                "lost": len(each.lost),
            }
            for each in self.differences
        ]
        names = pandas.Index([each.metric for each in self.differences], name="metric")
        frame = pandas.DataFrame(rows, index=names)
        frame.attrs |= {"n": self.n, "mcnemar": None if self.mcnemar is None else self.mcnemar.value}
        return frame

    def to_json(self) -> dict[str, Any]:
        """One object: `n`, `mcnemar` and one object a metric."""
        metrics = {difference.metric: difference.to_json() for difference in self.differences}
        return {
            "n": self.n,
            "unfinished": list(self.unfinished),
            "mcnemar": None if self.mcnemar is None else self.mcnemar.value,
            "metrics": metrics,
        }


def compare(
    first: str | Path,
    second: str | Path,
    *,
    definition: str = "strict",
    gold: str | Path | None = None,
    common: bool = False,
    seed: int = 0,
) -> pandas.DataFrame:
    """Compare two runs, or prediction files, question by question; see `Comparison.to_frame`.

    `gold` is a question file for predictions without gold answers; `common` compares the questions that
    both have, where others are refused. Raises what `Comparison.read` raises.
    """
    return Comparison.read(
        first, second, definition=definition, gold=gold, common=common, seed=seed
    ).to_frame()


def _paired(
    first: Sequence[Prediction], second: Sequence[Prediction], common: bool
) -> list[tuple[Prediction, Prediction]]:
    ours, theirs = ({prediction.id: prediction for prediction in run} for run in (first, second))
    only = [sorted(a.keys() - b.keys()) for a, b in ((ours, theirs), (theirs, ours))]
    if any(only) and not common:
        parts = [
            f"{len(ids):,} only in the {which} ({_few(ids)})"
            for ids, which in zip(only, ("first", "second"), strict=True)
            if ids
        ]
        both = len(ours.keys() & theirs.keys())
        if not both:
            raise UsageError(f"the runs have no question in common: {'; '.join(parts)}")
        raise UsageError(
            f"the runs have different questions: {'; '.join(parts)}; "
            f"compare the {counted(both, 'question')} that both have with --common (in Python common=True)"
        )
    pairs = [(prediction, theirs[id_]) for id_, prediction in ours.items() if id_ in theirs]
    if changed := [a.id for a, b in pairs if set(a.gold) != set(b.gold)]:
        raise UsageError(
            f"{counted(len(changed), 'question has', 'questions have')} other gold answers in the second run "
            f"({_few(changed)})"
        )
    return pairs


def _few(ids: Sequence[str]) -> str:
    return ", ".join(ids[:SHOWN]) + (", ..." if len(ids) > SHOWN else "")
