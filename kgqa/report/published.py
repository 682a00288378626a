"""Scores that others published, shown beside a run's."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kgqa.report.score import LABELS

__all__ = ["Published", "published_scores"]


@dataclass(frozen=True)
class Published:
    """A method's published scores (percent), by the metrics' own names.

    `comparable` is false if they are on other questions, another graph, or by another definition of the
    metric; `note` says which.
    """

    method: str
    values: tuple[tuple[str, float], ...]
    source: str = ""
    comparable: bool = False
    note: str = ""

    def value(self, metric: str) -> float | None:
        """The published value of one of our scores, however its name is spelled; `None` if there is none.

        >>> Published("RoG", (("hits@1", 85.7),)).value("hits_at_1")
        85.7
        """
        return next(
            (value for name, value in self.values if _spelled(name) == _spelled(LABELS[metric])), None
        )

    def others(self, metrics: Iterable[str]) -> tuple[tuple[str, float], ...]:
        """The published scores other than some of ours."""
        left_out = {_spelled(LABELS[metric]) for metric in metrics}
        return tuple((name, value) for name, value in self.values if _spelled(name) not in left_out)


def published_scores(given: object) -> tuple[Published, ...]:
    """The scores in a manifest's `published`: one object or a list of them; anything else is ignored.

    An object has `values` (numbers by the names of their metrics) and a `source`, and may have `method`,
    `note` and `comparable`, which is false by default.
    """
    entries = given if isinstance(given, list) else [given]
    found = (_read(entry) for entry in entries if isinstance(entry, Mapping))
    return tuple(scores for scores in found if scores.values)


def _read(entry: Mapping[str, object]) -> Published:
    given = entry.get("values")
    values = given.items() if isinstance(given, Mapping) else ()
    source = str(entry.get("source") or "")
    return Published(
        method=str(entry.get("method") or source or "published"),
        values=tuple((str(name), float(value)) for name, value in values if _is_number(value)),
        source=source if entry.get("method") else "",
        comparable=entry.get("comparable") is True,
        note=str(entry.get("note") or ""),
    )


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _spelled(metric: str) -> str:
    return re.sub(r"[^a-z0-9]", "", metric.lower()).replace("at", "").replace("hits", "hit")
