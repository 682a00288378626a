"""What a question cost an endpoint, and what of the graph was not looked at."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

__all__ = ["EndpointUsage", "HubCap"]


MOST_SHOWN = 5
"""Hubs that are named on an answer."""


@dataclass(frozen=True)
class HubCap:
    """A node with more facts than are looked at: `taken` of `total`."""

    node: str
    name: str
    taken: int
    total: int

    def __str__(self) -> str:
        return f"Hub {self.name}: {self.taken:,} of {self.total:,} facts looked at."


@dataclass
class EndpointUsage:
    """What was asked of an endpoint: requests that were sent, answers from the cache, rows, seconds.

    `hubs` are the nodes of which not all facts were looked at, those next to the topics first; `partial` says
    what else is incomplete. Threads may count in it at once.
    """

    requests: int = 0
    cached: int = 0
    rows: int = 0
    retries: int = 0
    seconds: float = 0.0
    hubs: list[HubCap] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def count(
        self, *, requests: int = 0, cached: int = 0, rows: int = 0, retries: int = 0, seconds: float = 0.0
    ) -> None:
        """Add to the counts."""
        with self._lock:
            self.requests += requests
            self.cached += cached
            self.rows += rows
            self.retries += retries
            self.seconds += seconds

    def note(self, text: str) -> None:
        """Say once that something is incomplete."""
        with self._lock:
            if text not in self.partial:
                self.partial.append(text)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was not looked at, one sentence each; of the hubs those next to the topics."""
        more = len(self.hubs) - MOST_SHOWN
        others = (f"{more} more hubs were looked at in part.",) if more > 0 else ()
        return (*map(str, self.hubs[:MOST_SHOWN]), *others, *self.partial)

    def to_dict(self) -> dict[str, object]:
        """As JSON values."""
        return {
            "requests": self.requests,
            "cached": self.cached,
            "rows": self.rows,
            "retries": self.retries,
            "seconds": round(self.seconds, 3),
            "hubs": [
                {"node": hub.node, "name": hub.name, "taken": hub.taken, "total": hub.total}
                for hub in self.hubs
            ],
            "partial": list(self.partial),
        }
