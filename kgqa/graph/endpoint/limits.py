"""How much of an endpoint's graph is looked at for one question."""

from __future__ import annotations

from dataclasses import dataclass

from kgqa.errors import check_count

__all__ = ["FetchLimits"]


@dataclass(frozen=True)
class FetchLimits:
    """How much is fetched: of a node at most `hub` facts; at each hop at most `nodes` nodes are looked at.

    A request asks for the facts of at most `batch` nodes, which have at most `rows` facts together.
    """

    hub: int = 10_000
    nodes: int = 20_000
    batch: int = 100
    rows: int = 10_000

    def __post_init__(self) -> None:
        for name in ("hub", "nodes", "batch", "rows"):
            check_count(getattr(self, name), name)
