"""A question as it is drawn, with what its program is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kgqa.graph import IndexedGraph
from kgqa.program import (
    Clause,
    Combine,
    Executor,
    Final,
    Follow,
    Has,
    InClass,
    Instances,
    Is,
    Join,
    Keep,
    Named,
    Nodes,
    OwnValue,
    Program,
    Step,
)
from scripts.logs.log import EventLog, LoggedEvents
from scripts.logs.scope import Scope
from scripts.logs.turtle import relation_text
from scripts.logs.wording import Given

__all__ = ["Draft", "Schema"]


@dataclass(frozen=True)
class Draft:
    """A question and its program: the events that are given and in scope, then `clauses` and `final`.

    `program` is the whole of it, where that is made otherwise.
    """

    question: str
    given: tuple[Given, ...] = ()
    scope: Scope | None = None
    clauses: tuple[Clause, ...] = ()
    final: Final | None = None
    program: Program | None = None


class Schema:
    """The events of one kind in the graph of a log: their relations, and programs that lead to them."""

    def __init__(self, log: EventLog, part: LoggedEvents, graph: IndexedGraph) -> None:
        self._log = log
        self._part = part
        self._graph = graph
        self.nodes: Nodes = graph.find(part.kind)

    def relation(self, name: str) -> str:
        """The relation of an attribute or a number, or that of the dates."""
        return relation_text(self._log, self._part.relations[name])

    def step(self, name: str) -> Step:
        return Step(self.relation(name))

    @property
    def date(self) -> str:
        return self.relation("date")

    def named(self, value: str) -> Nodes:
        return tuple(sorted(self._graph.find(value)))

    def events(self, given: Sequence[Given], scope: Scope | None) -> Program:
        """The events with what is given, in scope: from the first entity, or all."""
        pairs = [(one.attribute, value) for one in given for value in one.values]
        first = next((pair for pair in pairs if not pair[0].textual), None)
        clauses: list[Clause] = []
        start: Named | Instances = Instances(self.nodes)
        if first is not None:
            start = Named((self.named(first[1]),))
            clauses = [Follow(Step(self.relation(first[0].name), inverse=True)), Keep(InClass(self.nodes))]
        for attribute, value in pairs:
            if (attribute, value) != first:
                clauses.append(Keep(Is((self.step(attribute.name),), self.named(value))))
        if scope is not None:
            clauses.append(scope.keep(self.date))
        return Program(start, tuple(clauses))

    def of(self, part: LoggedEvents) -> Schema:
        """Those of another kind in the same log."""
        return Schema(self._log, part, self._graph)

    def own_value(self, value: str) -> OwnValue:
        """What a measure is for an entity."""
        return OwnValue(self.named(value))

    def without(self, start: Instances, name: str, scope: Scope | None) -> Program:
        """The instances of a class that no event, or none in scope, has under a relation."""
        step = self.step(name)
        if scope is None:
            return Program(start, (Keep(Has((step._replace(inverse=True),)), negated=True),))
        events = self.events((), scope)
        inner = Program(events.start, (*events.clauses, Follow(step)))
        return Program(start, (Combine(Join.BUT_NOT, inner),))

    def is_empty(self, draft: Draft) -> bool:
        """Whether the set that a draft asks about has no members."""
        members = Executor.of(self._graph).execute(replace(self.program(draft), final=None)).members
        return members is None or not len(members)

    def program(self, draft: Draft) -> Program:
        """The program of a draft, what is given in the order of the question."""
        if draft.program is not None:
            return draft.program
        ordered = sorted(draft.given, key=lambda one: draft.question.find(one.words))
        events = self.events(ordered, draft.scope)
        return Program(events.start, (*events.clauses, *draft.clauses), draft.final)
