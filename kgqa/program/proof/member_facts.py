"""The facts behind the members of a set: why a condition holds for them, and what they are measured by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple, assert_never

import numpy as np

from kgqa.graph import Chain, Hop, Value, ValueKind, fold_name
from kgqa.graph.adjacency import Ids
from kgqa.graph.values.value import COMPARABLE
from kgqa.program.aggregation import Floats, Measured
from kgqa.program.comparison import compared
from kgqa.program.condition import (
    Average,
    Compare,
    Condition,
    Constant,
    Has,
    InClass,
    Is,
    OwnValue,
    TextMatch,
)
from kgqa.program.execution import Executor
from kgqa.program.measure import Aggregate, Measure, Path
from kgqa.program.proof.evidence import Member, chain_limit
from kgqa.program.sets import intersection
from kgqa.program.steps import Pairs
from kgqa.program.witness import Witnesses, joined, turned

__all__ = ["MemberFacts"]


class _Terms(NamedTuple):
    """What is counted or summed for one member: nodes, the member of the group of each, and their values."""

    owners: Ids
    ends: Ids
    low: Floats
    high: Floats


class MemberFacts:
    """Lists members with their facts, at most `most` members and about as many facts."""

    def __init__(self, executor: Executor, most: int) -> None:
        self.executor = executor
        self.graph = executor.graph
        self.witnesses = Witnesses(executor)
        self.most = most

    def entity(self, node: int) -> str:
        """The identifier of a node."""
        return self.graph.entity(node)

    # Conditions ----------------------------------------------------------------------------------

    def holding(self, condition: Condition, held: Ids, before: Ids) -> tuple[Member, ...]:
        """The first members for which a condition holds, with the facts that make it so."""
        listed = held[: self.most]
        if isinstance(condition, Compare):
            return self._comparing(condition, listed, before)
        return tuple(self._holding(condition, node) for node in listed.tolist())

    def _holding(self, condition: Is | InClass | Has | TextMatch, node: int) -> Member:
        match condition:
            case Is(path, nodes):
                ends = self.executor.numbers(nodes) if path else None
            case InClass(nodes):
                return Member(self.entity(node), (self.witnesses.to_class(node, nodes),), terms=1)
            case Has(path):
                ends = None
            case TextMatch(path, test, text):
                ends = self.executor.follow(np.array([node], dtype=np.int32), path)
                passing = [self.executor.matches(end, test, fold_name(text)) for end in ends.tolist()]
                ends = ends[np.array(passing, dtype=np.bool_)]
            case _:
                assert_never(condition)
        if not path:
            return Member(self.entity(node))
        return Member(self.entity(node), (self.witnesses.onward(node, path, ends),), terms=1)

    def _comparing(self, condition: Compare, listed: Ids, before: Ids) -> tuple[Member, ...]:
        measure = condition.measure
        if measure.aggregate is not Aggregate.VALUE:
            return self.measured(measure, self.executor.measured(measure, before), listed, before)
        operand = self.executor.operand(condition.operand, measure, before)
        second = condition.upper
        upper = None if second is None else self.executor.operand(second, measure, before)
        found = []
        for node in listed.tolist():
            terms, kind = self._terms(measure, node, before)
            assert operand is not None  # else it holds for none
            passing = compared(terms.low, terms.high, condition.comparator, operand, upper)
            at = int(np.flatnonzero(passing)[0])
            found.append(self._of_value(measure.path, terms, at, node, kind))
        return tuple(found)

    def there(self, condition: Condition, members: Ids) -> tuple[tuple[Member, ...], int]:
        """The facts that there are where a condition holds for none of the members; and how many in all."""
        match condition:
            case Is(path) | TextMatch(path):
                return self._pairs(self.executor.pairs(members, path), members, path) if path else ((), 0)
            case Has():
                return (), 0
            case InClass():
                return self._types(members)
            case Compare(measure):
                if measure.aggregate is not Aggregate.VALUE:
                    found = self.executor.measured(measure, members)
                    return self.measured(measure, found, found.members, members), len(found.members)
                return self.terms(measure.path, members)
        assert_never(condition)

    def _pairs(self, pairs: Pairs, members: Ids, path: Path) -> tuple[tuple[Member, ...], int]:
        found = []
        for owner, end in zip(pairs.owners[: self.most], pairs.ends[: self.most], strict=True):
            node = int(members[owner])
            chain = self.witnesses.onward(node, path, np.array([end], dtype=np.int32))
            found.append(Member(self.entity(node), (chain,), terms=1))
        return tuple(found), len(pairs.ends)

    def _types(self, members: Ids) -> tuple[tuple[Member, ...], int]:
        owners, relations, targets = self.graph.outward.gather(members)
        of_type = np.isin(relations, self.executor.classes.type_relations)
        edges = np.stack([owners[of_type], targets[of_type], relations[of_type]])
        pairs, first = np.unique(edges[:2], axis=1, return_index=True)
        found = []
        for owner, target, relation in edges[:, first[: self.most]].T.tolist():
            entity = self.entity(int(members[owner]))
            hop = Hop(self.graph.relation(relation), self.entity(target))
            found.append(Member(entity, (Chain(entity, (hop,)),), terms=1))
        return tuple(found), pairs.shape[1]

    # Measures ------------------------------------------------------------------------------------

    def terms(
        self, path: Path, members: Ids, first: tuple[float, float] | None = None
    ) -> tuple[tuple[Member, ...], int]:
        """The values that a path reaches from the members, each with its chain; and how many in all.

        Values with the bounds `first` come first.
        """
        pairs = self.executor.pairs(members, path)
        low, high, kind = self.executor.end_values(path, pairs.ends)
        known = np.flatnonzero(~np.isnan(low))
        if first is not None:
            same = (low[known] == first[0]) & (high[known] == first[1])
            known = np.concatenate([known[same][:1], known[~same], known[same][1:]])
        terms = _Terms(members[pairs.owners], pairs.ends, low, high)
        found = (
            self._of_value(path, terms, at, int(terms.owners[at]), kind) for at in known[: self.most].tolist()
        )
        return tuple(found), len(known)

    def measured(
        self, measure: Measure, measured: Measured, listed: Iterable[int], before: Ids, *, most: bool = False
    ) -> tuple[Member, ...]:
        """The first of some members, or ends of groups, with their measures and the facts of these.

        Of several values of a member, the lowest counts, with `most` the highest.
        """
        nodes = [int(node) for node in listed][: self.most]
        limit = chain_limit(self.most, len(nodes))
        places = np.searchsorted(measured.members, nodes)
        low, high = (measured.best_low, measured.best_high) if most else (measured.low, measured.high)
        return tuple(
            self._measured(measure, node, (float(low[at]), float(high[at])), measured.kind, before, limit)
            for node, at in zip(nodes, places.tolist(), strict=True)
        )

    def _measured(
        self,
        measure: Measure,
        node: int,
        bounds: tuple[float, float],
        kind: ValueKind,
        before: Ids,
        limit: int,
    ) -> Member:
        terms, _ = self._terms(measure, node, before)
        same = (terms.low == bounds[0]) & (terms.high == bounds[1])
        if measure.aggregate is Aggregate.VALUE:
            return self._of_value(measure.path, terms, int(np.flatnonzero(same)[0]), node, kind)
        order = np.arange(len(terms.ends))
        if measure.aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST):  # the one that counts first
            order = np.argsort(~same, kind="stable")
        chains = []
        for at in order[:limit].tolist():
            owner, end = int(terms.owners[at]), np.array([terms.ends[at]], dtype=np.int32)
            chain = Chain(self.entity(node), ())
            if measure.by:
                chain = turned(self.witnesses.onward(owner, measure.by, np.array([node], dtype=np.int32)))
            if measure.path:
                chain = joined(chain, self.witnesses.onward(owner, measure.path, end))
            chains.append(chain)
        unit = "" if measure.aggregate is Aggregate.COUNT else self.unit(measure.path)
        return Member(self.entity(node), tuple(chains), Value(kind, *bounds, "", unit), len(terms.ends))

    def unit(self, path: Path) -> str:
        """The unit of the values at the end of a path; empty if unknown."""
        relation = self._valued_relation(path)
        return "" if relation is None else self.executor.values.unit_of(relation)

    def _text(self, path: Path, end: int) -> str:
        relation = self._valued_relation(path)
        text = "" if relation is None else self.executor.values.value(relation, end).text
        return text or self.graph.labels[end]

    def _valued_relation(self, path: Path) -> int | None:
        """The relation that says what the ends of a path are compared as."""
        for relation in sorted(self.executor.steps.relations(path[-1]), key=self.graph.relation):
            if self.executor.values.relation_kind(relation) in COMPARABLE:
                return relation
        return None

    def _terms(self, measure: Measure, node: int, before: Ids) -> tuple[_Terms, ValueKind]:
        """What is counted or summed for a member, or for a group of the set `before`."""
        members = np.array([node], dtype=np.int32)
        for step in reversed(measure.by):
            members = self.executor.steps.reached(members, step, back=True)
        if measure.by:
            members = intersection(members, before)
        pairs = self.executor.pairs(members, measure.path)
        owners, ends = members[pairs.owners], pairs.ends
        if measure.aggregate is Aggregate.COUNT:
            ends, first = np.unique(ends, return_index=True)
            nothing = np.full(len(ends), np.nan)
            return _Terms(owners[first], ends, nothing, nothing), ValueKind.NUMBER
        low, high, kind = self.executor.end_values(measure.path, ends)
        known = ~np.isnan(low)
        return _Terms(owners[known], ends[known], low[known], high[known]), kind

    def _of_value(self, path: Path, terms: _Terms, at: int, node: int, kind: ValueKind) -> Member:
        end = int(terms.ends[at])
        chain = self.witnesses.onward(node, path, np.array([end], dtype=np.int32))
        text = self._text(path, end)
        value = Value(kind, float(terms.low[at]), float(terms.high[at]), text, self.unit(path))
        return Member(self.entity(node), (chain,), value, 1)

    # What is compared with -----------------------------------------------------------------------

    def operands(self, condition: Condition, members: Ids) -> tuple[Member, ...]:
        """The named entities and averages that a condition compares with, with their values."""
        if not isinstance(condition, Compare):
            return ()
        found = []
        for operand in (condition.operand, condition.upper):
            match operand:
                case OwnValue(nodes):
                    named = self.executor.numbers(nodes)
                    own = members if condition.measure.by else named
                    measured = self.executor.measured(condition.measure, own)
                    among = np.flatnonzero(np.isin(measured.members, named))
                    if not len(among):
                        found.append(Member(nodes[0]))
                        continue
                    best = np.lexsort((measured.best_high[among], measured.best_low[among]))[-1:]
                    node = measured.members[among[best]].tolist()
                    found += self.measured(condition.measure, measured, node, own, most=True)
                case Average():
                    value = self.executor.operand(operand, condition.measure, members)
                    terms = len(self.executor.measured(condition.measure, members).members)
                    if value is not None and condition.measure.aggregate is not Aggregate.COUNT:
                        value = replace(value, unit=self.unit(condition.measure.path))
                    found.append(Member("", (), value, terms if value else 0))
                case Constant() | None:
                    pass
                case _:
                    assert_never(operand)
        return tuple(found)

    def with_value(self, measure: Measure, measured: Measured, members: Ids) -> int:
        """How many members have a value; with groups, how many are in a group and have a value for it."""
        if not measure.by:
            return len(measured.members)
        if not len(measured.members):
            return 0
        grouped = np.zeros(len(members), dtype=np.bool_)
        grouped[self.executor.pairs(members, measure.by).owners] = True
        if measure.aggregate is Aggregate.COUNT:
            return int(grouped.sum())
        pairs = self.executor.pairs(members, measure.path)
        low, _, _ = self.executor.end_values(measure.path, pairs.ends)
        valued = np.zeros(len(members), dtype=np.bool_)
        valued[pairs.owners[~np.isnan(low)]] = True
        return int((grouped & valued).sum())
