"""What a question mentions, as far as programs may use it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from kgqa.graph import Value, ValueKind
from kgqa.program import Nodes

__all__ = ["Compared", "Mentioned"]


class Compared(NamedTuple):
    """Two names of which a question compares the first with the second; `dated`: asked is what came first."""

    first: Nodes
    second: Nodes
    dated: bool


@dataclass(frozen=True)
class Mentioned:
    """The names, classes, values and texts that a program for one question may hold.

    `topics` are entities that programs may start from; `nodes` are further nodes with a name in the question,
    which conditions may ask for; each has the identifiers that share a name. `classes` are the classes that
    programs may start from. `values` are the numbers and dates of the question, `texts` what a name may be
    asked to contain, `places` its ordinals and numbers of winners ("second", "top 3"). With `averages`,
    programs may compare numbers with their average. With `compared`, a program only tests how a measure of
    one name compares with that of another, if they have one in common.
    """

    topics: tuple[Nodes, ...] = ()
    nodes: tuple[Nodes, ...] = ()
    classes: tuple[Nodes, ...] = ()
    values: tuple[Value, ...] = ()
    texts: tuple[str, ...] = ()
    places: tuple[int, ...] = ()
    averages: bool = True
    compared: Compared | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """One identifier for each name."""
        return tuple(nodes[0] for nodes in (*self.topics, *self.nodes))

    @property
    def has_numbers(self) -> bool:
        """Whether there is something that any numbers can be compared with: a number, or their average."""
        return self.averages or any(value.kind is ValueKind.NUMBER for value in self.values)
