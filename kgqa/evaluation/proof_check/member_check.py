"""Checks the members that evidence lists: their chains, values and terms."""

from __future__ import annotations

import math
from collections.abc import Collection

from kgqa.counted import counted
from kgqa.evaluation.proof_check.naive_program import NaiveProgram, Stage, Table, compares, summary_of
from kgqa.evaluation.proof_check.proof_chain import BadChainError, ChainCheck, FactChain
from kgqa.evaluation.proof_check.proof_reading import ReadMember, ReadValue
from kgqa.evaluation.proof_check.value_columns import Bounds
from kgqa.graph import ValueKind
from kgqa.program.condition import Average, Compare, Condition, Has, InClass, Is, Nodes, OwnValue, TextMatch
from kgqa.program.measure import Aggregate, Measure, Step
from kgqa.program.program import Summary

__all__ = ["MemberCheck"]


class MemberCheck:
    """Each check raises `BadChainError`, whose message is the end of a sentence about the member."""

    def __init__(self, naive: NaiveProgram) -> None:
        self.naive = naive
        self.facts = naive.facts
        self.chains = ChainCheck(naive.facts)

    def bare(self, member: ReadMember) -> None:
        """A member that needs no facts."""
        if member.chains or member.terms or member.value is not None:
            raise BadChainError("needs no facts")

    def reached(self, member: ReadMember, step: Step, before: set[str]) -> None:
        """A node that a step reaches from one of the set before."""
        chain = self._one(member)
        source = (chain[0].tail if step.inverse else chain[0].head) if chain else ""
        nodes = self.chains.walk(chain, source, (step,))
        if nodes[0] not in before or nodes[-1] != member.entity:
            raise BadChainError(f"is not reached by {chain[0]}")

    def instance(self, member: ReadMember, classes: Nodes) -> None:
        """An instance, with the chain from its class."""
        self.chains.to_class(tuple(reversed(self._one(member))), member.entity, classes)

    def witness(self, member: ReadMember, stage: Stage) -> None:
        """A member of the last set of a program, with the chain from its start."""
        self.chains.witness(self._one(member), stage, member.entity)

    def holding(self, member: ReadMember, condition: Is | InClass | Has | TextMatch) -> None:
        """A member for which a condition holds."""
        if isinstance(condition, InClass):
            self.chains.to_class(self._one(member), member.entity, condition.nodes)
            return
        if not condition.path:
            self.bare(member)
            return
        end = self.chains.walk(self._one(member), member.entity, condition.path)[-1]
        match condition:
            case Is(_, nodes) if end not in nodes:
                raise BadChainError(f"reaches {end!r}, which is not asked for")
            case TextMatch() if not self.naive.matches(condition, end):
                raise BadChainError(f"reaches {end!r}, whose name does not pass the test")

    def comparing(self, member: ReadMember, condition: Compare, table: Table, before: set[str]) -> None:
        """A member with a value that compares so."""
        bounds = self.term(member, condition.measure)
        operand = self.naive.operand(condition.operand, condition.measure, before)
        upper = None
        if condition.upper is not None:
            upper = self.naive.operand(condition.upper, condition.measure, before)
        if operand is None or operand[0] != table.kind:
            raise BadChainError("has nothing to be compared with")
        if not compares(condition.comparator, bounds, operand, None if upper is None else upper[1]):
            raise BadChainError(f"has the value {bounds[0]:g}, which does not compare so")

    def there(self, member: ReadMember, condition: Condition) -> None:
        """A fact that there is where a condition does not hold."""
        match condition:
            case Is(path) | TextMatch(path):
                self.chains.walk(self._one(member), member.entity, path)
            case InClass():
                chain = self._one(member)
                self.chains.to_class(chain, member.entity, (chain[-1].tail if chain else "",))
                if len(chain) != 1:
                    raise BadChainError("must have its type alone")
            case Compare(measure):
                self.term(member, measure)
            case Has():
                raise BadChainError("has no facts")

    def term(self, member: ReadMember, measure: Measure) -> Bounds:
        """A value at the end of a path, as it is stated; its bounds."""
        chain = self._one(member, valued=True)
        return self._value_at(chain, member, measure)

    def measured(
        self,
        member: ReadMember,
        measure: Measure,
        table: Table,
        before: set[str],
        limit: int,
        *,
        most: bool = False,
    ) -> None:
        """A member with its measure and what that is made of."""
        right = (table.most if most else table.least)[member.entity]
        if measure.aggregate is Aggregate.VALUE:
            self._same(self.term(member, measure), right)
            return
        self.value(member.value, table.kind, right, self.unit(measure), is_noisy(measure))
        terms = table.terms[member.entity]
        is_count = measure.aggregate is Aggregate.COUNT
        keys = {("" if is_count else term.owner, term.end) for term in terms}
        if member.terms != len(keys):
            raise BadChainError(f"is made of {counted(len(keys), 'term')}, not {member.terms}")
        if len(member.chains) != min(len(keys), limit):
            raise BadChainError(
                f"must have {counted(min(len(keys), limit), 'chain')}, not {len(member.chains)}"
            )
        seen: set[tuple[str, str]] = set()
        path = (*(Step(text, not inverse) for text, inverse in reversed(measure.by)), *measure.path)
        for chain in member.chains:
            nodes = self.chains.walk(chain, member.entity, path)
            owner, end = nodes[len(measure.by)], nodes[-1]
            key = ("" if is_count else owner), end
            if key not in keys or owner not in before or key in seen:
                raise BadChainError(f"has {end!r} more than once, or not at all")
            seen.add(key)
        if measure.aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST):
            first = self.facts.value(measure.path[-1].relation, member.chains[0][-1].tail)
            if first is None:
                raise BadChainError("does not have the value that counts first")
            self._same(first, right)

    def operand(
        self, member: ReadMember, operand: OwnValue | Average, measure: Measure, before: set[str], most: int
    ) -> None:
        """A named entity, or the average, that members are compared with."""
        found = self.naive.operand(operand, measure, before)
        if isinstance(operand, Average):
            terms = len(self.naive.table(measure, before).least) if found else 0
            if member.entity or member.chains or member.terms != terms:
                raise BadChainError(f"is the average of {terms}, without chains")
            if found is not None:
                self.value(member.value, found[0], found[1], self.unit(measure), noisy=True)
            elif member.value is not None:
                raise BadChainError("has no value")
            return
        if found is None:
            if member.entity != operand.nodes[0]:
                raise BadChainError(f"is not {operand.nodes[0]!r}")
            self.bare(member)
            return
        own = before if measure.by else set(operand.nodes)
        table = self.naive.table(measure, own)
        if member.entity not in operand.nodes or table.most.get(member.entity) != found[1]:
            raise BadChainError("is not what is compared with")
        self.measured(member, measure, table, own, most, most=True)

    def value(
        self,
        stated: ReadValue | None,
        kind: ValueKind,
        bounds: Bounds,
        unit: str,
        noisy: bool = False,
        texts: Collection[str] | None = None,
    ) -> None:
        """A value as it is stated; `noisy` sums of floats depend on their order in the last digits.

        Its text is one of `texts`, or without these is none or the number.
        """
        if stated is None:
            raise BadChainError(f"must have the value {bounds[0]:g}")
        self._same((stated.low, stated.high), bounds, noisy)
        if stated.kind != kind.name.lower():
            raise BadChainError(f"has a value of the kind {kind.name.lower()}, not {stated.kind}")
        if stated.unit != unit:
            raise BadChainError(f"has a value in {unit or 'no unit'}, not {stated.unit or 'no unit'}")

        if stated.text not in texts if texts else stated.text and not _reads_as(stated.text, bounds[0]):
            raise BadChainError(f"has a value with the wrong text {stated.text!r:.80}")

    def unit(self, measure: Measure) -> str:
        """The unit of a measure."""
        if measure.aggregate is Aggregate.COUNT:
            return ""
        return self.facts.unit(measure.path[-1].relation)

    def summary(self, part: Summary, members: set[str]) -> Bounds | None:
        """The summary of all values that the members reach."""
        measure = Measure(part.path)
        table = self.naive.table(measure, members)
        summed = part.aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE)
        terms = [term for found in table.terms.values() for term in found]
        if not terms or (summed and table.kind not in (ValueKind.NUMBER, ValueKind.DURATION)):
            return None
        return summary_of(part.aggregate, terms)[0]

    def _one(self, member: ReadMember, *, valued: bool = False) -> FactChain:
        if len(member.chains) != 1 or member.terms != 1:
            raise BadChainError(f"must have one chain, not {len(member.chains)} of {member.terms}")
        if not valued and member.value is not None:
            raise BadChainError("has no value here")
        return member.chains[0]

    def _value_at(self, chain: FactChain, member: ReadMember, measure: Measure) -> Bounds:
        end = self.chains.walk(chain, member.entity, measure.path)[-1]
        text = measure.path[-1].relation
        bounds = self.facts.value(text, end)
        if bounds is None:
            raise BadChainError(f"reaches {end!r}, which has no value")
        texts = self.facts.texts(end)
        self.value(member.value, self.facts.kind(text), bounds, self.unit(measure), texts=texts)
        return bounds

    def _same(self, stated: Bounds, right: Bounds, noisy: bool = False) -> None:
        for said, bound in zip(stated, right, strict=True):
            if said != bound and not (noisy and math.isclose(said, bound, rel_tol=1e-9, abs_tol=1e-12)):
                raise BadChainError(f"has the value {right[0]:.12g}, not {stated[0]:.12g}")


def _reads_as(text: str, number: float) -> bool:
    """Whether a text is a number, to 10 digits."""
    try:
        return math.isclose(float(text), number, rel_tol=1e-9, abs_tol=1e-9)
    except ValueError:
        return False


def is_noisy(part: Measure | Summary) -> bool:
    """Whether values are summed."""
    return part.aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE)
