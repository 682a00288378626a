"""Numbers that others published, to be read beside a run's."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Published", "published_scores"]


@dataclass(frozen=True)
class Published:
    """A published score (percent) of a method, by its metric's own name.

    `comparable` is false where the questions, the graph or the metric's definition is another one;
    `note` says which.
    """

    method: str
    metric: str
    value: float
    source: str = ""
    comparable: bool = False
    note: str = ""


def published_scores(manifest: Mapping[str, object]) -> tuple[Published, ...]:
    """The scores under `published` in a manifest: one object or a list of them; others are passed over.

    What does not say that it is comparable is not.
    """
    given = manifest.get("published")
    entries = given if isinstance(given, list) else [given]
    return tuple(score for entry in entries if isinstance(entry, Mapping) and (score := _score(entry)))


def _score(entry: Mapping[str, object]) -> Published | None:
    value = entry.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    texts = {name: str(entry.get(name) or "") for name in ("method", "metric", "source", "note")}
    return Published(value=float(value), comparable=entry.get("comparable") is True, **texts)
