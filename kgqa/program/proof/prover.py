"""Proves programs: executes them and collects the facts that they used."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self, assert_never

import numpy as np

from kgqa.errors import ProgramError, check_count
from kgqa.graph import IndexedGraph, Value
from kgqa.graph.adjacency import Ids
from kgqa.program.aggregation import Measured
from kgqa.program.condition import Compare, Condition
from kgqa.program.execution import Executor
from kgqa.program.measure import Aggregate, Measure
from kgqa.program.program import (
    Combine,
    Count,
    Each,
    Extreme,
    Follow,
    Instances,
    Join,
    Keep,
    Program,
    Start,
    Summary,
    Test,
)
from kgqa.program.proof.evidence import Evidence, EvidenceKind, Member
from kgqa.program.proof.member_facts import MemberFacts
from kgqa.program.proof.proof import Proof
from kgqa.program.proof.result import Result
from kgqa.program.sets import difference, intersection, union
from kgqa.program.witness import Run, turned

__all__ = ["prove"]


def prove(program: Program, graph: IndexedGraph, most_facts: int = 20, most_results: int = 1000) -> Proof:
    """Execute a program and collect the facts that its result rests on.

    Each piece of evidence lists about `most_facts` facts or fewer, the result up to `most_results` members;
    all numbers are of all members. Raises as `Executor.execute`, and `UsageError` for a bad bound.

    >>> from kgqa.graph import GraphBuilder
    >>> from kgqa.program import Count, Follow, Named, Step
    >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    >>> proof = prove(Program(Named((("Kismet",),)), (Follow(Step("directed_by")),), Count()), graph)
    >>> proof.result.value.text, str(proof.witness("William Dieterle"))
    ('1', 'Kismet -[directed_by]-> William Dieterle')
    """
    check_count(most_facts, "most_facts")
    check_count(most_results, "most_results")
    try:
        return _Prover(graph, most_facts, most_results).prove(program)
    except RecursionError:
        raise ProgramError("the program has programs nested too deep") from None


class _Prover:
    def __init__(self, graph: IndexedGraph, most_facts: int, most_results: int) -> None:
        self.graph = graph
        self.most, self.most_results = most_facts, most_results
        self.executor = Executor.of(graph)
        self.facts = MemberFacts(self.executor, most_facts)

    def prove(self, program: Program) -> Proof:
        run, evidence = self._sets(program)
        result, final = self._final(program, run)
        if final is not None:
            evidence.append(final)
        return Proof(program, result, tuple(evidence), self.most, self.most_results, self.graph, run)

    def _sets(self, program: Program) -> tuple[Run, list[Evidence]]:
        run = Run(program, [self.executor.start(program.start)])
        evidence = [self._start(program.start, run.sets[0])]
        for place, clause in enumerate(program.clauses):
            before = run.sets[-1]
            match clause:
                case Follow():
                    after, found = self._follow(clause, place, before)
                case Keep():
                    after, found = self._keep(clause, place, before)
                case Extreme():
                    after, found = self._extreme(clause, place, before)
                case Combine():
                    after, found = self._combine(clause, place, before, run)
                case _:
                    assert_never(clause)
            run.sets.append(after)
            evidence.append(found)
        return run, evidence

    def _start(self, start: Start, members: Ids) -> Evidence:
        listed = []
        for node in members[: self.most].tolist():
            entity = self.graph.entity(node)
            if isinstance(start, Instances):
                chain = turned(self.facts.witnesses.to_class(node, start.nodes))
                listed.append(Member(entity, (chain,), terms=1))
            else:
                listed.append(Member(entity))
        size = len(members)
        return Evidence(EvidenceKind.START, -1, size, size, tuple(listed), size)

    def _follow(self, clause: Follow, place: int, before: Ids) -> tuple[Ids, Evidence]:
        after = self.executor.apply(clause, before)
        members = tuple(
            Member(
                self.graph.entity(node), (self.facts.witnesses.back(before, (clause.step,), node),), terms=1
            )
            for node in after[: self.most].tolist()
        )
        return after, Evidence(EvidenceKind.FOLLOW, place, len(before), len(after), members, len(after))

    def _keep(self, clause: Keep, place: int, before: Ids) -> tuple[Ids, Evidence]:
        held = self.executor.holding(clause.condition, before)
        after = self.executor.apply(clause, before) if clause.negated else held
        found = self._condition(EvidenceKind.KEEP, clause.condition, place, before, held)
        return after, replace(
            found, after=len(after), absence=clause.negated and _rests_on_absence(clause.condition, found)
        )

    def _condition(
        self, kind: EvidenceKind, condition: Condition, place: int, before: Ids, held: Ids
    ) -> Evidence:
        members = self.facts.holding(condition, held, before)
        found = Evidence(kind, place, len(before), len(before), members, len(held))
        if not isinstance(condition, Compare):
            return found
        measure = condition.measure
        operands = self.facts.operands(condition, before)
        return replace(found, operands=operands, **self._compared(measure, before))

    def _compared(self, measure: Measure, before: Ids, measured: Measured | None = None) -> dict[str, Any]:
        measured = self.executor.measured(measure, before) if measured is None else measured
        valued = self.facts.with_value(measure, measured, before)
        return {
            "compared": valued,
            "missing": len(before) - valued,
            "groups": len(measured.members) if measure.by else 0,
        }

    def _extreme(self, clause: Extreme, place: int, before: Ids) -> tuple[Ids, Evidence]:
        measure = clause.measure
        measured = self.executor.measured(measure, before)
        winners = self.executor.winners(clause, measured)
        ranked = _Ranked.of(clause, measured, winners)

        def listed(nodes: Ids) -> tuple[Member, ...]:
            return self.facts.measured(measure, measured, nodes, before, most=not clause.least)

        ahead, runner_up = ranked.ahead, listed(ranked.behind[:1])
        found = Evidence(
            EvidenceKind.EXTREME,
            place,
            len(before),
            len(winners),
            listed(ranked.winners[: self.most]),
            len(winners),
            ahead=listed(ahead[: self.most]),
            ahead_total=len(ahead),
            runner_up=runner_up[0] if runner_up else None,
            **self._compared(measure, before, measured),
        )
        return winners, found

    def _combine(self, clause: Combine, place: int, before: Ids, run: Run) -> tuple[Ids, Evidence]:
        if clause.program.final is not None:
            raise ProgramError("a program within a program denotes a set and has no final operator")
        inner, evidence = self._sets(clause.program)
        run.inner[place] = inner
        others = inner.sets[-1]
        match clause.join:
            case Join.AND:
                shown = after = intersection(before, others)
            case Join.OR:
                after, shown = union(before, others), difference(others, before)
            case Join.BUT_NOT:
                after, shown = difference(before, others), intersection(before, others)
            case _:
                assert_never(clause.join)
        return after, Evidence(
            EvidenceKind.COMBINE,
            place,
            len(before),
            len(after),
            self._witnessed(shown, inner),
            len(shown),
            absence=clause.join is Join.BUT_NOT,
            inner=tuple(evidence),
        )

    def _witnessed(self, nodes: Ids, run: Run) -> tuple[Member, ...]:
        return tuple(
            Member(self.graph.entity(node), (self.facts.witnesses.of_run(run, node),), terms=1)
            for node in nodes[: self.most].tolist()
        )

    # Final operators -----------------------------------------------------------------------------

    def _final(self, program: Program, run: Run) -> tuple[Result, Evidence | None]:
        members, place, size = run.sets[-1], len(program.clauses), len(run.sets[-1])
        match program.final:
            case None:
                entities = tuple(map(self.graph.entity, members[: self.most_results].tolist()))
                return Result("set", entities, size=size), None
            case Count() as final:
                listed = self._witnessed(members, run)
                return Result("value", value=self.executor.finish(final, members).value), Evidence(
                    EvidenceKind.COUNT, place, size, size, listed, size, absence=not size
                )
            case Summary() as final:
                return self._summary(final, place, members)
            case Test(condition, negated):
                held = self.executor.holding(condition, members)
                found = self._condition(EvidenceKind.TEST, condition, place, members, held)
                if not len(held):
                    there, there_total = self.facts.there(condition, members)
                    absence = _rests_on_absence(condition, found)
                    found = replace(found, there=there, there_total=there_total, absence=absence)
                return Result("truth", truth=bool(len(held)) != negated), found
            case Each(measure):
                return self._table(measure, place, members)
        assert_never(program.final)

    def _summary(self, final: Summary, place: int, members: Ids) -> tuple[Result, Evidence]:
        value = self.executor.finish(final, members).value
        first = None
        if value is not None and final.aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST):
            first = value.low, value.high
        listed, total = self.facts.terms(final.path, members, first)
        size = len(members)
        compared = self._compared(Measure(final.path), members)
        if value is not None:
            value = replace(value, unit=self.facts.unit(final.path))
        return Result("value", value=value), Evidence(
            EvidenceKind.SUMMARY, place, size, size, listed, total, **compared
        )

    def _table(self, measure: Measure, place: int, members: Ids) -> tuple[Result, Evidence]:
        measured = self.executor.measured(measure, members)
        order = np.lexsort((measured.members, -measured.high, -measured.low))
        unit = "" if measure.aggregate is Aggregate.COUNT else self.facts.unit(measure.path)
        rows = tuple(
            Member(
                self.graph.entity(int(measured.members[at])),
                value=Value(measured.kind, float(measured.low[at]), float(measured.high[at]), "", unit),
            )
            for at in order[: self.most_results].tolist()
        )
        listed = self.facts.measured(measure, measured, measured.members[order[: self.most]], members)
        size, total = len(members), len(measured.members)
        return Result("table", rows=rows, size=total), Evidence(
            EvidenceKind.EACH, place, size, size, listed, total, **self._compared(measure, members, measured)
        )


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Measured members by their place: before the winners, the winners, the first after them."""

    ahead: Ids
    winners: Ids
    behind: Ids

    @classmethod
    def of(cls, clause: Extreme, measured: Measured, winners: Ids) -> Self:
        low, high = (
            (measured.low, measured.high) if clause.least else (-measured.best_low, -measured.best_high)
        )
        places = np.searchsorted(measured.members, winners)
        order = np.lexsort((winners, high[places], low[places]))
        places = places[order]
        if not len(places):
            every = np.lexsort((measured.members, high, low))
            return cls(measured.members[every], winners, winners)
        first, last = int(places[0]), int(places[-1])
        ahead = np.flatnonzero((low < low[first]) | ((low == low[first]) & (high < high[first])))
        ahead = ahead[np.lexsort((high[ahead], low[ahead]))]
        behind = np.flatnonzero((low > low[last]) | ((low == low[last]) & (high > high[last])))
        if len(behind):
            behind = behind[low[behind] == low[behind].min()]
            behind = behind[high[behind] == high[behind].min()]
        return cls(measured.members[ahead], measured.members[places], measured.members[behind])


def _rests_on_absence(condition: Condition, found: Evidence) -> bool:
    """Whether a condition that does not hold might hold if the graph had more facts."""
    return not isinstance(condition, Compare) or bool(found.missing) or not found.compared
