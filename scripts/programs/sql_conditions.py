"""The conditions of WHERE and ON as constraints on nodes."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sqlglot import exp

from kgqa.program import Aggregate, Comparator, Nodes, OwnValue, TextTest
from scripts.programs.query import (
    Compared,
    Matched,
    Member,
    Not,
    Query,
    Ranked,
    Unreadable,
)
from scripts.programs.sql_columns import Scope, SqlColumns
from scripts.programs.sql_text import (
    AGGREGATES,
    COMPARATORS,
    MIRRORED,
    Split,
    conjuncts,
    constant_text,
    disjuncts,
)

__all__ = ["SqlConditions"]


class SqlConditions(SqlColumns, ABC):
    """Reads conditions."""

    @abstractmethod
    def query(self, tree: exp.Expr) -> Query:
        """The query of a SELECT, or of several that are combined."""

    # Conditions ------------------------------------------------------------------------------------

    def condition(self, scope: Scope, tree: exp.Expr) -> None:
        while isinstance(tree, exp.Paren):
            tree = tree.this
        negated = False
        while isinstance(tree, exp.Not):
            tree, negated = tree.this, not negated
            while isinstance(tree, exp.Paren):
                tree = tree.this
        negated ^= bool(tree.args.get("negate"))
        if isinstance(tree, exp.And) and not negated:
            for own in conjuncts(tree):
                self.condition(scope, own)
            return
        if isinstance(tree, exp.Or):
            self.either(scope, tree, negated)
        elif isinstance(tree, exp.In):
            self.one_of(scope, tree, negated)
        elif isinstance(tree, exp.Between):
            self.between(scope, tree, negated)
        elif isinstance(tree, exp.Like):
            self.like(scope, tree, negated)
        elif isinstance(tree, (exp.EQ, exp.NEQ, exp.GT, exp.LT, exp.GTE, exp.LTE)):
            self.comparison(scope, tree, negated)
        elif isinstance(tree, exp.Exists):
            raise Unreadable("EXISTS")
        elif isinstance(tree, exp.Is):
            raise Unreadable("IS NULL")
        else:
            raise Unreadable(f"SQL {type(tree).__name__}")

    def comparison(self, scope: Scope, tree: exp.Expr, negated: bool) -> None:
        kind: type[exp.Expr] = type(tree)
        left, right = tree.this, tree.expression
        if constant_text(left) is not None and constant_text(right) is None:
            left, right, kind = right, left, MIRRORED[kind]
        while isinstance(right, exp.Paren):
            right = right.this
        if isinstance(right, (exp.Subquery, exp.Select)):
            self.with_query(
                scope, kind, left, right.this if isinstance(right, exp.Subquery) else right, negated
            )
            return
        if not isinstance(left, exp.Column):
            raise Unreadable("arithmetic")
        constant = constant_text(right)
        if constant is None:
            if isinstance(right, exp.Column) and kind is exp.EQ and not negated:
                self.joined(scope, left, right)
                return
            raise Unreadable("a comparison of two columns")
        negated ^= kind is exp.NEQ
        if kind in (exp.EQ, exp.NEQ):
            self.equal(scope, left, [constant], negated)
            return
        at = self.column(scope, left)
        if self.majors and kind is exp.GT and constant in ("150000", "750"):
            self.major(scope, left)
            return
        value = self.value(scope, at, constant)
        scope.query.nodes[at].constraints.append(Compared(COMPARATORS[kind], value, None, negated))

    def major(self, scope: Scope, column: exp.Column) -> None:
        """The convention of GeoQuery: its bounds say what is a major city, river or lake."""
        _, places = scope.tables[self.alias_of(scope, column)]
        node = scope.query.nodes[places[0]]
        node.classes = self.world.classes[f"major {self.world.label(node.classes[0])}"]

    def equal(self, scope: Scope, column: exp.Column, constants: list[str], negated: bool) -> None:
        """A column has one of some constants."""
        at = self.column(scope, column, constants[0])
        query = scope.query
        node = query.nodes[at]
        groups: list[Nodes] = []
        kind = self.kind(query, at)
        for constant in constants:
            nodes = self.nodes_of(scope, column, at, constant)
            if nodes:
                groups.append(nodes)
                continue
            value = self.world.constant(constant, kind)
            if value is None or len(constants) > 1:
                raise Unreadable("a constant that the graph has not")
            node.constraints.append(Compared(Comparator.EQUALS, value, None, negated))
        if not groups:
            return
        if negated:
            node.constraints += [Not(nodes) for nodes in groups]
        elif node.names and node.names != groups:
            raise Unreadable("two names for one node")
        else:
            node.names = groups

    def either(self, scope: Scope, tree: exp.Or, negated: bool) -> None:
        """`a = 1 OR a = 2` names alternatives; other alternatives are combined sets."""
        parts = disjuncts(tree)
        columns, constants = set(), []
        for part in parts:
            while isinstance(part, exp.Paren):
                part = part.this
            if not isinstance(part, exp.EQ) or not isinstance(part.this, exp.Column):
                break
            constant = constant_text(part.expression)
            if constant is None:
                break
            columns.add(part.this.sql().lower())
            constants.append(constant)
        else:
            first = parts[0].find(exp.Column)
            if len(columns) == 1 and first is not None:
                self.equal(scope, first, constants, negated)
                return
        if negated:
            raise Unreadable("a negated OR")
        raise Split(parts)

    def one_of(self, scope: Scope, tree: exp.In, negated: bool) -> None:
        inner = tree.args.get("query")
        if not isinstance(tree.this, exp.Column):
            raise Unreadable("arithmetic")
        if inner is None:
            constants = [constant_text(own) for own in tree.expressions]
            if None in constants or not constants:
                raise Unreadable("IN over columns")
            self.equal(scope, tree.this, [own for own in constants if own is not None], negated)
            return
        self.member(scope, tree.this, inner, negated)

    def member(self, scope: Scope, column: exp.Column, inner: exp.Expr, negated: bool) -> None:
        """A column is in a subquery: its target is the same node."""
        found = self.query(inner)
        at = self.column_for(scope, column, found)
        self.attach(scope, at, found, negated)

    def column_for(self, scope: Scope, column: exp.Column, found: Query) -> int:
        """The node of a column that is compared with the target of a query: of the same class."""
        alias = self.alias_of(scope, column)
        key = (alias, column.name.lower())
        if key in scope.columns:
            return scope.columns[key]
        target = found.nodes[found.target]
        wanted = set(target.classes)
        fields = self.options_joined(scope, alias, column.name)
        fitting = [own for own in fields if (own.classes & wanted if wanted else not own.entity)]
        if not fitting:
            raise Unreadable("a subquery over another class")
        field = fitting[self.choices.pick(f"{alias}.{column.name.lower()}", len(fitting))]
        return self.node(scope, alias, key, field)

    def attach(self, scope: Scope, at: int, found: Query, negated: bool) -> None:
        query = scope.query
        plain = not (found.aggregated or found.ranked or found.grouped or found.combined)
        if negated or not plain:
            if found.aggregated is not None:
                raise Unreadable("a name compared with a number")
            query.nodes[at].constraints.append(Member(found, negated))
            return
        offset = len(query.nodes)
        query.nodes += found.nodes
        query.edges += [(head + offset, step, tail + offset) for head, step, tail in found.edges]
        self.merge(scope, at, found.target + offset)

    def with_query(
        self,
        scope: Scope,
        kind: type[exp.Expr],
        left: exp.Expr,
        inner: exp.Expr,
        negated: bool,
    ) -> None:
        """A column compared with the value of a subquery."""
        if not isinstance(left, exp.Column):
            raise Unreadable("arithmetic")
        only = inner.expressions[0] if isinstance(inner, exp.Select) and len(inner.expressions) == 1 else None
        aggregate = AGGREGATES.get(type(only)) if only is not None else None
        if kind is exp.EQ and aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST) and only is not None:
            self.extreme(scope, left, inner, only, aggregate is Aggregate.LOWEST, negated)
            return
        if kind in (exp.EQ, exp.NEQ) and aggregate is None:
            self.member(scope, left, inner, negated or kind is exp.NEQ)
            return
        at = self.column(scope, left)
        if kind not in COMPARATORS or only is None:
            raise Unreadable("a comparison with a query")
        node = scope.query.nodes[at]
        if aggregate is Aggregate.AVERAGE and not inner.args.get("where") and not inner.args.get("joins"):
            node.constraints.append(Compared(COMPARATORS[kind], None, None, negated))
            return
        if aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST, None):
            column = only if aggregate is None else only.this
            while isinstance(column, (exp.Distinct, exp.Paren)):
                column = column.expressions[0] if isinstance(column, exp.Distinct) else column.this
            owner = self.owner_named(inner, column)
            if owner is not None and not negated:
                node.constraints.append(Compared(COMPARATORS[kind], OwnValue(owner)))
                return
        raise Unreadable("a comparison with the value of another query")

    def owner_named(self, inner: exp.Expr, column: exp.Expr) -> Nodes | None:
        """The entity whose value a subquery gives: `SELECT length FROM river WHERE river_name = 'red'`."""
        copy = inner.copy()
        copy.set("expressions", [column.copy()])
        for name in ("order", "limit"):
            if copy.args.get(name) is not None:
                return None
        found = self.query(copy)
        owners = [head for head, _, tail in found.edges if tail == found.target]
        named = [at for at, node in enumerate(found.nodes) if node.names]
        if (
            len(owners) == 1
            and named == owners
            and len(found.nodes[owners[0]].names) == 1
            and len(found.edges) == 1
        ):
            return found.nodes[owners[0]].names[0]
        return None

    def extreme(
        self,
        scope: Scope,
        left: exp.Column,
        inner: exp.Expr,
        only: exp.Expr,
        least: bool,
        negated: bool,
    ) -> None:
        """`x.a = (SELECT MAX(y.a) FROM ...)`: the row is one of the winners of the inner query."""
        if negated:
            raise Unreadable("a negated superlative")
        copy = inner.copy()
        column = only.this
        while isinstance(column, (exp.Distinct, exp.Paren)):
            column = column.expressions[0] if isinstance(column, exp.Distinct) else column.this
        if not isinstance(column, exp.Column):
            raise Unreadable("arithmetic")
        copy.set("expressions", [column.copy()])
        found = self.query(copy)
        alias = self.alias_of(scope, left)
        _, places = scope.tables[alias]
        owners = [head for head, _, tail in found.edges if tail == found.target]
        if not owners or found.nodes[found.target].row:
            raise Unreadable("a superlative of names")
        found.ranked = Ranked(found.target, least)
        found.target = owners[0]
        scope.query.nodes[places[0]].constraints.append(Member(found))

    def between(self, scope: Scope, tree: exp.Between, negated: bool) -> None:
        low, high = constant_text(tree.args["low"]), constant_text(tree.args["high"])
        if low is None or high is None or not isinstance(tree.this, exp.Column):
            raise Unreadable("BETWEEN over columns")
        at = self.column(scope, tree.this)
        bounds = self.value(scope, at, low), self.value(scope, at, high)
        scope.query.nodes[at].constraints.append(Compared(Comparator.AT_LEAST, *bounds, negated))

    def like(self, scope: Scope, tree: exp.Like, negated: bool) -> None:
        pattern = constant_text(tree.expression)
        if pattern is None or not isinstance(tree.this, exp.Column):
            raise Unreadable("LIKE over columns")
        inner = pattern.strip("%")
        if "%" in inner or "_" in inner:
            raise Unreadable("a LIKE pattern")
        if pattern.startswith("%") and pattern.endswith("%"):
            test = TextTest.CONTAINS
        elif pattern.startswith("%"):
            test = TextTest.ENDS
        elif pattern.endswith("%"):
            test = TextTest.STARTS
        else:
            self.equal(scope, tree.this, [inner], negated)
            return
        at = self.column(scope, tree.this)
        scope.query.nodes[at].constraints.append(Matched(test, inner, negated))
