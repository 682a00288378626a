"""Programs with groups: members measured, or rows measured by their key."""

from __future__ import annotations

from abc import abstractmethod

from kgqa.program import (
    Aggregate,
    Clause,
    Compare,
    Constant,
    Count,
    Extreme,
    Follow,
    Keep,
    Measure,
    OwnValue,
    Path,
    Program,
    Start,
    Step,
)
from scripts.programs.condition_writing import ConditionWriter
from scripts.programs.query import Grouped, Member, Query, Unreadable

__all__ = ["GroupWriter"]


class GroupWriter(ConditionWriter):
    """Writes groups."""

    @abstractmethod
    def begin(self, query: Query, start: int) -> tuple[Start, list[Clause]]:
        """The start at a node."""

    @abstractmethod
    def walk(self, query: Query, start: int, goal: int, done: set[int], last: bool) -> list[Clause]:
        """From one node to another."""

    @abstractmethod
    def combinations(self, query: Query) -> list[Clause]:
        """Further queries that the set is combined with."""

    def by_groups(self, query: Query, grouped: Grouped, target: int, start: int) -> Program:
        """A program with groups: the members of a class measured, or rows measured by their key."""
        key, nodes = grouped.key, query.nodes
        rows = self.rows_of(query, grouped)
        if not nodes[key].value and key not in rows[:1]:
            try:
                return self.of_members(query, grouped, target, rows[0])
            except Unreadable:
                pass
        row = rows[0]
        inner = any(isinstance(own, Member) and not own.negated for own in nodes[start].constraints)
        begin = start if nodes[start].names or inner else row
        first, clauses = self.begin(query, begin)
        done: set[int] = set()
        way = query.route(row, key)
        after = query.route(key, target)
        if way is None or after is None:
            raise Unreadable("tables without a join")
        if not way:
            raise Unreadable("groups of single rows")
        done |= {place for place, _, _ in way} | {place for place, _, _ in after}
        path: Path = ()
        if grouped.of is not None and grouped.of != row:
            to = query.route(row, grouped.of)
            if not to:
                raise Unreadable("tables without a join")
            path = self.path(to)
            done |= {place for place, _, _ in to if not nodes[grouped.of].constraints}
        if begin != row:
            done -= {place for place, _, _ in query.route(begin, row) or ()}
            clauses += self.walk(query, begin, row, done, last=True)
        else:
            clauses += self.conditions(query, row, done, into=None)
        if grouped.aggregate is Aggregate.COUNT and path and self.world.covers(nodes[row].classes, path[0]):
            path = () if len(path) == 1 and self.world.single(nodes[row].classes, path[0]) else path
        measure = Measure(path, grouped.aggregate, self.path(way))
        clauses.append(self.grouped_clause(grouped, measure))
        clauses += self.walk_free(after)
        return self.finished(query, Program(first, tuple(clauses)))

    def finished(self, query: Query, program: Program) -> Program:
        clauses = [*program.clauses, *self.combinations(query)]
        final = Count() if query.aggregated is not None else None
        return Program(program.start, tuple(clauses), final)

    def walk_free(self, way: list[tuple[int, Step, int]]) -> list[Clause]:
        return [Follow(self.step(step)) for _, step, _ in way]

    def grouped_clause(self, grouped: Grouped, measure: Measure) -> Clause:
        if grouped.ranked is not None:
            ranked = grouped.ranked
            return Extreme(measure, ranked.least, ranked.rank, ranked.count)
        compared = grouped.compared
        if compared is None or compared.operand is None or isinstance(compared.operand, OwnValue):
            raise Unreadable("groups without a measure")
        return Keep(Compare(measure, compared.comparator, Constant(compared.operand)), compared.negated)

    def rows_of(self, query: Query, grouped: Grouped) -> list[int]:
        """The rows that are grouped: those furthest from the key."""
        if grouped.of is not None:
            owners = [at for at in self.owners(query, grouped.of) if at != grouped.key]
            if owners:
                return owners
        rows = [at for at, node in enumerate(query.nodes) if node.row and at != grouped.key]
        rows.sort(key=lambda at: (-self.reach(query, at), at))
        if not rows:
            raise Unreadable("groups of single rows")
        return rows

    def of_members(self, query: Query, grouped: Grouped, target: int, row: int) -> Program:
        """`all state | most count <- in state`: only where nothing else is asked of the rows."""
        key, nodes = grouped.key, query.nodes
        if not nodes[key].row or not nodes[key].classes:
            raise Unreadable("groups by a value")
        way = query.route(key, row)
        after = query.route(key, target)
        if not way or after is None:
            raise Unreadable("tables without a join")
        walked = {place for place, _, _ in way} | {place for place, _, _ in after}
        path = self.path(way)
        if grouped.of is not None and grouped.of != row:
            to = query.route(row, grouped.of)
            assert to is not None
            walked |= {place for place, _, _ in to}
            if grouped.aggregate is not Aggregate.COUNT or not self.world.single(
                nodes[row].classes, to[0][1]
            ):
                path += self.path(to)
        if grouped.aggregate is not Aggregate.COUNT and (grouped.of is None or not nodes[grouped.of].value):
            raise Unreadable("a summary of names")
        on_rows = [at for at, node in enumerate(nodes) if (node.names or node.constraints) and at != key]
        if on_rows or len(walked) != len(query.edges):
            raise Unreadable("constraints on the rows of groups")
        if nodes[row].classes and not self.world.leads_only_to(path[len(way) - 1], nodes[row].classes):
            raise Unreadable("rows of another class")
        done = set(walked)
        clauses: list[Clause] = self.conditions(query, key, done, into=None)
        first, begun = self.begin(query, key)
        clauses = [*begun, *clauses, self.grouped_clause(grouped, Measure(path, grouped.aggregate))]
        clauses += self.walk_free(after)
        return self.finished(query, Program(first, tuple(clauses)))
