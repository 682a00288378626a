"""Checks the evidence of each clause against the sets and measures of the plain execution."""

from __future__ import annotations

from typing import Any, assert_never

from kgqa.counted import counted
from kgqa.evaluation.proof_check import proof_reading as reading
from kgqa.evaluation.proof_check.member_lists import MemberLists, by_end
from kgqa.evaluation.proof_check.naive_program import NaiveProgram, Stage, Table, ranking_keys
from kgqa.evaluation.proof_check.proof_chain import BadChainError
from kgqa.evaluation.proof_check.proof_reading import BadProofError
from kgqa.evaluation.proof_check.value_columns import Bounds
from kgqa.evaluation.proof_check.violations import Violations
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

__all__ = ["EvidenceCheck"]

Form = dict[str, Any]
_FIELDS = {"kind", "place", "before", "after", "total", "members"}


class EvidenceCheck:
    """Checks evidence, which lists at most `most` members a list."""

    def __init__(self, naive: NaiveProgram, found: Violations, most: int) -> None:
        self.naive = naive
        self.most = most
        self.found = found
        self.lists = MemberLists(naive, found, most)
        self.members = self.lists.members

    def program(self, stage: Stage, pieces: list[Form], inside: str = "") -> float:
        """Check the evidence of all parts of a program; its coverage."""
        clauses, final = stage.program.clauses, stage.program.final
        parts: list[Clause | Final | None] = [None, *clauses, *([] if final is None else [final])]
        if len(pieces) != len(parts):
            raise BadProofError(
                f"{inside}there must be evidence of {counted(len(parts), 'part')}, not {len(pieces)}"
            )
        coverage = 1.0
        for place, (part, piece) in enumerate(zip(parts, pieces, strict=True), start=-1):
            kind = "start" if part is None else type(part).__name__.lower()
            where = f"{inside}evidence {place + 2} ({kind})"
            self.found.where = where
            before = stage.sets[max(0, place)]
            after = stage.sets[min(place + 1, len(clauses))]
            self.found.expect(piece, "kind", kind)
            self.found.expect(piece, "place", place)
            self.found.expect(piece, "before", len(before))
            self.found.expect(piece, "after", len(after))
            fields = set(_FIELDS)
            if isinstance(part, Combine):
                inner = reading.pieces(piece, "inner")
                coverage = min(coverage, self.program(stage.inner[place], inner, f"{where}, inner "))
                self.found.where = where
                fields.add("inner")
            coverage = min(coverage, self._part(part, stage, place, piece, before, fields))
            self.found.expect_fields(piece, fields)
        return coverage

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
                self.lists.listed(piece, "members", after, lambda m: self.members.reached(m, step, before))
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
                self.lists.listed(piece, "members", shown, lambda m: self.members.witness(m, inner))
                self._absence(piece, join is Join.BUT_NOT, fields)
            case Count():
                self.lists.listed(piece, "members", before, lambda m: self.members.witness(m, stage))
                self._absence(piece, not before, fields)
            case Summary():
                return self._summary(part, piece, before, fields)
            case Test(condition, _):
                return self._test(condition, piece, before, fields)
            case Each(measure):
                table = self.naive.table(measure, before)
                self.lists.measured(piece, "members", set(table.least), measure, table, before)
                return self._compared(piece, measure, table, before, fields)
            case _:
                assert_never(part)
        return 1.0

    # Parts ---------------------------------------------------------------------------------------

    def _start(self, stage: Stage, piece: Form) -> None:
        start = stage.program.start
        if isinstance(start, Instances):
            self.lists.listed(
                piece, "members", stage.sets[0], lambda m: self.members.instance(m, start.nodes)
            )
        else:
            self.lists.listed(piece, "members", stage.sets[0], self.members.bare)

    def _condition(
        self, condition: Condition, piece: Form, before: set[str], fields: set[str]
    ) -> tuple[float, bool]:
        """Check the members for which a condition holds; its coverage, and whether "no" is sure."""
        held = self.naive.holding(condition, before)
        if not isinstance(condition, Compare):
            self.lists.listed(piece, "members", held, lambda m: self.members.holding(m, condition))
            return 1.0, False
        measure = condition.measure
        table = self.naive.table(measure, before)
        if measure.aggregate is Aggregate.VALUE:
            self.lists.listed(
                piece, "members", held, lambda m: self.members.comparing(m, condition, table, before)
            )
        else:
            self.lists.measured(piece, "members", held, measure, table, before)
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
            self.found.say(f"there are {len(operands)} operands, not {len(stated)}")
            return
        for member, operand in zip(stated, operands, strict=True):
            try:
                self.members.operand(member, operand, condition.measure, before, self.most)
            except BadChainError as error:
                self.found.say(f"the operand {member.entity!r} {error}")

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
                        self.lists.measured(piece, "there", set(table.least), measure, table, before)
                    return
                there = {(term.owner, term.end) for terms in table.terms.values() for term in terms}
            case _:
                return
        if there:
            fields |= {"there", "there_total"}
            self.lists.listed(
                piece, "there", there, lambda m: self.members.there(m, condition), by_end(inverse)
            )

    def _summary(self, part: Summary, piece: Form, before: set[str], fields: set[str]) -> float:
        measure = Measure(part.path)
        table = self.naive.table(measure, before)
        terms = {(term.owner, term.end) for found in table.terms.values() for term in found}
        self.lists.listed(piece, "members", terms, lambda m: self.members.term(m, measure), by_end())
        best = self.members.summary(part, before)
        stated = reading.members(piece, "members")
        if best is not None and stated and part.aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST):
            value = stated[0].value
            if value is None or (value.low, value.high) != best:
                self.found.say(f"the first value must be the {part.aggregate} one")
        return self._compared(piece, measure, table, before, fields)

    def _extreme(self, part: Extreme, piece: Form, before: set[str], fields: set[str]) -> float:
        measure, most = part.measure, not part.least
        table = self.naive.table(measure, before)
        winners, keys = self.naive.winners(part, table), ranking_keys(part, table)
        ahead = {n for n in keys if not winners or keys[n] < keys[winners[0]]}
        behind = {n for n in keys if winners and keys[n] > keys[winners[-1]]}
        self.lists.measured(piece, "members", set(winners), measure, table, before, most=most)
        self._ordered(piece, "members", keys, "winners")
        self.lists.measured(piece, "ahead", ahead, measure, table, before, most=most)
        self._ordered(piece, "ahead", keys, "members ahead")
        fields |= {"ahead", "ahead_total", "runner_up"}
        if "runner_up" not in piece:
            raise BadProofError(f"{self.found.where}: 'runner_up' is missing")
        stated = piece["runner_up"]
        if stated is None or not behind:
            if stated is not None or behind:
                self.found.say(f"there is {'a' if behind else 'no'} runner-up")
        else:
            member = reading.member(stated, "runner_up")
            first = min(keys[node] for node in behind)
            if member.entity not in behind or keys[member.entity] != first:
                self.found.say(f"{member.entity!r} is not the runner-up")
            else:
                self.lists.one(
                    member, lambda m: self.members.measured(m, measure, table, before, self.most, most=most)
                )
        return self._compared(piece, measure, table, before, fields)

    def _ordered(self, piece: Form, field: str, keys: dict[str, Bounds], title: str) -> None:
        """The first members are listed, the best one first."""
        listed = [member.entity for member in reading.members(piece, field)]
        found = [keys[entity] for entity in listed if entity in keys]
        everyone = sorted(keys.values())
        start = 0 if field == "ahead" else reading.integer(piece, "ahead_total")
        if found != everyone[start : start + len(found)]:
            self.found.say(f"the {title} are not the first ones in their order")

    def _compared(
        self, piece: Form, measure: Measure, table: Table, before: set[str], fields: set[str]
    ) -> float:
        """Check how many members have a value; the coverage."""
        fields |= {"compared", "missing"}
        self.found.expect(piece, "compared", len(table.valued))
        self.found.expect(piece, "missing", len(before) - len(table.valued))
        if measure.by and table.least:
            fields.add("groups")
            self.found.expect(piece, "groups", len(table.least))
        return len(table.valued) / len(before) if before else 1.0

    def _absence(self, piece: Form, absent: bool, fields: set[str]) -> None:
        if absent:
            fields.add("absence")
            self.found.expect(piece, "absence", True)
