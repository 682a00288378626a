"""Constraints that can be joined."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from kgqa.constraint.filter import Filter
from kgqa.constraint.protocol import Constraint

if TYPE_CHECKING:
    from kgqa.constraint.both import Both
    from kgqa.constraint.filtered import Filtered

__all__ = ["Composable"]


class Composable(Constraint):
    """A `Constraint` that takes `&`: with a filter (`Filtered`) or another constraint (`Both`)."""

    @overload
    def __and__(self, other: Filter) -> Filtered: ...

    @overload
    def __and__(self, other: Constraint) -> Both: ...

    def __and__(self, other: Constraint | Filter) -> Both | Filtered:
        from kgqa.constraint.both import Both  # they are composable themselves
        from kgqa.constraint.filtered import Filtered

        if isinstance(other, Filter):
            return Filtered(self, other)
        return Both(self, other)
