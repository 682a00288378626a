"""Queries of SQL: what `sqlglot` parses, as nodes and steps of the graph."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from kgqa.graph import ValueKind
from kgqa.program import Aggregate, Join
from scripts.programs.query import (
    Aggregated,
    Compared,
    Grouped,
    Node,
    Query,
    Ranked,
    Unreadable,
)
from scripts.programs.sql_columns import Scope
from scripts.programs.sql_conditions import SqlConditions
from scripts.programs.sql_text import (
    AGGREGATES,
    COMPARATORS,
    Split,
    conjuncts,
    constant_text,
    disjuncts,
    is_join,
    plain_sql,
    repeated_within,
)

__all__ = ["SqlReader"]


class SqlReader(SqlConditions):
    """Reads the gold SQL of one question."""

    def read(self, sql: str) -> Query:
        try:
            tree = sqlglot.parse_one(sql.strip().rstrip(";"), dialect="sqlite")
        except sqlglot.errors.SqlglotError as error:
            raise Unreadable("SQL that cannot be parsed") from error
        return self.query(tree)

    def query(self, tree: exp.Expr) -> Query:
        if isinstance(tree, (exp.Subquery, exp.Paren)):
            return self.query(tree.this)
        for kind, join in ((exp.Union, Join.OR), (exp.Intersect, Join.AND), (exp.Except, Join.BUT_NOT)):
            if isinstance(tree, kind):
                left, right = self.query(tree.left), self.query(tree.right)
                if left.aggregated or right.aggregated:
                    raise Unreadable("a set operation over numbers")
                left.combined.append((join, right))
                return left
        if not isinstance(tree, exp.Select):
            raise Unreadable(f"SQL {type(tree).__name__}")
        try:
            return self.select(tree)
        except Split as split:
            return self.parts(tree, split)

    def parts(self, tree: exp.Select, split: Split) -> Query:
        """One query for each part of an OR over different columns, combined."""
        queries = []
        for part in split.parts:
            copy = tree.copy()
            whole = next(own for own in copy.args["where"].find_all(exp.Or) if disjuncts(own) == split.parts)
            whole.replace(part.copy())
            queries.append(self.query(copy))
        first = queries[0]
        if first.ranked or first.grouped:
            raise Unreadable("an OR under an order or groups")
        first.combined += [(Join.OR, other) for other in queries[1:]]
        return first

    # One SELECT ------------------------------------------------------------------------------------

    def select(self, tree: exp.Select) -> Query:
        query = Query()
        scope = Scope(query)
        sources = [tree.args.get("from") or tree.args.get("from_")]
        joins = tree.args.get("joins") or []
        counted = self.count_of_query(tree, sources[0], joins)
        if counted is not None:
            return counted
        maximal = self.maximal_of_derived(tree, sources[0])
        if maximal is not None:
            return maximal
        conditions: list[exp.Expr] = []
        for source in [own.this for own in sources if own is not None] + [join.this for join in joins]:
            self.source(scope, source)
        for join in joins:
            if join.args.get("on") is not None:
                conditions += conjuncts(join.args["on"])
            if join.args.get("using"):
                raise Unreadable("JOIN USING")
        where = tree.args.get("where")
        if where is not None:
            conditions += conjuncts(where.this)
        repeated = repeated_within(tree, conditions)
        conditions = [own for own in conditions if plain_sql(own, tree) not in repeated]
        # joins first, so that constraints find merged nodes
        conditions.sort(key=lambda own: not is_join(own))
        for condition in conditions:
            self.condition(scope, condition)
        group = tree.args.get("group")
        order = tree.args.get("order")
        having = tree.args.get("having")
        limit = tree.args.get("limit")
        if len(tree.expressions) != 1:
            raise Unreadable("several columns")
        self.selected(scope, tree.expressions[0])
        if group is not None:
            self.groups(scope, group, order, having, limit, tree.args.get("offset"))
        elif order is not None and limit is not None:
            self.ordered(scope, order, limit, tree.args.get("offset"))
        elif limit is not None:
            raise Unreadable("a LIMIT without an order")
        elif having is not None:
            raise Unreadable("HAVING without GROUP BY")
        self.canonical_joins(query)
        return query

    def source(self, scope: Scope, source: exp.Expr) -> None:
        if isinstance(source, exp.Subquery):
            raise Unreadable("a derived table")
        if not isinstance(source, exp.Table):
            raise Unreadable(f"SQL {type(source).__name__}")
        table = self.schema.table(source.name)
        alias = (source.alias or source.name).lower()
        query = scope.query
        if table.edge is not None:
            head = query.add(Node(table.ends[0], row=True))
            tail = query.add(Node(table.ends[1], row=True))
            query.edges.append((head, table.edge, tail))
            places: tuple[int, ...] = (head, tail)
        else:
            places = (query.add(Node(table.classes, row=True)),)
        scope.tables[alias] = (table, places)

    def count_of_query(
        self, tree: exp.Select, source: exp.Expr | None, joins: list[exp.Expr]
    ) -> Query | None:
        """`SELECT count(*) FROM (SELECT ...)`."""
        if source is None or joins or not isinstance(source.this, exp.Subquery) or tree.args.get("where"):
            return None
        only = tree.expressions[0]
        if len(tree.expressions) != 1 or not isinstance(only, exp.Count):
            return None
        inner = self.query(source.this)
        if inner.aggregated is not None:
            return None
        inner.aggregated = Aggregated(Aggregate.COUNT, inner.target, True)
        return inner

    def maximal_of_derived(self, tree: exp.Select, source: exp.Expr | None) -> Query | None:
        """`SELECT key FROM (SELECT key, COUNT(1) n ... GROUP BY key) WHERE n = (SELECT MAX(n) FROM ...)`."""
        where = tree.args.get("where")
        if source is None or where is None or not isinstance(source.this, exp.Subquery):
            return None
        inner = source.this.this
        if not isinstance(inner, exp.Select) or inner.args.get("group") is None:
            return None
        counts = [own.unalias() for own in inner.expressions if isinstance(own.unalias(), exp.Count)]
        keys = [own for own in inner.expressions if isinstance(own, exp.Column)]
        extreme = next(iter(where.find_all(exp.Max, exp.Min)), None)
        if len(counts) != 1 or len(keys) != 1 or extreme is None:
            return None
        copy = inner.copy()
        copy.set("expressions", [keys[0].copy()])
        query = self.select(copy)
        if query.grouped is None:
            query.grouped = Grouped(query.target, Aggregate.COUNT, None)
        own = query.grouped
        ranked = Ranked(-1, isinstance(extreme, exp.Min))
        query.grouped = Grouped(own.key, Aggregate.COUNT, None, ranked)
        return query

    # What is asked ---------------------------------------------------------------------------------

    def selected(self, scope: Scope, tree: exp.Expr) -> None:
        query = scope.query
        tree = tree.unalias()
        distinct = False
        if isinstance(tree, exp.Column):
            query.target = self.column(scope, tree)
            return
        aggregate = AGGREGATES.get(type(tree))
        if isinstance(tree, exp.Star):
            query.target = next(iter(scope.tables.values()))[1][0]
            return
        if aggregate is None:
            raise Unreadable("arithmetic" if isinstance(tree, exp.Binary) else f"SQL {type(tree).__name__}")
        inner = tree.this
        if isinstance(inner, exp.Distinct):
            inner, distinct = inner.expressions[0], True
        of = self.aggregated_column(scope, inner)
        query.aggregated = Aggregated(aggregate, of, distinct)
        query.target = of if of is not None else next(iter(scope.tables.values()))[1][0]

    def aggregated_column(self, scope: Scope, inner: exp.Expr) -> int | None:
        while isinstance(inner, exp.Paren):
            inner = inner.this
        if isinstance(inner, (exp.Star, exp.Literal)):
            return None
        if not isinstance(inner, exp.Column):
            raise Unreadable("arithmetic")
        return self.column(scope, inner)

    def ordered(self, scope: Scope, order: exp.Order, limit: exp.Expr, offset: exp.Expr | None) -> None:
        by = order.expressions[0]
        if not isinstance(by.this, exp.Column):
            raise Unreadable("an order by an aggregate without groups")
        at = self.column(scope, by.this)
        scope.query.ranked = self.ranked(at, by, limit, offset)

    def ranked(self, at: int, by: exp.Expr, limit: exp.Expr, offset: exp.Expr | None) -> Ranked:
        count = int(limit.expression.this)
        skipped = int(offset.expression.this) if offset is not None else 0
        return Ranked(at, not by.args.get("desc"), 1 + skipped, count)

    def groups(
        self,
        scope: Scope,
        group: exp.Group,
        order: exp.Order | None,
        having: exp.Having | None,
        limit: exp.Expr | None,
        offset: exp.Expr | None,
    ) -> None:
        query = scope.query
        if query.aggregated is not None:
            raise Unreadable("a table of groups")
        columns = group.expressions
        if len(columns) != 1 or not isinstance(columns[0], exp.Column):
            raise Unreadable("groups by several columns")
        key = self.key_of(scope, columns[0])
        if query.nodes[key].row:
            self.row_columns(scope, key)
        if having is None and (order is None or limit is None):
            return  # only distinct
        if having is not None and order is not None and limit is not None:
            raise Unreadable("groups kept and ranked")
        if having is not None:
            self.having(scope, key, having)
            return
        assert order is not None
        assert limit is not None
        by = order.expressions[0]
        tree = by.this
        aggregate = AGGREGATES.get(type(tree))
        if aggregate is None:
            if not isinstance(tree, exp.Column):
                raise Unreadable("arithmetic")
            at = self.column(scope, tree)
            query.ranked = self.ranked(at, by, limit, offset)
            return
        inner = tree.this.expressions[0] if isinstance(tree.this, exp.Distinct) else tree.this
        of = self.aggregated_column(scope, inner)
        if aggregate is Aggregate.COUNT and not isinstance(tree.this, exp.Distinct):
            of = None
        query.grouped = Grouped(key, aggregate, of, self.ranked(-1, by, limit, offset))

    def row_columns(self, scope: Scope, key: int) -> None:
        """The many-valued column of a table whose rows are grouped by their entity."""
        for table, places in list(scope.tables.values()):
            name = self.schema.repeated(table)
            if name is not None and places[0] == key and table.edge is None:
                self.column(scope, exp.column(name))

    def key_of(self, scope: Scope, column: exp.Column) -> int:
        """What is grouped by. An id of the row itself stands for the row."""
        alias = self.alias_of(scope, column)
        key = (alias, column.name.lower())
        if key in scope.columns:
            return scope.columns[key]
        return self.column(scope, column)

    def having(self, scope: Scope, key: int, having: exp.Having) -> None:
        tree = having.this
        query = scope.query
        kind = type(tree)
        if kind not in COMPARATORS or type(tree.this) not in AGGREGATES:
            raise Unreadable("a HAVING with several conditions")
        aggregate = AGGREGATES[type(tree.this)]
        inner = tree.this.this
        distinct = isinstance(inner, exp.Distinct)
        inner = inner.expressions[0] if isinstance(inner, exp.Distinct) else inner
        of = self.aggregated_column(scope, inner)
        if aggregate is Aggregate.COUNT and not distinct:
            of = None
        other = tree.expression
        while isinstance(other, (exp.Paren, exp.Subquery)):
            other = other.this
        if isinstance(other, exp.Select) and kind is exp.EQ:
            extreme = other.expressions[0]
            if isinstance(extreme, (exp.Max, exp.Min)):
                ranked = Ranked(-1, isinstance(extreme, exp.Min))
                query.grouped = Grouped(key, aggregate, of, ranked)
                return
        constant = constant_text(other)
        if constant is None:
            raise Unreadable("a HAVING with a query")
        value = self.world.constant(constant, ValueKind.NUMBER)
        query.grouped = Grouped(key, aggregate, of, None, Compared(COMPARATORS[kind], value))

    # Tidying ---------------------------------------------------------------------------------------

    def canonical_joins(self, query: Query) -> None:
        """Drop the edges that close a circle: CITY.STATE_NAME = STATE.STATE_NAME beside STATE.CAPITAL."""
        parent = list(range(len(query.nodes)))

        def root(at: int) -> int:
            while parent[at] != at:
                at = parent[at]
            return at

        kept = []
        for edge in query.edges:
            one, two = root(edge[0]), root(edge[2])
            if one != two:
                parent[one] = two
                kept.append(edge)
        query.edges = kept
