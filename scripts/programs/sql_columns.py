"""The columns of one SELECT as nodes: which field of the graph each is, and what joins make one."""

from __future__ import annotations

from sqlglot import exp

from kgqa.graph import Value, ValueKind, fold_name
from kgqa.program import Nodes, Step
from scripts.programs.query import (
    Node,
    Query,
    Unreadable,
)
from scripts.programs.sql_schema import Field, GeographySchema, Schema, Table
from scripts.programs.world import World

__all__ = ["Choices", "Scope", "SqlColumns"]


class Choices:
    """Which of several readings of each column is taken."""

    def __init__(self, taken: dict[str, int] | None = None) -> None:
        self.taken = taken or {}
        self.open: dict[str, int] = {}

    def pick(self, key: str, options: int) -> int:
        self.open.setdefault(key, options)
        return min(self.taken.get(key, 0), options - 1)


class Scope:
    """The tables of one SELECT."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self.tables: dict[str, tuple[Table, tuple[int, ...]]] = {}
        self.columns: dict[tuple[str, str], int] = {}
        self.derived: dict[str, Query] = {}


class SqlColumns:
    """Finds the nodes of columns."""

    def __init__(self, world: World, schema: Schema, choices: Choices, majors: bool = False) -> None:
        self.world = world
        self.schema = schema
        self.choices = choices
        self.majors = majors
        self.strict = not isinstance(schema, GeographySchema)

    # Columns ---------------------------------------------------------------------------------------

    def column(self, scope: Scope, column: exp.Column, constant: str | None = None) -> int:
        """The node of a column; `constant`, if given, is a name or number that it should have."""
        alias = self.alias_of(scope, column)
        key = (alias, column.name.lower())
        if key in scope.columns:
            return scope.columns[key]
        fields = self.options(scope, alias, column.name)
        if constant is not None:
            fields = sorted(fields, key=lambda own: -own.score - 0.6 * self.fits(scope, alias, own, constant))
        if not fields:
            raise Unreadable("a column that is no relation of the graph")
        field = fields[self.choices.pick(f"{alias}.{column.name.lower()}", len(fields))]
        return self.node(scope, alias, key, field)

    def node(self, scope: Scope, alias: str, key: tuple[str, str], field: Field) -> int:
        table, places = scope.tables[alias]
        if field.end >= 0:
            at = places[field.end]
        elif field.step is None:
            at = places[0]
        else:
            classes = field.classes or self.world.target_classes(table.classes, field.step)
            at = self.beyond(scope.query, places[0], field.step, classes)
            if field.key is not None:
                at = self.beyond(scope.query, at, field.key, frozenset())
        scope.columns[key] = at
        return at

    def beyond(self, query: Query, place: int, step: Step, classes: frozenset[str]) -> int:
        """The node at the end of a step, new or known."""
        for head, own, tail in query.edges:
            if head == place and own == step:
                return tail
        at = query.add(
            Node(tuple(classes) if len(classes) == 1 else (), value=not classes, row=bool(classes))
        )
        query.edges.append((place, step, at))
        return at

    def alias_of(self, scope: Scope, column: exp.Column) -> str:
        if column.table:
            alias = column.table.lower()
            if alias not in scope.tables:
                raise Unreadable("a correlated subquery")
            return alias
        best, score = "", 0.0
        for alias in scope.tables:
            for own in self.options(scope, alias, column.name)[:1]:
                if own.score > score + 1e-6:
                    best, score = alias, own.score
        if not best:
            raise Unreadable("a column that is no relation of the graph")
        return best

    def options(self, scope: Scope, alias: str, name: str) -> list[Field]:
        return self.schema.fields(scope.tables[alias][0], name)

    def fits(self, scope: Scope, alias: str, field: Field, constant: str) -> float:
        """Whether a field has a value."""
        return float(bool(self.values(scope.tables[alias][0], field, constant)))

    def values(self, table: Table, field: Field, constant: str) -> Nodes:
        """The nodes with a name that a field has."""
        found = self.world.by_name.get(fold_name(self.schema.nodes(table, constant)), [])
        if not found:
            return ()
        if field.key is not None and field.step is not None:
            ends = set(
                self.world.reached(
                    tuple(self.world.target_classes(table.classes, field.step)), field.key
                ).tolist()
            )
            return tuple(self.world.graph.entity(node) for node in found if node in ends)
        if field.end >= 0:
            ends = set(self.world.instances(table.ends[field.end]).tolist())
        elif field.step is None:
            ends = set(self.world.instances(table.classes).tolist())
        else:
            ends = set(self.world.reached(table.classes, field.step).tolist())
            if self.strict is False and not ends.intersection(found):
                classes = self.world.target_classes(table.classes, field.step)
                ends = {node for own in classes for node in self.world.instances((own,)).tolist()}
        return tuple(self.world.graph.entity(node) for node in found if node in ends)

    def joined(self, scope: Scope, left: exp.Column, right: exp.Column) -> None:
        """Two columns are equal: the pair of fields that fit each other best."""
        one, two = self.alias_of(scope, left), self.alias_of(scope, right)
        keys = ((one, left.name.lower()), (two, right.name.lower()))
        pairs = []
        for first in self.options_joined(scope, one, left.name, scope.tables[two][0]):
            for second in self.options_joined(scope, two, right.name, scope.tables[one][0]):
                if first.entity and second.entity and first.classes & second.classes:
                    pairs.append((1.0 + first.score + second.score, first, second))
                elif not first.entity and not second.entity:
                    pairs.append((first.score + second.score - 0.3, first, second))
        if not pairs:
            raise Unreadable("a join that is no relation of the graph")
        pairs.sort(key=lambda pair: -pair[0])
        picked = pairs[self.choices.pick("=".join(map(".".join, keys)), min(len(pairs), 3))]
        ends = [self.node(scope, key[0], key, own) for key, own in zip(keys, picked[1:], strict=True)]
        if ends[0] != ends[1]:
            self.merge(scope, ends[0], ends[1])

    def options_joined(self, scope: Scope, alias: str, name: str, other: Table | None = None) -> list[Field]:
        """What a column may be in a join: also the row itself, and any relation to the other table."""
        table = scope.tables[alias][0]
        found = [own for own in self.options(scope, alias, name) if own.key is None]
        if table.edge is not None:
            return found
        if not any(own.step is None for own in found):
            found.append(Field(None, 0.45, frozenset(table.classes)))
        wanted = set(other.classes if other is not None else ()) | {
            own for end in (other.ends if other is not None else ()) for own in end
        }
        for step in self.world.steps_of(table.classes):
            targets = self.world.target_classes(table.classes, step)
            if not step.inverse and targets & wanted and not any(own.step == step for own in found):
                found.append(Field(step, 0.3, targets))
        return found

    def merge(self, scope: Scope, kept: int, gone: int) -> None:
        scope.query.merge(kept, gone)

        def renamed(at: int) -> int:
            return kept if at == gone else at

        scope.columns = {key: renamed(at) for key, at in scope.columns.items()}
        scope.tables = {
            alias: (table, tuple(renamed(at) for at in places))
            for alias, (table, places) in scope.tables.items()
        }

    def value(self, scope: Scope, at: int, constant: str) -> Value:
        """A constant as the values of a node are read."""
        kind = self.kind(scope.query, at)
        value = self.world.constant(constant, kind)
        if value is None:
            raise Unreadable("a comparison of texts")
        return value

    def kind(self, query: Query, at: int) -> ValueKind:
        for _head, step, tail in query.edges:
            if tail == at and not step.inverse:
                return self.world.kind(step.relation)
        return ValueKind.NONE

    def nodes_of(self, scope: Scope, column: exp.Column, at: int, constant: str) -> Nodes:
        query = scope.query
        alias = self.alias_of(scope, column)
        table = scope.tables[alias][0]
        places = scope.tables[alias][1]
        if at in places:
            field = Field(None, 1.0, end=places.index(at) if table.edge is not None else -1)
            return self.values(table, field, constant)
        for head, step, tail in query.edges:
            if tail == at and head == places[0]:
                return self.values(table, Field(step, 1.0), constant)
        for head, step, tail in query.edges:
            for before, first, middle in query.edges:
                if tail == at and middle == head and before == places[0]:
                    return self.values(table, Field(first, 1.0, key=step), constant)
        return ()
