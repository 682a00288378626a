"""Programs of queries, in one canonical style; the first that denotes the gold answers is kept.

A query with one named entity starts there and walks; else it starts at a class, with conditions in the order
of the question. See the notes at `Writer.starts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations

from kgqa.graph import fold_name
from kgqa.program import (
    Aggregate,
    Clause,
    Combine,
    Count,
    Extreme,
    Final,
    Follow,
    Instances,
    Join,
    Measure,
    Named,
    Nodes,
    Program,
    Start,
    Summary,
)
from scripts.programs.group_writing import GroupWriter
from scripts.programs.query import Member, Node, Query, Unreadable

__all__ = ["Writer"]


class Writer(GroupWriter):
    """Writes the programs of the queries of one question."""

    def programs(self, query: Query) -> Iterator[Program]:
        """The programs of a query, the canonical first."""
        self.full_names(query)
        of_entities = self.of_entities(query)
        if of_entities is not None:
            yield from self.programs(of_entities)
        for index, target in enumerate(self.targets(query)):
            self.index = index
            for start in self.starts(query, target):
                try:
                    yield self.program(query, target, start)
                except (Unreadable, ValueError) as error:
                    self.reason = str(error)

    reason = ""

    def of_entities(self, query: Query) -> Query | None:
        """`first names of those who ... EXCEPT first names of those who ...` is meant of the persons."""
        if not query.combined or any(join is Join.OR for join, _ in query.combined):
            return None
        node = query.nodes[query.target]
        owners = self.owners(query, query.target)
        if node.row or not owners or query.ranked or query.grouped or query.aggregated:
            return None
        steps = [step for _, step, other in query.around(query.target) if other == owners[0]]
        if not re.search(r"name|title|details", steps[0].relation):
            return None
        nodes = [
            replace(own, names=list(own.names), constraints=list(own.constraints)) for own in query.nodes
        ]
        whole = replace(query, nodes=nodes, edges=list(query.edges), combined=[])
        for join, other in query.combined:
            there = self.owners(other, other.target)
            if (
                not there
                or not self.simple(other)
                or other.nodes[there[0]].classes != nodes[owners[0]].classes
            ):
                return None
            if join is Join.BUT_NOT:
                nodes[owners[0]].constraints.append(Member(replace(other, target=there[0]), True))
                continue
            if nodes[owners[0]].names and other.nodes[there[0]].names:
                return None
            offset = len(nodes)
            nodes += [replace(own, names=list(own.names)) for own in other.nodes]
            whole.edges += [(one + offset, step, two + offset) for one, step, two in other.edges]
            whole.merge(owners[0], there[0] + offset)
        return whole

    def full_names(self, query: Query) -> None:
        """First and last name that the question gives together name the entity."""
        for at, node in enumerate(query.nodes):
            if not node.row or not node.classes or node.names:
                continue
            parts = [
                (place, other)
                for place, step, other in query.around(at)
                if not step.inverse and query.nodes[other].value and len(query.nodes[other].names) == 1
                if not query.nodes[other].constraints and len(query.around(other)) == 1
            ]
            for (one, first), (two, last) in permutations(parts, 2):
                both = [self.world.label(query.nodes[own].names[0][0]) for own in (first, last)]
                entity = self.entity(" ".join(both), node.classes)
                if entity and self.place(" ".join(both)) < len(self.question):
                    node.names = [entity]
                    query.edges = [edge for place, edge in enumerate(query.edges) if place not in (one, two)]
                    query.nodes[first] = Node()
                    query.nodes[last] = Node()
                    break

    def entity(self, name: str, classes: Nodes) -> Nodes:
        """The instances of a class with a name."""
        inside = set(self.world.instances(classes).tolist())
        found = [node for node in self.world.by_name.get(fold_name(name), []) if node in inside]
        return tuple(self.world.graph.entity(node) for node in found)

    # A program -------------------------------------------------------------------------------------

    def program(self, query: Query, target: int, start: int) -> Program:
        """The program that starts at one node and ends at another."""
        if query.grouped is not None:
            return self.by_groups(query, query.grouped, target, start)
        asked = query.aggregated
        first, clauses = self.begin(query, start)
        done: set[int] = set()
        if asked is not None and asked.of is not None and asked.aggregate is not Aggregate.COUNT:
            summed = query.nodes[asked.of]
            if not (summed.constraints or summed.names):
                done |= {place for place, _, _ in (query.route(target, asked.of) or [])[-1:]}
        if query.ranked is not None:
            clauses += self.ranking(query, start, target, done)
            start = self.ranked_at(query)
        clauses += self.walk(query, start, target, done, last=True)
        self.all_reached(query, start, done)
        final: Final | None = None
        if asked is not None:
            if asked.aggregate is Aggregate.COUNT:
                final = Count()
            else:
                assert asked.of is not None
                way = query.route(target, asked.of)
                if not way:
                    raise Unreadable("a summary of names")
                final = Summary(asked.aggregate, self.path(way))
        clauses += self.combinations(query)
        return Program(first, tuple(clauses), final)

    def combinations(self, query: Query) -> list[Clause]:
        """Further queries that the set is combined with."""
        found: list[Clause] = []
        for join, other in query.combined:
            found += self.combined(join, other, query)
        return found

    def combined(self, join: Join, other: Query, query: Query) -> list[Clause]:
        """A set of another query combined: as conditions where they can say it."""
        node = query.nodes[query.target]
        if join is not Join.OR and node.row and self.simple(other):
            try:
                other.target = self.target_of(other)
                return self.as_conditions((), other, join is Join.BUT_NOT)
            except Unreadable:
                pass
        return [Combine(join, self.first(other))]

    def first(self, query: Query) -> Program:
        """The canonical program of a query within another."""
        if query.aggregated is not None:  # one part of an OR: it has the same target as the whole
            targets = self.targets(query)
            query = replace(query, aggregated=None, target=targets[min(self.index, len(targets) - 1)])
        index = self.index
        found = next(self.programs(query), None)
        self.index = index
        if found is None:
            raise Unreadable(self.reason or "an inner query")
        if found.final is not None:
            raise Unreadable("an inner query with one value")
        return found

    def begin(self, query: Query, start: int) -> tuple[Start, list[Clause]]:
        """The start at a node."""
        node = query.nodes[start]
        for own in node.constraints:
            if isinstance(own, Member) and not own.negated:
                inner = self.first(own.query)
                self.used.add(own)
                return inner.start, list(inner.clauses)
        if node.names:
            return Named(tuple(node.names)), []
        if not node.classes:
            raise Unreadable("a start without a class")
        return Instances(node.classes), []

    def ranked_at(self, query: Query) -> int:
        assert query.ranked is not None
        owners = self.owners(query, query.ranked.by)
        if not owners:
            raise Unreadable("an order by a name")
        if query.nodes[query.ranked.by].row:
            raise Unreadable("an order by a name")
        return owners[0]

    def ranking(self, query: Query, start: int, target: int, done: set[int]) -> list[Clause]:
        """The way to the node that is ranked, all constraints, and the ranking."""
        ranked = query.ranked
        assert ranked is not None
        at = self.ranked_at(query)
        edge = next(place for place, _, other in query.around(at) if other == ranked.by)
        if query.nodes[ranked.by].constraints or query.nodes[ranked.by].names:
            pass
        else:
            done.add(edge)
        way = query.route(at, ranked.by)
        assert way
        measured = self.path(way)
        # the way from here to the target is walked afterwards; what it is constrained by counts before
        clauses = self.walk(query, start, at, done, last=False)
        clauses += self.conditions(query, at, done, into=None, keep=query.route(at, target))
        extreme = Extreme(Measure(measured), ranked.least, ranked.rank, ranked.count)
        return [*clauses, extreme]

    def walk(self, query: Query, start: int, goal: int, done: set[int], last: bool) -> list[Clause]:
        """From one node to another, with the conditions of each on the way; of the last one, if `last`."""
        way = query.route(start, goal)
        if way is None:
            raise Unreadable("tables without a join")
        clauses: list[Clause] = []
        here = start
        for place, step, there in way:
            clauses += self.conditions(query, here, done, into=place)
            done.add(place)
            clauses.append(Follow(self.step(step)))
            clauses += self.restricted(query.nodes[there], step)
            here = there
        if last:
            clauses += self.conditions(query, here, done, into=None)
        return clauses

    def all_reached(self, query: Query, start: int, done: set[int]) -> None:
        for place, (head, _, tail) in enumerate(query.edges):
            if place in done:
                continue
            if query.route(start, head) is None and query.route(start, tail) is None:
                raise Unreadable("tables without a join")
