"""The constraints of a query as conditions of programs."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod

from kgqa.graph import ValueKind, fold_name
from kgqa.program import (
    Aggregate,
    Average,
    Clause,
    Combine,
    Comparator,
    Compare,
    Condition,
    Constant,
    Follow,
    Has,
    InClass,
    Is,
    Join,
    Keep,
    Measure,
    Nodes,
    OwnValue,
    Path,
    Program,
    Step,
    TextMatch,
)
from scripts.programs.places import Places
from scripts.programs.query import Compared, Matched, Member, Node, Not, Query, Unreadable

__all__ = ["ConditionWriter"]


class ConditionWriter(Places, ABC):
    """Writes the conditions of nodes."""

    @abstractmethod
    def first(self, query: Query) -> Program:
        """The canonical program of a query within another."""

    def target_of(self, query: Query) -> int:
        targets = self.targets(query)
        return targets[min(self.index, len(targets) - 1)]

    def simple(self, query: Query) -> bool:
        """Whether a query is only constraints, so that it can be conditions of its target."""
        return not (query.ranked or query.grouped or query.combined)

    def step(self, step: Step) -> Step:
        """A step; of a symmetric relation always forward."""
        if step.inverse and self.world.symmetric(step.relation):
            return Step(step.relation)
        return step

    def path(self, way: list[tuple[int, Step, int]]) -> Path:
        return tuple(self.step(step) for _, step, _ in way)

    def restricted(self, node: Node, step: Step) -> list[Clause]:
        """The class of a node, where the step leads to others too."""
        if node.classes and not self.world.leads_only_to(step, node.classes):
            return [Keep(InClass(node.classes))]
        return []

    # Conditions ------------------------------------------------------------------------------------

    def conditions(
        self,
        query: Query,
        at: int,
        done: set[int],
        into: int | None,
        keep: list[tuple[int, Step, int]] | None = None,
    ) -> list[Clause]:
        """The conditions of a node: its own, and those at the ends of the edges that are not walked.

        `into` is the edge that is walked next, `keep` a way that is walked later but constrains already.
        """
        found: list[tuple[int, Clause]] = []
        later = {place for place, _, _ in keep or ()}
        node = query.nodes[at]
        if -1 - at not in done:
            done.add(-1 - at)
            for own in node.constraints:
                if own not in self.used:
                    found += self.own((), own)
        for place, step, other in query.around(at):
            if place in done or place == into:
                continue
            walked = place in later
            if not walked:
                done.add(place)
            trace = set(done) | {place}
            inner = self.branch(query, other, (self.step(step),), trace, walked)
            if not walked:
                done |= trace
            if not inner and not walked and not self.always(node, step, query.nodes[other]):
                self.unambiguous(query.nodes[other], step)
                inner = [(self.relation_place(step), Keep(Has((self.step(step),))))]
            found += inner
        found.sort(key=lambda pair: pair[0])
        return [clause for _, clause in found]

    def always(self, node: Node, step: Step, other: Node) -> bool:
        """Whether having the step says nothing of an instance of the class."""
        if other.classes and not self.world.leads_only_to(step, other.classes):
            return False
        label = self.world.label(other.classes[0]) if other.classes else ""
        if step.inverse and (self.asked_for(step.relation) or self.asked_for(label)):
            return False  # "dorms that have an amenity", though all have one
        return bool(node.classes) and self.world.covers(node.classes, step)

    def asked_for(self, label: str) -> bool:
        """Whether the question has the last word of a label, in the singular or plural."""
        words = re.findall(r"\w+", fold_name(label))
        return bool(words) and self.place(words[-1].removesuffix("y").removesuffix("e")) < len(self.question)

    def unambiguous(self, node: Node, step: Step) -> None:
        """That having a step says that a node of the class is there."""
        if node.classes and not self.world.leads_only_to(step, node.classes):
            raise Unreadable("a step to rows of another class")

    def relation_place(self, step: Step) -> int:
        return self.place(step.relation)

    def branch(
        self, query: Query, at: int, path: Path, done: set[int], soft: bool = False
    ) -> list[tuple[int, Clause]]:
        """The conditions that the branch behind a path puts on its start."""
        node = query.nodes[at]
        found: list[tuple[int, Clause]] = []
        for names in node.names[:1]:
            if len(node.names) > 1:
                raise Unreadable("alternatives within a condition")
            found.append((self.position(node), self.is_one(path, names)))
        for own in node.constraints:
            if own not in self.used:
                found += self.own(path, own)
        deeper: list[tuple[int, Clause]] = []
        plain = 0
        for place, step, other in query.around(at):
            if place in done:
                continue
            done.add(place)
            inner = self.branch(query, other, (*path, self.step(step)), done)
            if not inner and not self.always(node, step, query.nodes[other]) and not soft:
                self.unambiguous(query.nodes[other], step)
                inner = [(self.relation_place(step), Keep(Has((*path, self.step(step)))))]
            plain += bool(inner)
            deeper += inner
        found += deeper
        return found

    def is_one(self, path: Path, nodes: Nodes) -> Keep:
        """The path reaches a named node: a number or date is compared, all else is looked up."""
        kind = self.world.kind(path[-1].relation) if not path[-1].inverse else ValueKind.NONE
        if kind in (ValueKind.NUMBER, ValueKind.DATE):
            value = self.world.constant(self.world.label(nodes[0]), kind)
            if value is not None:
                return Keep(Compare(Measure(path), Comparator.EQUALS, Constant(value)))
        return Keep(Is(path, nodes))

    def own(self, path: Path, own: object) -> list[tuple[int, Clause]]:
        """A constraint of a node as a condition on the start of the path to it."""
        end = len(self.question)
        match own:
            case Compared(comparator, operand, upper, negated):
                if not path:
                    raise Unreadable("a comparison of a name")
                measure = Measure(path)
                if operand is None:
                    return [(end, Keep(Compare(measure, comparator, Average())))]
                if isinstance(operand, OwnValue):
                    return [(end, Keep(Compare(measure, comparator, operand)))]
                place = self.place(operand.text)
                high = None if upper is None else Constant(upper)
                return [(place, Keep(Compare(measure, comparator, Constant(operand), high), negated))]
            case Not(nodes):
                inner = self.is_one(path, nodes).condition if path else Is((), nodes)
                return [(self.place(self.world.label(nodes[0])), Keep(inner, True))]
            case Matched(test, text, negated):
                return [(self.place(text), Keep(TextMatch(path, test, text), negated))]
            case Member(inner_query, negated):
                return [(end, clause) for clause in self.member(path, inner_query, negated)]
        raise Unreadable("a constraint")

    def member(self, path: Path, query: Query, negated: bool) -> list[Clause]:
        """That a node is, or is not, in the set of another query."""
        if self.simple(query):
            try:
                return self.as_conditions(path, query, negated)
            except Unreadable:
                pass
        program = self.first(query)
        if path:
            steps = tuple(Follow(step.turned()) for step in reversed(path))
            program = Program(program.start, (*program.clauses, *steps))
        return [Combine(Join.BUT_NOT if negated else Join.AND, program)]

    def as_conditions(self, path: Path, query: Query, negated: bool) -> list[Clause]:
        conditions = self.conditions(query, query.target, set(), into=None)
        inner = query.nodes[query.target]
        if inner.names:
            conditions.append(Keep(Is((), inner.names[0])))
        if not negated and not path:
            return conditions
        if len(conditions) == 1 and isinstance(conditions[0], Keep):
            only = conditions[0]
            return [Keep(behind(path, only.condition), only.negated != negated)]
        raise Unreadable("several conditions to be denied together")


def behind(path: Path, condition: Condition) -> Condition:
    """A condition on the ends of a path."""
    match condition:
        case Is(own, nodes):
            return Is((*path, *own), nodes)
        case Has(own):
            return Has((*path, *own))
        case TextMatch(own, test, text):
            return TextMatch((*path, *own), test, text)
        case Compare(measure, comparator, operand, upper) if not measure.by and isinstance(operand, Constant):
            if measure.aggregate is Aggregate.VALUE:
                return Compare(Measure((*path, *measure.path)), comparator, operand, upper)
        case InClass(nodes) if not path:
            return condition
    raise Unreadable("a condition behind a path")
