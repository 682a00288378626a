"""P-values of several comparisons with one run, corrected for their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kgqa.evaluation.scoring.comparison import Comparison
from kgqa.evaluation.statistics.significance import PValue, holm

__all__ = ["corrected"]


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The same comparisons with p-values by Holm's correction, for each metric over all comparisons.

    All must have the same metrics, as those of one definition do. A single comparison stays as it is.
    """
    rows = [
        _values([each.p for each in differences])
        for differences in zip(*(one.differences for one in comparisons), strict=True)
    ]
    tests = [one.mcnemar for one in comparisons]
    exact = [one for one in tests if one is not None]
    own: Sequence[PValue | None] = _values(exact) if len(exact) == len(tests) else tests
    return [
        replace(
            one,
            differences=tuple(replace(d, p=row[at]) for d, row in zip(one.differences, rows, strict=True)),
            mcnemar=own[at],
        )
        for at, one in enumerate(comparisons)
    ]


def _values(tests: Sequence[PValue]) -> list[PValue]:
    values = holm([one.value for one in tests])
    return [PValue(value, one.exact) for value, one in zip(values, tests, strict=True)]
