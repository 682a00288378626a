"""The nodes of the grammar of programs: a prefix of a program, and where in a clause the text is."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from kgqa.program import (
    Aggregate,
    Clause,
    Each,
    Extreme,
    Final,
    Follow,
    Has,
    Join,
    Keep,
    Measure,
    Named,
    Path,
    Start,
    Step,
    Summary,
)

__all__ = ["Frame", "Pending", "ProgramNode", "Purpose"]


class Purpose(Enum):
    """What a path that is being written is for."""

    FOLLOW = "follow"
    HAS = "has"
    CONDITION = "condition"
    EXTREME = "extreme"
    SUMMARY = "summary"
    EACH = "each"
    GROUP = "group"
    GROUP_CONDITION = "group condition"


class Pending(NamedTuple):
    """A clause that is not complete, or whose path may go on.

    `test` marks a condition of the final operator instead of a clause.
    """

    purpose: Purpose
    path: Path = ()
    aggregate: Aggregate = Aggregate.VALUE
    by: Path = ()
    negated: bool = False
    least: bool = False
    rank: int = 1
    count: int = 1
    test: bool = False

    @property
    def measure(self) -> Measure:
        """The measure so far."""
        return Measure(self.path, self.aggregate, self.by)

    def onto(self, step: Step) -> Pending:
        """With one more step of the path."""
        return self._replace(path=(*self.path, step))

    def clause(self) -> Clause | Final | None:
        """The clause or final operator that the text so far is, if it is one."""
        if not self.path and not (self.by and self.aggregate is Aggregate.COUNT):
            return None
        match self.purpose:
            case Purpose.HAS:
                return Keep(Has(self.path), self.negated)
            case Purpose.EXTREME:
                return Extreme(self.measure, self.least, self.rank, self.count)
            case Purpose.SUMMARY:
                return Summary(self.aggregate, self.path)
            case Purpose.EACH:
                return Each(self.measure)
            case _:
                return None


class Frame(NamedTuple):
    """A program so far: the one that is written, or one within it."""

    start: Start | None = None
    clauses: tuple[Clause, ...] = ()
    final: Final | None = None

    def plus(self, clause: Clause) -> Frame:
        """With one more clause."""
        return self._replace(clauses=(*self.clauses, clause))

    @property
    def follows(self) -> int:
        """How many steps it takes."""
        return sum(isinstance(clause, Follow) for clause in self.clauses)

    @property
    def chained(self) -> bool:
        """Whether a step may follow without a bar."""
        return not self.clauses or isinstance(self.clauses[-1], Follow)

    @property
    def bare(self) -> bool:
        """Whether it is nothing but names."""
        return isinstance(self.start, Named) and not self.clauses and self.final is None


class ProgramNode(NamedTuple):
    """A prefix of a program's text; `outer` is the program that the one in `frame` will `join`."""

    frame: Frame = Frame()
    pending: Pending | None = None
    outer: Frame | None = None
    join: Join | None = None

    def at(self, frame: Frame, pending: Pending | None = None) -> ProgramNode:
        """The same place with another frame."""
        return self._replace(frame=frame, pending=pending)
