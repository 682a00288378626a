"""Programs: a start, clauses that map sets to sets, and at most one final operator."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from kgqa.program.condition import Condition, Nodes
from kgqa.program.measure import SUMMARIES, Aggregate, Measure, Path, Step

__all__ = [
    "Clause",
    "Combine",
    "Count",
    "Each",
    "Extreme",
    "Final",
    "Follow",
    "Instances",
    "Join",
    "Keep",
    "Named",
    "Program",
    "Start",
    "Summary",
    "Test",
]


@dataclass(frozen=True)
class Named:
    """Entities by their names: one group of identifiers for each name."""

    groups: tuple[Nodes, ...]


@dataclass(frozen=True)
class Instances:
    """All instances of a class and of its subclasses."""

    nodes: Nodes


Start: TypeAlias = Named | Instances


@dataclass(frozen=True)
class Follow:
    """All that one step reaches from the members."""

    step: Step


@dataclass(frozen=True)
class Keep:
    """The members for which the condition holds, or (`negated`) does not hold."""

    condition: Condition
    negated: bool = False


@dataclass(frozen=True)
class Extreme:
    """The members with the highest (or `least`) measure.

    With `rank` n, those that come n-th; with `count` n, the first n. Members of equal measure are equal: all
    of them are in, so that there may be more than `count`. Members without a value are left out.
    """

    measure: Measure
    least: bool = False
    rank: int = 1
    count: int = 1


class Join(StrEnum):
    """How two sets are combined."""

    AND = "and"
    OR = "or"
    BUT_NOT = "but not"


@dataclass(frozen=True)
class Combine:
    """The set combined with that of another program, which has no final operator."""

    join: Join
    program: Program


Clause: TypeAlias = Follow | Keep | Extreme | Combine


@dataclass(frozen=True)
class Count:
    """The number of members."""


@dataclass(frozen=True)
class Summary:
    """The total, average, highest or lowest of the values that the path reaches from the members."""

    aggregate: Aggregate
    path: Path

    def __post_init__(self) -> None:
        if self.aggregate not in SUMMARIES:
            raise ValueError(f"a summary is one of {', '.join(SUMMARIES)}, not {self.aggregate}")
        if not self.path:
            raise ValueError("a summary needs a path to the values")


@dataclass(frozen=True)
class Test:
    """Yes if the condition holds for at least one member (`negated`: for none), else no."""

    __test__ = False  # no test of pytest

    condition: Condition
    negated: bool = False


@dataclass(frozen=True)
class Each:
    """A table: each member, or each group, with its measure."""

    measure: Measure


Final: TypeAlias = Count | Summary | Test | Each


@dataclass(frozen=True)
class Program:
    """What a question asks of a graph; see docs/explanation/programs.md.

    Without a `final` operator it denotes a set of nodes. `kgqa.program.Executor` executes it,
    `program_text` writes it as a language model does, `parse_program` reads that, and `to_sparql` translates
    it.
    """

    start: Start
    clauses: tuple[Clause, ...] = ()
    final: Final | None = None
