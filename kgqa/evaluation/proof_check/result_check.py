"""Checks the result that a proof states."""

from __future__ import annotations

from typing import Any, assert_never

from kgqa.counted import counted
from kgqa.evaluation.proof_check import proof_reading as reading
from kgqa.evaluation.proof_check.member_check import MemberCheck, is_noisy
from kgqa.evaluation.proof_check.naive_program import NaiveProgram, Stage
from kgqa.evaluation.proof_check.proof_chain import BadChainError
from kgqa.evaluation.proof_check.value_columns import Bounds
from kgqa.evaluation.proof_check.violations import Violations
from kgqa.graph import ValueKind
from kgqa.program.measure import Measure
from kgqa.program.program import Count, Each, Summary, Test

__all__ = ["ResultCheck"]

_RESULT_FIELDS = {
    "set": ("size", "entities"),
    "table": ("size", "rows"),
    "truth": ("truth",),
    "value": ("value",),
}


class ResultCheck:
    """Checks results, which list at most `most` members."""

    def __init__(self, naive: NaiveProgram, found: Violations, most: int) -> None:
        self.naive = naive
        self.members = MemberCheck(naive)
        self.found = found
        self.most = most

    def result(self, stage: Stage, stated: dict[str, Any]) -> None:
        """Check the result of a program."""
        self.found.where = "result"
        members, final = stage.sets[-1], stage.program.final
        kind = {type(None): "set", Each: "table", Test: "truth"}.get(type(final), "value")
        self.found.expect(stated, "kind", kind)
        fields = {"kind", *_RESULT_FIELDS[kind]}
        self.found.expect_fields(stated, fields)
        if stated.keys() != fields:
            return
        match final:
            case None:
                self.found.expect(stated, "size", len(members))
                self._entities(reading.texts(stated, "entities"), members)
            case Count():
                self._value(stated["value"], ValueKind.NUMBER, (float(len(members)),) * 2, "")
            case Summary(_, path):
                best = self.members.summary(final, members)
                table_kind = self.naive.table(Measure(path), members).kind
                self._value(
                    stated["value"], table_kind, best, self.members.unit(Measure(path)), is_noisy(final)
                )
            case Test(condition, negated):
                self.found.expect(stated, "truth", bool(self.naive.holding(condition, members)) != negated)
            case Each(measure):
                table = self.naive.table(measure, members)
                self.found.expect(stated, "size", len(table.least))
                rows = reading.pieces(stated, "rows")
                self._entities([reading.text(row, "entity") for row in rows], set(table.least))
                for row in rows:
                    bounds = table.least.get(reading.text(row, "entity"))
                    unit = self.members.unit(measure)
                    self._value(row.get("value"), table.kind, bounds, unit, is_noisy(measure))
            case _:
                assert_never(final)

    def _entities(self, stated: list[str], right: set[str]) -> None:
        if len(stated) != min(len(right), self.most):
            listed = counted(min(len(right), self.most), "entity")
            self.found.say(f"{listed} must be listed, not {len(stated)}")
        for entity in stated:
            if entity not in right:
                self.found.say(f"{entity!r:.80} is not in the result")
        if len(set(stated)) != len(stated):
            self.found.say("an entity is listed twice")

    def _value(
        self, stated: object, kind: ValueKind, bounds: Bounds | None, unit: str, noisy: bool = False
    ) -> None:
        value = reading.value(stated)
        try:
            if bounds is None:
                if value is not None:
                    self.found.say(f"there is no value, not {value.low:g}")
                return
            self.members.value(value, kind, bounds, unit, noisy)
        except BadChainError as error:
            self.found.say(f"the result {error}")
