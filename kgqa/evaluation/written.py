"""What was written for one hypothesis, as a record keeps it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Written"]


@dataclass(frozen=True)
class Written:
    """A hypothesis: its whole text, and the parts that published scores look at.

    `path` is its first chain in the form of paths, `chain` the triples of that by identifiers, in the graph's
    own direction, and `holds` whether the checker of chains found it in the graph, connected and from a topic
    entity. `answer` is the answer that the model wrote behind the chain, `None` where it was to write none.
    `score` is the score that hypotheses are ranked by.
    """

    text: str
    path: str
    chain: tuple[tuple[str, str, str], ...]
    holds: bool
    score: float
    answer: str | None = None
