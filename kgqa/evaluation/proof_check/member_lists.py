"""Checks lists of members: how many there are, how many are listed, each of them, and none twice."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable
from typing import Any

from kgqa.evaluation.proof_check import proof_reading as reading
from kgqa.evaluation.proof_check.member_check import MemberCheck
from kgqa.evaluation.proof_check.naive_program import NaiveProgram, Table
from kgqa.evaluation.proof_check.proof_chain import BadChainError
from kgqa.evaluation.proof_check.proof_reading import ReadMember
from kgqa.evaluation.proof_check.violations import Violations
from kgqa.program.measure import Measure

__all__ = ["MemberLists", "by_end"]


class MemberLists:
    """Checks the lists of a piece of evidence, which have at most `most` members."""

    def __init__(self, naive: NaiveProgram, found: Violations, most: int) -> None:
        self.members = MemberCheck(naive)
        self.found = found
        self.most = most

    def listed(
        self,
        piece: dict[str, Any],
        field: str,
        right: Collection[Hashable],
        check: Callable[[ReadMember], object],
        key_of: Callable[[ReadMember], Hashable] = lambda member: member.entity,
    ) -> None:
        """Check a list; `right` are the keys of the right members, by default their entities."""
        self.found.expect(piece, "total" if field == "members" else f"{field}_total", len(right))
        listed = reading.members(piece, field)
        if len(listed) != min(len(right), self.most):
            self.found.say(f"{min(len(right), self.most)} {field} must be listed, not {len(listed)}")
        seen: set[Hashable] = set()
        for member in listed:
            key = key_of(member)
            if key not in right:
                self.found.say(f"{member.entity!r} is not one of the {field}")
            elif key in seen:
                self.found.say(f"{member.entity!r} is listed twice in {field}")
            else:
                self.one(member, check)
            seen.add(key)

    def measured(
        self,
        piece: dict[str, Any],
        field: str,
        right: set[str],
        measure: Measure,
        table: Table,
        before: set[str],
        *,
        most: bool = False,
    ) -> None:
        """Check a list of members with their measures."""
        listed = len(reading.members(piece, field))
        limit = max(1, self.most // max(1, listed))
        self.listed(
            piece,
            field,
            right,
            lambda m: self.members.measured(m, measure, table, before, limit, most=most),
        )

    def one(self, member: ReadMember, check: Callable[[ReadMember], object]) -> None:
        """Check one member."""
        try:
            check(member)
        except BadChainError as error:
            self.found.say(f"{member.entity!r} {error}")


def by_end(inverse: bool = False) -> Callable[[ReadMember], Hashable]:
    """Keys of an entity and the end of its chain, whose last step is walked so."""

    def key_of(member: ReadMember) -> Hashable:
        if not member.chains or not member.chains[0]:
            return member.entity, None
        last = member.chains[0][-1]
        return member.entity, last.head if inverse else last.tail

    return key_of
