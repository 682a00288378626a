"""Checks the evidence of each clause against the sets and measures of the plain execution."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Hashable
from typing import Any, assert_never

from kgqa.evaluation.proof_check import proof_reading as reading
from kgqa.evaluation.proof_check.facts import Bounds
from kgqa.evaluation.proof_check.member_check import MemberCheck, is_noisy
from kgqa.evaluation.proof_check.naive_program import NaiveProgram, Stage, Table, ranking_keys
from kgqa.evaluation.proof_check.proof_chain import BadChainError
from kgqa.evaluation.proof_check.proof_reading import BadProofError, ReadMember
from kgqa.graph import ValueKind
from kgqa.program.condition import (
    Average,
    Compare,
    Condition,
    InClass,
    Is,
    OwnValue,
    TextMatch,
)
from kgqa.program.measure import Aggregate, Measure
from kgqa.program.program import (
    Clause,
    Combine,
    Count,
    Each,
    Extreme,
    Final,
    Follow,
    Instances,
    Join,
    Keep,
    Summary,
    Test,
)

__all__ = ["EvidenceCheck", "differs"]

Form = dict[str, Any]
_FIELDS = {"kind", "place", "before", "after", "total", "members"}


def differs(stated: float, right: float) -> bool:
    """Whether two numbers differ by more than the noise of floats."""
    return not math.isclose(stated, right, rel_tol=1e-9, abs_tol=1e-12)


class EvidenceCheck:
    """Collects the `violations` of a proof, one sentence each."""

    def __init__(self, naive: NaiveProgram, most: int) -> None:
        self.naive = naive
        self.most = most
        self.members = MemberCheck(naive)
        self.violations: list[str] = []
        self._where = ""

    def say(self, sentence: str) -> None:
        """Add a violation of the evidence that is checked."""
        self.violations.append(f"{self._where}: {sentence}")

    def program(self, stage: Stage, pieces: list[Form], inside: str = "") -> float:
        """Check the evidence of all parts of a program; its coverage."""
        clauses, final = stage.program.clauses, stage.program.final
        parts: list[Clause | Final | None] = [None, *clauses, *([] if final is None else [final])]
        if len(pieces) != len(parts):
            raise BadProofError(f"{inside}there must be evidence of {len(parts)} parts, not {len(pieces)}")
        coverage = 1.0
        for place, (part, piece) in enumerate(zip(parts, pieces, strict=True), start=-1):
            kind = "start" if part is None else type(part).__name__.lower()
            where = f"{inside}evidence {place + 2} ({kind})"
            self._where = where
            before = stage.sets[max(0, place)]
            after = stage.sets[min(place + 1, len(clauses))]
            self._expect(piece, "kind", kind)
            self._expect(piece, "place", place)
            self._expect(piece, "before", len(before))
            self._expect(piece, "after", len(after))
            fields = set(_FIELDS)
            if isinstance(part, Combine):
                inner = reading.pieces(piece, "inner")
                coverage = min(coverage, self.program(stage.inner[place], inner, f"{where}, inner "))
                self._where = where
                fields.add("inner")
            coverage = min(coverage, self._part(part, stage, place, piece, before, fields))
            if wrong := sorted(piece.keys() ^ fields):
                self.say(f"the field {wrong[0]!r} is {'missing' if wrong[0] in fields else 'not expected'}")
        return coverage

    def _expect(self, piece: Form, field: str, right: object) -> None:
        if field not in piece:
            raise BadProofError(f"{self._where}: {field!r} is missing")
        stated = piece[field]
        if type(stated) is not type(right) or stated != right:
            self.say(f"{field!r} is {right!r}, not {stated!r:.80}")

    def _part(
        self,
        part: Clause | Final | None,
        stage: Stage,
        place: int,
        piece: Form,
        before: set[str],
        fields: set[str],
    ) -> float:
        """Check what is peculiar to a part; adds the fields that it has, gives its coverage."""
        match part:
            case None:
                self._start(stage, piece)
            case Follow(step):
                after = stage.sets[place + 1]
                self._list(piece, "members", after, lambda m: self.members.reached(m, step, before))
            case Keep(condition, negated):
                coverage, sure = self._condition(condition, piece, before, fields)
                self._absence(piece, negated and not sure, fields)
                return coverage
            case Extreme():
                return self._extreme(part, piece, before, fields)
            case Combine(join):
                others = stage.inner[place].sets[-1]
                shown = others - before if join is Join.OR else before & others
                inner = stage.inner[place]
                self._list(piece, "members", shown, lambda m: self.members.witness(m, inner))
                self._absence(piece, join is Join.BUT_NOT, fields)
            case Count():
                self._list(piece, "members", before, lambda m: self.members.witness(m, stage))
                self._absence(piece, not before, fields)
            case Summary():
                return self._summary(part, piece, before, fields)
            case Test(condition, _):
                return self._test(condition, piece, before, fields)
            case Each(measure):
                table = self.naive.table(measure, before)
                self._measured(piece, "members", set(table.least), measure, table, before)
                return self._compared(piece, measure, table, before, fields)
            case _:
                assert_never(part)
        return 1.0

    # Parts ---------------------------------------------------------------------------------------

    def _start(self, stage: Stage, piece: Form) -> None:
        start = stage.program.start
        if isinstance(start, Instances):
            self._list(piece, "members", stage.sets[0], lambda m: self.members.instance(m, start.nodes))
        else:
            self._list(piece, "members", stage.sets[0], self.members.bare)

    def _condition(
        self, condition: Condition, piece: Form, before: set[str], fields: set[str]
    ) -> tuple[float, bool]:
        """Check the members for which a condition holds; its coverage, and whether "no" is sure."""
        held = self.naive.holding(condition, before)
        if not isinstance(condition, Compare):
            self._list(piece, "members", held, lambda m: self.members.holding(m, condition))
            return 1.0, False
        measure = condition.measure
        table = self.naive.table(measure, before)
        if measure.aggregate is Aggregate.VALUE:
            self._list(piece, "members", held, lambda m: self.members.comparing(m, condition, table, before))
        else:
            self._measured(piece, "members", held, measure, table, before)
        self._operands(condition, piece, before, fields)
        sure = bool(before) and len(table.valued) == len(before)
        return self._compared(piece, measure, table, before, fields), sure

    def _operands(self, condition: Compare, piece: Form, before: set[str], fields: set[str]) -> None:
        operands = [op for op in (condition.operand, condition.upper) if isinstance(op, OwnValue | Average)]
        if not operands:
            return
        fields.add("operands")
        stated = reading.members(piece, "operands")
        if len(stated) != len(operands):
            self.say(f"there are {len(operands)} operands, not {len(stated)}")
            return
        for member, operand in zip(stated, operands, strict=True):
            try:
                self.members.operand(member, operand, condition.measure, before, self.most)
            except BadChainError as error:
                self.say(f"the operand {member.entity!r} {error}")

    def _test(self, condition: Condition, piece: Form, before: set[str], fields: set[str]) -> float:
        coverage, sure = self._condition(condition, piece, before, fields)
        if self.naive.holding(condition, before):
            return coverage
        self._absence(piece, not sure, fields)
        self._there(condition, piece, before, fields)
        return coverage

    def _there(self, condition: Condition, piece: Form, before: set[str], fields: set[str]) -> None:
        """Check the facts that there are where nothing holds."""
        inverse = False
        match condition:
            case Is(path) | TextMatch(path) if path:
                there = {(node, end) for node in before for end in self.naive.reach(node, path)}
                inverse = path[-1].inverse
            case InClass():
                there = {(node, end) for node in before for end in self.naive.facts.types(node)}
            case Compare(measure):
                table = self.naive.table(measure, before)
                if measure.aggregate is not Aggregate.VALUE:
                    if table.least:
                        fields |= {"there", "there_total"}
                        self._measured(piece, "there", set(table.least), measure, table, before)
                    return
                there = {(term.owner, term.end) for terms in table.terms.values() for term in terms}
            case _:
                return
        if there:
            fields |= {"there", "there_total"}
            self._list(piece, "there", there, lambda m: self.members.there(m, condition), _by_end(inverse))

    def _summary(self, part: Summary, piece: Form, before: set[str], fields: set[str]) -> float:
        measure = Measure(part.path)
        table = self.naive.table(measure, before)
        terms = {(term.owner, term.end) for found in table.terms.values() for term in found}
        self._list(piece, "members", terms, lambda m: self.members.term(m, measure), _by_end())
        best = self.summary(part, before)
        stated = reading.members(piece, "members")
        if best is not None and stated and part.aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST):
            value = stated[0].value
            if value is None or (value.low, value.high) != best:
                self.say(f"the first value must be the {part.aggregate} one")
        return self._compared(piece, measure, table, before, fields)

    def _extreme(self, part: Extreme, piece: Form, before: set[str], fields: set[str]) -> float:
        measure, most = part.measure, not part.least
        table = self.naive.table(measure, before)
        winners, keys = self.naive.winners(part, table), ranking_keys(part, table)
        ahead = {n for n in keys if not winners or keys[n] < keys[winners[0]]}
        behind = {n for n in keys if winners and keys[n] > keys[winners[-1]]}
        self._measured(piece, "members", set(winners), measure, table, before, most=most)
        self._ordered(piece, "members", keys, "winners")
        self._measured(piece, "ahead", ahead, measure, table, before, most=most)
        self._ordered(piece, "ahead", keys, "members ahead")
        fields |= {"ahead", "ahead_total", "runner_up"}
        if "runner_up" not in piece:
            raise BadProofError(f"{self._where}: 'runner_up' is missing")
        stated = piece["runner_up"]
        if stated is None or not behind:
            if stated is not None or behind:
                self.say(f"there is {'a' if behind else 'no'} runner-up")
        else:
            member = reading.member(stated, "runner_up")
            first = min(keys[node] for node in behind)
            if member.entity not in behind or keys[member.entity] != first:
                self.say(f"{member.entity!r} is not the runner-up")
            else:
                self._try(
                    member, lambda m: self.members.measured(m, measure, table, before, self.most, most=most)
                )
        return self._compared(piece, measure, table, before, fields)

    def _ordered(self, piece: Form, field: str, keys: dict[str, Bounds], title: str) -> None:
        """The first members are listed, the best one first."""
        listed = [member.entity for member in reading.members(piece, field)]
        found = [keys[entity] for entity in listed if entity in keys]
        everyone = sorted(keys.values())
        start = 0 if field == "ahead" else piece.get("ahead_total", 0)
        if found != everyone[start : start + len(found)]:
            self.say(f"the {title} are not the first ones in their order")

    def _compared(
        self, piece: Form, measure: Measure, table: Table, before: set[str], fields: set[str]
    ) -> float:
        """Check how many members have a value; the coverage."""
        fields |= {"compared", "missing"}
        self._expect(piece, "compared", len(table.valued))
        self._expect(piece, "missing", len(before) - len(table.valued))
        if measure.by and table.least:
            fields.add("groups")
            self._expect(piece, "groups", len(table.least))
        return len(table.valued) / len(before) if before else 1.0

    def _absence(self, piece: Form, absent: bool, fields: set[str]) -> None:
        if absent:
            fields.add("absence")
            self._expect(piece, "absence", True)

    # Lists of members ----------------------------------------------------------------------------

    def _list(
        self,
        piece: Form,
        field: str,
        right: Collection[Hashable],
        check: Callable[[ReadMember], object],
        key_of: Callable[[ReadMember], Hashable] = lambda member: member.entity,
    ) -> None:
        """Check a list: how many there are in all, how many are listed, each of them, and none twice.

        `right` are the keys of the right ones, by default their entities.
        """
        self._expect(piece, "total" if field == "members" else f"{field}_total", len(right))
        listed = reading.members(piece, field)
        if len(listed) != min(len(right), self.most):
            self.say(f"{min(len(right), self.most)} {field} must be listed, not {len(listed)}")
        seen: set[Hashable] = set()
        for member in listed:
            key = key_of(member)
            if key not in right:
                self.say(f"{member.entity!r} is not one of the {field}")
            elif key in seen:
                self.say(f"{member.entity!r} is listed twice in {field}")
            else:
                self._try(member, check)
            seen.add(key)

    def _measured(
        self,
        piece: Form,
        field: str,
        right: set[str],
        measure: Measure,
        table: Table,
        before: set[str],
        *,
        most: bool = False,
    ) -> None:
        listed = len(reading.members(piece, field))
        limit = max(1, self.most // max(1, listed))
        self._list(
            piece,
            field,
            right,
            lambda m: self.members.measured(m, measure, table, before, limit, most=most),
        )

    def _try(self, member: ReadMember, check: Callable[[ReadMember], object]) -> None:
        try:
            check(member)
        except BadChainError as error:
            self.say(f"{member.entity!r} {error}")

    # Results -------------------------------------------------------------------------------------

    def summary(self, part: Summary, members: set[str]) -> Bounds | None:
        """The result of a summary: that of one group of all members."""
        return self.members.summary(part, members)

    def result(self, stage: Stage, stated: Form, most: int) -> None:
        """Check the result of a program."""
        self._where = "result"
        members, final = stage.sets[-1], stage.program.final
        kind = {type(None): "set", Each: "table", Test: "truth"}.get(type(final), "value")
        self._expect(stated, "kind", kind)
        fields = {"kind", *_RESULT_FIELDS[kind]}
        if wrong := sorted(stated.keys() ^ fields):
            self.say(f"the field {wrong[0]!r} is {'missing' if wrong[0] in fields else 'not expected'}")
            return
        match final:
            case None:
                entities = stated["entities"]
                self._expect(stated, "size", len(members))
                self._entities(entities, members, most)
            case Count():
                self._value(stated["value"], ValueKind.NUMBER, (float(len(members)),) * 2, "")
            case Summary(_, path):
                best = self.summary(final, members)
                table_kind = self.naive.table(Measure(path), members).kind
                self._value(
                    stated["value"], table_kind, best, self.members.unit(Measure(path)), is_noisy(final)
                )
            case Test(condition, negated):
                self._expect(stated, "truth", bool(self.naive.holding(condition, members)) != negated)
            case Each(measure):
                table = self.naive.table(measure, members)
                self._expect(stated, "size", len(table.least))
                rows = reading.pieces(stated, "rows")
                self._entities([reading.text(row, "entity") for row in rows], set(table.least), most)
                for row in rows:
                    bounds = table.least.get(reading.text(row, "entity"))
                    unit = self.members.unit(measure)
                    self._value(row.get("value"), table.kind, bounds, unit, is_noisy(measure))
            case _:
                assert_never(final)

    def _entities(self, stated: object, right: set[str], most: int) -> None:
        if not isinstance(stated, list):
            raise BadProofError(f"the result must list entities, not {stated!r:.80}")
        if len(stated) != min(len(right), most):
            self.say(f"{min(len(right), most)} entities must be listed, not {len(stated)}")
        for entity in stated:
            if entity not in right:
                self.say(f"{entity!r:.80} is not in the result")
        if len(set(map(str, stated))) != len(stated):
            self.say("an entity is listed twice")

    def _value(
        self, stated: object, kind: ValueKind, bounds: Bounds | None, unit: str, noisy: bool = False
    ) -> None:
        value = reading.value(stated)
        try:
            if bounds is None:
                if value is not None:
                    self.say(f"there is no value, not {value.low:g}")
                return
            self.members.value(value, kind, bounds, unit, noisy)
        except BadChainError as error:
            self.say(f"the result {error}")


def _by_end(inverse: bool = False) -> Callable[[ReadMember], Hashable]:
    """Keys of an entity and the end of its chain, whose last step is walked so."""

    def key_of(member: ReadMember) -> Hashable:
        if not member.chains or not member.chains[0]:
            return member.entity, None
        last = member.chains[0][-1]
        return member.entity, last.head if inverse else last.tail

    return key_of


_RESULT_FIELDS = {
    "set": ("size", "entities"),
    "table": ("size", "rows"),
    "truth": ("truth",),
    "value": ("value",),
}
