"""Named entities, described but not listed."""

from __future__ import annotations

from typing import NamedTuple

from kgqa.graph.adjacency import Ids

__all__ = ["Named"]


class Named(NamedTuple):
    """Named entities but some: those of a group of `StepRows`, or (group -1) `entities`."""

    group: int
    without: tuple[int, ...]
    entities: Ids
