"""What sets can be compared by: paths from their members, as far as a graph can execute them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np

from kgqa.constraint.programs.program_node import Pending, Purpose
from kgqa.graph import ValueKind
from kgqa.graph.adjacency import Ids
from kgqa.program import Aggregate, Condition, Executor, Has, Join, Measure, Nodes, Path, Step

__all__ = ["MEMBER_AGGREGATES", "Measures"]

LONGEST = 2
"""Steps of a path in a clause, to which one along a relation is added behind two against relations."""
MOST_EDGES = 50_000
"""Of sets with more edges, paths in clauses have one step."""
MOST_STEPS = 48
"""Of sets with more kinds of steps, paths in clauses have one step."""

MEMBER_AGGREGATES = (Aggregate.COUNT, Aggregate.TOTAL, Aggregate.AVERAGE)
"""What is made of the ends of a path from one member; its highest and lowest value need no aggregate."""

MOST_FACTS = 50_000
"""So many facts about sets are kept with the graph for later questions, before they are found anew."""

_COMPARABLE = (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION)

T = TypeVar("T")

IsCondition = Callable[[Ids, Pending], bool]


class Measures:
    """Answers whether clauses can be executed over sets.

    What is true for all questions is kept with the graph; what depends on the values and names of a question
    only as long as the question is decoded.
    """

    def __init__(self, executor: Executor, inverse: bool) -> None:
        self._executor = executor
        self._graph = executor.graph
        self._inverse = inverse
        self._known: dict[object, object] = {}
        self._facts: dict[object, object] = self._graph.derived.setdefault(Measures, {})  # type: ignore[assignment]
        if len(self._facts) > MOST_FACTS:
            self._facts.clear()
        schema = {*executor.classes.type_relations, *executor.classes.subclass_relations}
        texts = {executor.steps.texts[number] for number in schema}
        self._schema = {text for text in texts if schema.issuperset(executor.steps.by_text[text])}

    def onward(self, members: Ids) -> list[Step]:
        """The steps that some member has."""
        return self._kept(("onward", members.tobytes()), lambda: self._find_onward(members))

    def ends(self, members: Ids, path: Path) -> Ids:
        """The nodes that a path reaches."""
        if not path:
            return members
        return self._kept(
            ("ends", members.tobytes(), path),
            lambda: self._executor.follow(self.ends(members, path[:-1]), path[-1:]),
        )

    def kept(self, members: Ids, condition: Condition) -> int:
        """For how many members, or groups of them, a condition holds."""
        key = ("kept", members.tobytes(), condition)
        return self._kept(key, lambda: len(self._executor.holding(condition, members)))

    def kind(self, members: Ids, measure: Measure) -> ValueKind:
        """What a measure of these members is; `NONE` where none has one."""
        return self._measured(members, measure)[0]

    def has_value(self, measure: Measure, nodes: Nodes) -> bool:
        """Whether a named entity has the measure."""
        numbers = np.array(sorted(self._graph.entity_id(node) for node in nodes), dtype=np.int32)
        return self._measured(numbers, measure)[1] > 0

    def dividing_classes(self, members: Ids) -> list[tuple[Nodes, int]]:
        """The classes that some members belong to, but not all, with the number of those that do."""
        return self._kept(("classes", members.tobytes()), lambda: self._find_classes(members))

    def may_join(self, before: Ids, join: Join | None, others: Ids, steps: int) -> bool:
        """Whether a set joins another, now or after some steps, to one that is neither empty nor the same."""

        def find() -> bool:
            common = int(np.isin(before, others, assume_unique=True).sum())
            if common < len(others) if join is Join.OR else 0 < common < len(before):
                return True
            return steps > 0 and any(
                self.may_join(before, join, self.ends(others, (step,)), steps - 1)
                for step in self.onward(others)
            )

        return self._kept(("join", before.tobytes(), join, others.tobytes(), steps), find)

    def may_begin(self, members: Ids, pending: Pending, is_condition: IsCondition) -> bool:
        """Whether a clause can be completed from the words that it begins with."""
        if not pending.path and self._stands(members, pending, is_condition):
            return True
        return bool(self.steps(members, pending, is_condition, first=True))

    def complete(self, members: Ids, pending: Pending) -> bool:
        """Whether the clause so far (one without a condition) can be executed and means something."""
        key = ("complete", members.tobytes(), pending)
        return self._kept(key, lambda: self._is_complete(members, pending))

    def steps(
        self, members: Ids, pending: Pending, is_condition: IsCondition, first: bool = False
    ) -> list[Step]:
        """The steps that the path of a clause may go on with; with `first`, at most one of them."""
        key = ("steps", members.tobytes(), pending)
        if key in self._known:
            return self._known[key]  # type: ignore[return-value]
        found = []
        for step in self._candidates(members, pending.path):
            if self._leads(members, pending.onto(step), is_condition):
                found.append(step)
                if first:
                    return found
        self._known[key] = found
        return found

    def _leads(self, members: Ids, pending: Pending, is_condition: IsCondition) -> bool:
        key = ("leads", members.tobytes(), pending)
        if key not in self._known:
            self._known[key] = self._stands(members, pending, is_condition) or any(
                self._leads(members, pending.onto(step), is_condition)
                for step in self._candidates(members, pending.path)
            )
        return bool(self._known[key])

    def _stands(self, members: Ids, pending: Pending, is_condition: IsCondition) -> bool:
        match pending.purpose:
            case Purpose.CONDITION:
                if pending.path and not self._is_plural(members, pending):
                    return False
                return is_condition(members, pending) or (
                    not pending.path
                    and not pending.by
                    and pending.aggregate is Aggregate.VALUE
                    and any(
                        self.may_begin(members, pending._replace(aggregate=aggregate), is_condition)
                        for aggregate in MEMBER_AGGREGATES
                    )
                )
            case Purpose.GROUP:
                return bool(pending.path) and self.complete(
                    members, Pending(Purpose.EXTREME, aggregate=Aggregate.COUNT, by=pending.path)
                )
            case Purpose.GROUP_CONDITION:
                return bool(pending.path) and is_condition(
                    members, Pending(Purpose.CONDITION, aggregate=Aggregate.COUNT, by=pending.path)
                )
            case Purpose.EXTREME | Purpose.EACH if not pending.path and not pending.by:
                return pending.aggregate is Aggregate.VALUE and any(
                    bool(self.steps(members, pending._replace(aggregate=a), is_condition, first=True))
                    for a in MEMBER_AGGREGATES
                )
            case _:
                return pending.clause() is not None and self.complete(members, pending)

    def _is_complete(self, members: Ids, pending: Pending) -> bool:
        match pending.purpose:
            case Purpose.HAS:
                some = self.kept(members, Has(pending.path))
                return 0 < some < len(members)
            case Purpose.SUMMARY:
                kind, count = self._measured(members, Measure(pending.path, Aggregate.VALUE))
                summed = pending.aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE)
                return count > 0 and (kind is ValueKind.NUMBER or (not summed and kind in _COMPARABLE))
            case Purpose.EXTREME:
                if not self._is_plural(members, pending):
                    return False
                kind, count = self._measured(members, pending.measure)
                return kind in _COMPARABLE and count >= max(2, pending.rank, pending.count + 1)
            case Purpose.EACH:
                kind, count = self._measured(members, pending.measure)
                return kind in _COMPARABLE and count > 0
            case _:
                return False

    def _measured(self, members: Ids, measure: Measure) -> tuple[ValueKind, int]:
        """The kind of a measure, and how many members or groups have it."""

        summed = measure.aggregate in (Aggregate.TOTAL, Aggregate.AVERAGE)
        if summed or measure.aggregate is Aggregate.LOWEST:  # these have a value where the highest is one
            plain = Aggregate.HIGHEST if measure.by else Aggregate.VALUE
            kind, count = self._measured(members, replace(measure, aggregate=plain))
            return (kind, count) if not summed or kind is ValueKind.NUMBER else (ValueKind.NONE, 0)

        def find() -> tuple[ValueKind, int]:
            measured = self._executor.measured(measure, members)
            return (measured.kind, len(measured.members)) if len(measured.members) else (ValueKind.NONE, 0)

        return self._kept(("measured", members.tobytes(), measure), find)

    def _is_plural(self, members: Ids, pending: Pending) -> bool:
        """Whether some member has several ends, so that an aggregate differs from the value at the end."""
        if pending.by or pending.aggregate is Aggregate.VALUE or pending.purpose is Purpose.SUMMARY:
            return True

        def find() -> bool:
            owners = self._executor.pairs(members, pending.path).owners
            return bool((owners[1:] == owners[:-1]).any())

        return self._kept(("plural", members.tobytes(), pending.path), find)

    def _candidates(self, members: Ids, path: Path) -> list[Step]:
        """The steps that a path of a clause may take, but for what becomes of it."""
        third = len(path) == LONGEST and all(step.inverse for step in path)
        if len(path) >= LONGEST and not third:
            return []
        here = self.ends(members, path)
        if path and self._graph.named[here].any() and not self._is_small(members):
            return []
        back = path[-1]._replace(inverse=not path[-1].inverse) if path else None
        return [
            step
            for step in self.onward(here)
            if step.relation not in self._schema and step != back and not (third and step.inverse)
        ]

    def _is_small(self, members: Ids) -> bool:
        def find() -> bool:
            edges = self._graph.outward.offsets[members + 1] - self._graph.outward.offsets[members]
            return int(edges.sum()) <= MOST_EDGES and len(self.onward(members)) <= MOST_STEPS

        return self._kept(("small", members.tobytes()), find)

    def _find_onward(self, members: Ids) -> list[Step]:
        return [
            step
            for step in self._executor.steps.onward(members)
            if not step.inverse or (self._inverse and step.relation not in self._schema)
        ]

    def _find_classes(self, members: Ids) -> list[tuple[Nodes, int]]:
        found = []
        direct = set(self._executor.classes.classes_of(members).tolist())
        for named in self._executor.classes.named:
            if direct.isdisjoint(named.nodes):
                continue
            instances = self._executor.classes.instances_of(named.nodes)
            inside = int(np.isin(members, instances).sum())
            if 0 < inside < len(members):
                found.append((tuple(self._graph.entity(node) for node in named.nodes), inside))
        return found

    def _kept(self, key: object, find: Callable[[], T]) -> T:
        if key not in self._facts:
            self._facts[key] = find()
        return self._facts[key]  # type: ignore[return-value]
