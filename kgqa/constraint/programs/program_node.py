"""The nodes of the grammar of programs: a prefix of a program, and where in a clause the text is."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from kgqa.constraint.programs.member_set import MemberSet
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

    FOLLOW = "follow"  # after a bar: a step or any clause may come
    HAS = "has"
    CONDITION = "condition"
    EXTREME = "extreme"
    SUMMARY = "summary"
    EACH = "each"
    GROUP = "group"
    GROUP_CONDITION = "group condition"


class Inner(NamedTuple):
    """The program around a condition within brackets, how they join, and the steps that may still come.

    `came` is the last step before the condition.
    """

    outer: Frame
    join: Join | None
    left: int
    came: Step | None


class Pending(NamedTuple):
    """A clause that is not complete, or whose path may go on.

    `test` marks a condition of the final operator instead of a clause, `inner` one within brackets.
    """

    purpose: Purpose
    path: Path = ()
    aggregate: Aggregate = Aggregate.VALUE
    by: Path = ()
    negated: bool = False
    least: bool = False
    rank: int = 1
    winners: int = 1
    test: bool = False
    inner: Inner | None = None

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
                return Extreme(self.measure, self.least, self.rank, self.winners)
            case Purpose.SUMMARY:
                return Summary(self.aggregate, self.path)
            case Purpose.EACH:
                return Each(self.measure)
            case _:
                return None


class Frame:
    """A program so far: the one that is written, or one within it; `members` is the set that it denotes.

    Equal by its parts; the hash is computed once. `follows` is how many steps it takes, `came` the last.
    """

    __slots__ = ("_hash", "came", "clauses", "final", "follows", "members", "start")

    def __init__(
        self, start: Start | None = None, clauses: tuple[Clause, ...] = (), final: Final | None = None
    ) -> None:
        self.start = start
        self.clauses = clauses
        self.final = final
        steps = [clause.step for clause in clauses if isinstance(clause, Follow)]
        self.follows = len(steps)
        self.came = steps[-1] if steps else None
        self.members: MemberSet | None = None
        self._hash = hash((start, clauses, final))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Frame)
            and self._hash == other._hash
            and (self.start, self.clauses, self.final) == (other.start, other.clauses, other.final)
        )

    def plus(self, clause: Clause) -> Frame:
        """With one more clause."""
        return Frame(self.start, (*self.clauses, clause), self.final)

    def ended(self, final: Final) -> Frame:
        """With a final operator; it has the set of this one."""
        found = Frame(self.start, self.clauses, final)
        found.members = self.members
        return found

    @property
    def chained(self) -> bool:
        """Whether a step may follow without a bar."""
        return not self.clauses or isinstance(self.clauses[-1], Follow)

    @property
    def bare(self) -> bool:
        """Whether it is nothing but names."""
        return isinstance(self.start, Named) and not self.clauses and self.final is None


class ProgramNode:
    """A prefix of a program's text; `outer` is the program that the one in `frame` will `join`."""

    __slots__ = ("_hash", "frame", "join", "outer", "pending")

    def __init__(
        self,
        frame: Frame,
        pending: Pending | None = None,
        outer: Frame | None = None,
        join: Join | None = None,
    ) -> None:
        self.frame = frame
        self.pending = pending
        self.outer = outer
        self.join = join
        self._hash = hash((frame, pending, outer, join))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, ProgramNode)
            and self._hash == other._hash
            and (self.frame, self.pending, self.outer, self.join)
            == (other.frame, other.pending, other.outer, other.join)
        )

    def at(self, frame: Frame, pending: Pending | None = None) -> ProgramNode:
        """The same place with another frame."""
        return ProgramNode(frame, pending, self.outer, self.join)
