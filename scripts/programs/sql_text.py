"""Small readings of SQL trees: conjuncts, constants, conditions that are repeated."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from kgqa.program import Aggregate, Comparator
from scripts.programs.query import (
    Query,
)

__all__ = [
    "AGGREGATES",
    "COMPARATORS",
    "MIRRORED",
    "Split",
    "conjuncts",
    "constant_text",
    "disjuncts",
    "is_join",
    "plain_sql",
    "repeated_within",
]


COMPARATORS: dict[type[exp.Expr], Comparator] = {
    exp.GT: Comparator.ABOVE,
    exp.LT: Comparator.BELOW,
    exp.GTE: Comparator.AT_LEAST,
    exp.LTE: Comparator.AT_MOST,
    exp.EQ: Comparator.EQUALS,
}
MIRRORED: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.GT: exp.LT,
    exp.LT: exp.GT,
    exp.GTE: exp.LTE,
    exp.LTE: exp.GTE,
    exp.EQ: exp.EQ,
    exp.NEQ: exp.NEQ,
}
AGGREGATES: dict[type[exp.Expr], Aggregate] = {
    exp.Count: Aggregate.COUNT,
    exp.Sum: Aggregate.TOTAL,
    exp.Avg: Aggregate.AVERAGE,
    exp.Max: Aggregate.HIGHEST,
    exp.Min: Aggregate.LOWEST,
}


class Split(Exception):
    """A WHERE with OR over different columns: one query for each part."""

    def __init__(self, parts: list[exp.Expr]) -> None:
        super().__init__("OR over different columns")
        self.parts = parts


def conjuncts(tree: exp.Expr) -> list[exp.Expr]:
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, exp.And):
        return [*conjuncts(tree.left), *conjuncts(tree.right)]
    return [tree]


def disjuncts(tree: exp.Expr) -> list[exp.Expr]:
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, exp.Or):
        return [*disjuncts(tree.left), *disjuncts(tree.right)]
    return [tree]


def plain_sql(condition: exp.Expr, tree: exp.Expr) -> str:
    """The text of a condition with the names of tables for their aliases."""
    tables = {
        (table.alias or table.name).lower(): table.name.lower() for table in tree.root().find_all(exp.Table)
    }
    copy = condition.copy()
    for column in [copy] if isinstance(copy, exp.Column) else list(copy.find_all(exp.Column)):
        if column.table:
            column.set("table", exp.to_identifier(tables.get(column.table.lower(), column.table.lower())))
    for table in copy.find_all(exp.Table):
        table.set("alias", None)
    return copy.sql().lower()


def repeated_within(tree: exp.Select, conditions: list[exp.Expr]) -> set[str]:
    """The conditions of superlatives' inner queries: outside they say nothing more.

    `x.a = (SELECT MAX(y.a) ... WHERE c) AND c` is the winner among those with c.
    """
    found: set[str] = set()
    for condition in conditions:
        inner = condition.expression if isinstance(condition, exp.EQ) else None
        inner = inner.this if isinstance(inner, exp.Subquery) else inner
        if not isinstance(inner, exp.Select) or not isinstance(inner.expressions[0], (exp.Max, exp.Min)):
            continue
        where = inner.args.get("where")
        if where is not None:
            found |= {plain_sql(own, tree) for own in conjuncts(where.this)}
    return found


def is_join(tree: exp.Expr) -> bool:
    return (
        isinstance(tree, exp.EQ)
        and isinstance(tree.this, exp.Column)
        and isinstance(tree.expression, exp.Column)
        and not tree.expression.this.args.get("quoted")
    )


Reading = Callable[[str], Query]


def constant_text(tree: exp.Expr) -> str | None:
    """The text of a constant: a literal, or a quoted name that is no column."""
    while isinstance(tree, exp.Paren):
        tree = tree.this
    if isinstance(tree, exp.Literal):
        return str(tree.this)
    if isinstance(tree, exp.Neg) and isinstance(tree.this, exp.Literal):
        return f"-{tree.this.this}"
    if isinstance(tree, exp.Boolean):
        return str(tree.this).lower()
    if isinstance(tree, exp.Column) and not tree.table and tree.this.args.get("quoted"):
        return str(tree.name)
    return None
