"""Programs within brackets: which may be closed."""

from __future__ import annotations

from collections.abc import Iterator

from kgqa.constraint.programs import limits
from kgqa.constraint.programs.frame_sets import FrameSets
from kgqa.constraint.programs.joins import Joins
from kgqa.constraint.programs.measures import Measures
from kgqa.constraint.programs.member_set import steps_on
from kgqa.constraint.programs.program_node import Frame, Inner, Pending, ProgramNode, Purpose
from kgqa.program import Combine, Program

__all__ = ["InnerPrograms"]


class InnerPrograms:
    """Says of a program within another whether it can be closed, now or after more clauses."""

    def __init__(self, frames: FrameSets, joins: Joins, measures: Measures, hops: int) -> None:
        self._frames = frames
        self._joins = joins
        self._measures = measures
        self._hops = hops

    def may_change(self, node: ProgramNode) -> bool:
        """Whether any set may join the one that the brackets are opened after."""
        return node.outer is None or self._joins.may_change(self._frames.of(node.outer), node.join)

    def steps_left(self, frame: Frame) -> int:
        """How many steps it may still take."""
        return min(
            min(limits.MOST_INNER_STEPS, self._hops) - frame.follows,
            limits.MOST_INNER_CLAUSES - len(frame.clauses),
        )

    def may_close(self, node: ProgramNode, frame: Frame, most: int = limits.MOST_INNER_STEPS) -> bool:
        """Whether a program within another can be closed, now or after some steps."""
        assert node.outer is not None
        left = min(self.steps_left(frame), most)
        outer, members = self._frames.of(node.outer), self._frames.of(frame)
        if not frame.bare:
            return self._joins.may_join(outer, node.join, members, left, frame.came, frame.chained)
        # a name alone is no set to join: "where not is" leaves it out, "or" starts with it
        return left > 0 and any(
            self._joins.may_join(outer, node.join, members.after(step), left - 1, step)
            for step in steps_on(members, frame.came, frame.chained)
        )

    def closes(self, node: ProgramNode) -> bool:
        """Whether it may be closed now."""
        assert node.outer is not None
        outer, members = self._frames.of(node.outer), self._frames.of(node.frame)
        return not node.frame.bare and self._joins.may_join(outer, node.join, members, 0)

    def conditions(self, node: ProgramNode, frame: Frame) -> Iterator[tuple[str, Pending]]:
        """The beginnings of conditions within brackets that are closed behind them, or one step later."""
        assert node.outer is not None
        if frame.bare:
            return
        left = min(self.steps_left(frame), limits.MOST_INNER_CLAUSES - len(frame.clauses) - 1, 1)
        left = left if node.outer.follows else 0
        for words, negated in ((" where", False), (" where not", True)):
            inner = Inner(node.outer, node.join, left, frame.came)
            pending = Pending(Purpose.CONDITION, negated=negated, inner=inner)
            if self._measures.may_begin(self._frames.of(frame), pending):
                yield words, pending

    def closed(self, node: ProgramNode) -> ProgramNode:
        """The program around it, with its set."""
        assert node.outer is not None
        assert node.join is not None
        assert node.frame.start is not None
        inner = Program(node.frame.start, node.frame.clauses)
        return ProgramNode(node.outer.plus(Combine(node.join, inner)))
