"""The sets that programs so far denote."""

from __future__ import annotations

from itertools import pairwise

from kgqa.constraint.programs.member_set import MemberSet, MemberSets, steps_on
from kgqa.constraint.programs.program_node import Frame, Pending, ProgramNode
from kgqa.constraint.programs.step_columns import StepColumns
from kgqa.constraint.programs.whole_clauses import is_whole
from kgqa.program import Clause, Combine, Each, Extreme, Follow, Keep, Step, Summary

__all__ = ["FrameSets"]


class FrameSets:
    """Finds the set of a program so far, and the program that a text which may end is."""

    def __init__(self, sets: MemberSets) -> None:
        self._sets = sets
        self._whole: dict[ProgramNode, Frame | None] = {}

    @property
    def columns(self) -> StepColumns:
        """The steps of the graph."""
        return self._sets.columns

    def of(self, frame: Frame) -> MemberSet:
        """The set that a program so far denotes, its final operator left out."""
        if frame.members is None:
            assert frame.start is not None
            if not frame.clauses:
                ids = self._sets.executor.start(frame.start)
            else:
                before = self.of(Frame(frame.start, frame.clauses[:-1]))
                ids = self._sets.executor.apply(frame.clauses[-1], before.ids)
            frame.members = self._sets.of(ids)
        return frame.members

    def plus(self, frame: Frame, clause: Clause) -> Frame:
        """A program with one more clause, and its set."""
        before, after = self.of(frame), frame.plus(clause)
        if isinstance(clause, Follow):
            after.members = before.after(clause.step)
        elif isinstance(clause, Combine):
            after.members = self._sets.of(self._sets.executor.apply(clause, before.ids))
        else:
            after.members = before.after_clause(clause)
        return after

    def completed(self, node: ProgramNode) -> Frame | None:
        """The program of a text that may end here, or go on with a new clause."""
        if node.pending is None:
            return None if node.frame.start is None else node.frame
        if node not in self._whole:
            self._whole[node] = self._find_completed(node.frame, node.pending)
        return self._whole[node]

    def steps_on(self, frame: Frame, members: MemberSet) -> list[Step]:
        """The steps that a program may take; over values to what has them only once."""
        crossed = any(isinstance(c, Follow) and self.columns.of_values(c.step) for c in frame.clauses)
        return steps_on(members, frame.came, frame.chained and not crossed)

    def hops_left(self, frame: Frame, hops: int) -> int:
        """How many of `hops` steps may follow. Over a value to what has it too ("on the same day") is one."""
        same = sum(
            isinstance(one, Follow)
            and isinstance(other, Follow)
            and self.columns.to_values(one.step)
            and self.columns.of_values(other.step)
            for one, other in pairwise(frame.clauses)
        )
        return hops - frame.follows + same

    def is_of_values(self, frame: Frame, members: MemberSet) -> bool:
        """Whether the set are values that the last clause led to, from which there is only the way back."""
        last = frame.clauses[-1] if frame.clauses else None
        return (
            isinstance(last, Follow)
            and self.columns.to_values(last.step)
            and all(step.inverse for step in members.onward)
        )

    def _find_completed(self, frame: Frame, pending: Pending) -> Frame | None:
        clause = pending.clause()
        if clause is None or not is_whole(self.of(frame), pending):
            return None
        if isinstance(clause, Summary | Each):
            return frame.ended(clause)
        assert isinstance(clause, Keep | Extreme)
        return self.plus(frame, clause)
